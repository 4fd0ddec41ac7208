/**
 * The pricing department: keeps the base prices of fuel and of readings, and once an epoch moves each towards the utilisation that the region
 * aims at, inside the band that owners' floors allow (next-price.ts, median-floor.ts). Every change is in the public log.
 * Pure: it sees devices at ticks, and payments in what the other departments say in the log.
 */
import type { DeviceId, LogEntry, PriceEntry } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Now } from '../jobs/jobs.ts'
import type { Loads } from '../scheduling/index.ts'
import type { FloorRow, PriceRow, Store } from '../store/rows.ts'
import { Activity, type DeviceActivity, type SensorMoment } from './activity.ts'
import { type Asking, assess, type Seen, type Situation, type Supply } from './assess.ts'
import { Floors } from './floors.ts'
import { type LastCheck, stillCounts } from './last-check.ts'
import { AT_REST, type Momentum, nextPrice } from './next-price.ts'
import type { Floor, PriceBook } from './price-book.ts'
import { type PriceChange, PriceHistory } from './price-history.ts'

/** The name of the price of 10^9 fuel; the others are named for their quantity. */
export const GIGAFUEL = 'gigafuel'
/** What a reading costs before demand has said anything: ten thousand of them a credit. */
export const READING_PRICE_START_MICRO = 100n
/** Devices are looked at this often and sensors, whose campaigns last longer, more rarely; at least twenty times in a short epoch. */
const SLOTS_SAMPLE_MS = 1_000
const SENSORS_SAMPLE_MS = 60_000
const SAMPLES_MIN = 20
/** The keys under which the store keeps what is no row of its own. */
const ACTIVITY_KEY = 'pricing-activity'
const HISTORY_KEY = 'pricing-history'
const CHECK_KEY = 'pricing-check'

export interface PricingPorts {
  readonly policy: Pick<
    RegionPolicy,
    'gigafuelPriceMicro' | 'epochMs' | 'targetUtilisation' | 'priceStepMax' | 'checkWindowMs' | 'checkShareMax'
  >
  readonly fleet: Pick<Fleet, 'all' | 'member'>
  readonly loads: Pick<Loads, 'of'>
  /** Sensors of connected devices, and whether each measures for a campaign. */
  sensors(): Iterable<SensorMoment>
}

/** Why a price stayed as it was, where the band and the aim do not say it. */
export type Held = 'off' | 'too_short' | 'nobody'

/** How one price was arrived at when the last epoch ended. */
export interface Assessment {
  readonly what: string
  readonly epoch: number
  readonly beforeMicro: bigint
  readonly afterMicro: bigint
  readonly situation: Situation
  readonly bound: 'ceiling' | 'ground' | null
  readonly held: Held | null
}

export interface PricingRows {
  readonly prices: Iterable<PriceRow>
  readonly floors: Iterable<FloorRow>
  readonly activity: string | null
  readonly history: string | null
  readonly check: string | null
}

export class Pricing implements PriceBook {
  private readonly ports: PricingPorts
  private readonly floors: Floors
  private readonly prices = new Map<string, bigint>()
  private readonly momentum = new Map<string, Momentum>()
  private readonly assessments = new Map<string, Assessment>()
  private readonly activity: Activity
  readonly history: PriceHistory
  private gigafuelMicro: bigint
  private epoch: number | null = null
  private check: LastCheck | null
  private wallMs = Number.POSITIVE_INFINITY
  /** A check is under way: what devices do for it says nothing about demand. */
  isChecking = false
  /** When slots and sensors were looked at last, and since when without a break; in monotonic time. */
  private slotsLookedMs = 0
  private sensorsLookedMs = 0
  private sinceMs = 0

  constructor(ports: PricingPorts, rows: PricingRows) {
    this.ports = ports
    this.floors = new Floors(rows.floors)
    for (const { what, priceMicro } of rows.prices) this.prices.set(what, priceMicro)
    this.gigafuelMicro = this.prices.get(GIGAFUEL) ?? ports.policy.gigafuelPriceMicro
    this.activity = Activity.fromText(rows.activity)
    this.history = PriceHistory.fromText(rows.history)
    this.check = rows.check === null ? null : (JSON.parse(rows.check) as LastCheck)
  }

  gigafuelPriceMicro(): bigint {
    return this.isOff ? this.ports.policy.gigafuelPriceMicro : this.gigafuelMicro
  }

  readingPriceMicro(quantity: string): bigint {
    return this.isOff ? READING_PRICE_START_MICRO : (this.prices.get(quantity) ?? READING_PRICE_START_MICRO)
  }

  gigafuelFloorMicro(device: DeviceId): bigint {
    return this.floors.of(device)?.gigafuelMicro ?? 0n
  }

  readingFloorMicro(device: DeviceId): bigint {
    return this.floors.of(device)?.readingMicro ?? 0n
  }

  /** Takes what a device asks from now on. Its number was not used before. */
  stateFloor(device: DeviceId, floor: Floor, seq: number, batch: Batch): void {
    this.floors.state(device, floor, seq, batch)
  }

  /** Quantities with a price that has moved, or with sensors there, in the order of names. */
  quantities(): string[] {
    const known = new Set([...this.prices.keys(), ...this.activity.quantities()])
    known.delete(GIGAFUEL)
    return [...known].sort()
  }

  /** How a price was arrived at; undefined before the first epoch since the start has ended. */
  assessment(what: string): Assessment | undefined {
    return this.assessments.get(what)
  }

  /** What a price would depend on if the epoch ended now. */
  situation(what: string): Situation {
    const seen = what === GIGAFUEL ? this.slotsSeen() : this.sensorsSeen(what)
    return assess(seen, this.startMicro(what), this.targetBasisPoints)
  }

  /** What a price was before demand had said anything; what a device counts as asking that asks nothing. */
  startMicro(what: string): bigint {
    return what === GIGAFUEL ? this.ports.policy.gigafuelPriceMicro : READING_PRICE_START_MICRO
  }

  /** A price by its name. */
  priceMicro(what: string): bigint {
    return what === GIGAFUEL ? this.gigafuelPriceMicro() : this.readingPriceMicro(what)
  }

  /** The epoch that runs; null before the first tick. */
  get currentEpoch(): number | null {
    return this.epoch
  }

  /** The newest check that counted; null before the first. */
  get lastCheck(): LastCheck | null {
    return this.check
  }

  /** Whether what devices did in checks still says what they can do. */
  get isChecked(): boolean {
    return stillCounts(this.check, this.wallMs, this.ports.policy)
  }

  /** What the region has seen of a device. */
  seenOf(device: DeviceId): Readonly<DeviceActivity> | undefined {
    return this.activity.of(device)
  }

  /**
   * Takes what a check has found.
   * @param fuelPerSecond - of those who answered, none of them wrongly
   */
  noteCheck(fuelPerSecond: ReadonlyMap<DeviceId, number>, now: Now, batch: Batch): void {
    this.activity.checked(fuelPerSecond)
    const epoch = Math.floor(now.wallMs / this.ports.policy.epochMs)
    this.check = { atMs: Math.round(now.wallMs), epoch, devices: fuelPerSecond.size }
    this.wallMs = now.wallMs
    batch.write({ table: 'meta', key: CHECK_KEY, value: JSON.stringify(this.check) })
    batch.write({ table: 'meta', key: ACTIVITY_KEY, value: this.activity.toText() })
  }

  /** Time passes: looks at who is at work, and moves prices when an epoch has ended. */
  tick(now: Now, batch: Batch): void {
    const { epochMs } = this.ports.policy
    const epoch = Math.floor(now.wallMs / epochMs)
    this.wallMs = now.wallMs
    if (this.epoch === null) {
      this.epoch = epoch
      this.slotsLookedMs = now.monotonicMs
      this.sensorsLookedMs = now.monotonicMs
      this.sinceMs = now.monotonicMs
      this.announce(epoch, now, batch)
      return
    }
    this.look(now.monotonicMs)
    if (epoch > this.epoch) this.close(epoch, now, batch)
  }

  /** Learns from what the batch says was paid. */
  flush({ entries }: Pick<Batch, 'entries'>): void {
    for (const entry of entries) if (entry.type === 'transfer' && entry.kind === 'pay') this.notePayment(entry)
  }

  private get isOff(): boolean {
    return this.ports.policy.priceStepMax === 0
  }

  private notePayment({ credit, basis }: Extract<LogEntry, { type: 'transfer' }>): void {
    if (basis === null) return
    const device = credit.slice(credit.indexOf(':') + 1) as DeviceId
    if (basis.kind === 'run') this.activity.paidFuel(device, basis.fuel)
    else this.activity.paidReadings(device, basis.readings)
  }

  private look(monotonicMs: number): void {
    const oftenMs = this.ports.policy.epochMs / SAMPLES_MIN
    const slotsMs = monotonicMs - this.slotsLookedMs
    if (slotsMs >= Math.min(SLOTS_SAMPLE_MS, oftenMs)) {
      if (!this.isChecking) this.lookAtSlots(slotsMs)
      this.slotsLookedMs = monotonicMs
    }
    const sensorsMs = monotonicMs - this.sensorsLookedMs
    if (sensorsMs >= Math.min(SENSORS_SAMPLE_MS, oftenMs)) {
      this.lookAtSensors(sensorsMs)
      this.sensorsLookedMs = monotonicMs
    }
  }

  private lookAtSlots(elapsedMs: number): void {
    const { fleet, loads } = this.ports
    const priceMicro = this.gigafuelPriceMicro()
    for (const { row, presence } of fleet.all()) {
      if (presence === null || row.standing !== 'joined') continue
      const leasesOut = loads.of(row.id).leases.size
      const slots = presence.creditLeases > 0 || leasesOut > 0 ? presence.slots : 0
      const isWilling = this.gigafuelFloorMicro(row.id) <= priceMicro
      this.activity.seeDevice({ device: row.id, slots, leasesOut, isWilling }, elapsedMs)
    }
  }

  private lookAtSensors(elapsedMs: number): void {
    for (const moment of this.ports.sensors()) {
      const isWilling = this.readingFloorMicro(moment.device) <= this.readingPriceMicro(moment.quantity)
      this.activity.seeSensor(moment, isWilling, elapsedMs)
    }
  }

  /** The first prices there are, and a change of the policy where prices do not move, are said at once. */
  private announce(epoch: number, now: Now, batch: Batch): void {
    const said = this.prices.get(GIGAFUEL)
    const inForce = this.gigafuelPriceMicro()
    if (said === inForce) return
    this.prices.set(GIGAFUEL, inForce)
    this.gigafuelMicro = inForce
    batch.write({ table: 'price', row: { what: GIGAFUEL, priceMicro: inForce, epoch } })
    const { medianMicro, floors } = this.situation(GIGAFUEL)
    batch.record(this.entry(epoch, now, 0n, floors > 0 ? medianMicro : 0n))
  }

  private close(epoch: number, now: Now, batch: Batch): void {
    const { epochMs } = this.ports.policy
    this.activity.prove(Math.min(SLOTS_SAMPLE_MS, epochMs / SAMPLES_MIN))
    const seenEnough = now.monotonicMs - this.sinceMs >= epochMs / 2
    const changes: PriceChange[] = []
    for (const what of [GIGAFUEL, ...this.quantities()]) {
      const assessment = this.move(what, epoch, seenEnough)
      this.assessments.set(what, assessment)
      const { beforeMicro, afterMicro, situation, bound } = assessment
      if (afterMicro === beforeMicro) continue
      this.prices.set(what, afterMicro)
      batch.write({ table: 'price', row: { what, priceMicro: afterMicro, epoch } })
      const { utilisationBasisPoints, ceilingMicro } = situation
      changes.push({
        what,
        epoch,
        atMs: Math.round(now.wallMs),
        beforeMicro,
        afterMicro,
        utilisationBasisPoints,
        ceilingMicro,
        bound,
      })
    }
    this.gigafuelMicro = this.prices.get(GIGAFUEL) ?? this.gigafuelMicro
    if (changes.length > 0) {
      const fuel = this.assessments.get(GIGAFUEL)?.situation
      const medianMicro = fuel !== undefined && fuel.floors > 0 ? fuel.medianMicro : 0n
      batch.record(this.entry(epoch, now, fuel?.utilisationBasisPoints ?? 0n, medianMicro))
      this.history.add(changes)
      batch.write({ table: 'meta', key: HISTORY_KEY, value: this.history.toText() })
    }
    batch.write({ table: 'meta', key: ACTIVITY_KEY, value: this.activity.toText() })
    this.activity.begin()
    this.epoch = epoch
    this.sinceMs = now.monotonicMs
  }

  private move(what: string, epoch: number, seenEnough: boolean): Assessment {
    const situation = this.situation(what)
    const beforeMicro = this.priceMicro(what)
    const { utilisationBasisPoints } = situation
    const stays = (held: Held): Assessment => ({
      what,
      epoch,
      beforeMicro,
      afterMicro: beforeMicro,
      situation,
      bound: null,
      held,
    })
    if (this.isOff) return stays('off')
    if (!seenEnough) return stays('too_short')
    if (utilisationBasisPoints === null) return stays('nobody')
    const { ceilingMicro, groundMicro } = situation
    const { priceMicro, momentum, bound } = nextPrice({
      priceMicro: beforeMicro,
      utilisationBasisPoints,
      targetBasisPoints: this.targetBasisPoints,
      stepBasisPoints: BigInt(Math.round(this.ports.policy.priceStepMax * 10_000)),
      groundMicro,
      ceilingMicro,
      momentum: this.momentum.get(what) ?? AT_REST,
    })
    this.momentum.set(what, momentum)
    return { what, epoch, beforeMicro, afterMicro: priceMicro, situation, bound, held: null }
  }

  private slotsSeen(): Seen {
    const floorOf = (device: DeviceId) => this.gigafuelFloorMicro(device)
    const { isChecked } = this
    const known = this.asking(floorOf, ({ fuelProven }) => fuelProven)
    const asking = known.map(one =>
      isChecked ? { ...one, checked: this.activity.of(one.device)?.fuelChecked ?? 0 } : one,
    )
    return { asking, supply: supplyOf(this.activity.all(), floorOf), ...this.activity.slotUse }
  }

  /** A floor is for readings of any quantity, so whoever has been paid for some has a say in each. */
  private sensorsSeen(quantity: string): Seen {
    const floorOf = (device: DeviceId) => this.readingFloorMicro(device)
    const sensors = this.activity.sensors(quantity)
    const asking = this.asking(floorOf, ({ readingsProven }, device) =>
      readingsProven > 0 || sensors.has(device) ? readingsProven : null,
    )
    return { asking, supply: supplyOf(sensors, floorOf), ...this.activity.useOf(quantity) }
  }

  /** @param provenOf - null for a device that has no say */
  private asking(
    floorOf: (device: DeviceId) => bigint,
    provenOf: (activity: Readonly<DeviceActivity>, device: DeviceId) => number | null,
  ): (Asking & { device: DeviceId })[] {
    const asking: (Asking & { device: DeviceId })[] = []
    for (const [device, activity] of this.activity.all()) {
      const row = this.ports.fleet.member(device)?.row
      const proven = provenOf(activity, device)
      if (row?.standing !== 'joined' || proven === null) continue
      asking.push({ device, owner: row.owner, floorMicro: floorOf(device), proven })
    }
    return asking
  }

  private get targetBasisPoints(): bigint {
    return BigInt(Math.round(this.ports.policy.targetUtilisation * 10_000))
  }

  private entry(epoch: number, now: Now, utilisation: bigint, floorMicro: bigint): PriceEntry {
    return {
      type: 'price',
      atMs: Math.round(now.wallMs),
      epoch,
      gigafuelPriceMicro: this.gigafuelPriceMicro(),
      readings: this.quantities().map(quantity => ({ quantity, priceMicro: this.readingPriceMicro(quantity) })),
      utilisationBasisPoints: Number(utilisation),
      floorMicro,
    }
  }
}

function supplyOf(
  activity: ReadonlyMap<DeviceId, { readonly offeredMs: number }>,
  floorOf: (device: DeviceId) => bigint,
): Supply[] {
  return [...activity].map(([device, { offeredMs }]) => ({ floorMicro: floorOf(device), offeredMs }))
}

/** The department as the store left it. */
export function openPricing(store: Pick<Store, 'prices' | 'floors' | 'meta'>, ports: PricingPorts): Pricing {
  return new Pricing(ports, {
    prices: store.prices(),
    floors: store.floors(),
    activity: store.meta(ACTIVITY_KEY),
    history: store.meta(HISTORY_KEY),
    check: store.meta(CHECK_KEY),
  })
}

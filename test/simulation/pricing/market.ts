/**
 * A market of devices and jobs around the production pricing department, for runs of many epochs: devices are slots with a floor, jobs are
 * slot time with the most their submitter pays. Time passes in minutes. Everything random comes from one seed.
 */
import { Batch } from '../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../coordinator/config.ts'
import type { Member } from '../../../coordinator/fleet/fleet.ts'
import type { Now } from '../../../coordinator/jobs/jobs.ts'
import { Pricing, type PricingPorts } from '../../../coordinator/pricing/index.ts'
import {
  type DeviceId,
  deviceId,
  ownerName,
  type PriceEntry,
  type Random,
  seededRandom,
  type TransferEntry,
  toBase32,
} from '../../../protocol/index.ts'

export const MINUTE_MS = 60_000
export const EPOCH_MINUTES = 30
const SLOT_SECOND_FUEL = 1_000_000_000
/** What a slot burns in a minute: a gigafuel a second. */
const SLOT_MINUTE_FUEL = 60 * SLOT_SECOND_FUEL
/** What slots that were at work when a check began lose of its time, in which they end what they have. */
const DRAIN_SHARE = 0.1
/** Jobs that have waited for so long are not wanted any more. */
const PATIENCE_MINUTES = 60

export interface MarketDevice {
  readonly id: DeviceId
  readonly owner: string
  /** That it has. */
  readonly slots: number
  readonly member: Member
  floorMicro: bigint
  isOnline: boolean
  /** Slots that are at work in this minute. */
  busy: number
  /** Slots that it says it has, and leases that it holds without working at them. */
  claimed: number
  feigned: number
}

/** What a submitter wants at some moment. */
export interface Wish {
  /** Slot minutes. */
  readonly work: number
  /** The most it pays for 10^9 fuel. */
  readonly maxMicro: bigint
}

interface RunningJob {
  left: number
  readonly priceMicro: bigint
  readonly untilMinute: number
}

export interface MarketOptions {
  readonly seed: string
  /** The region's starting price. */
  readonly startMicro?: bigint
  readonly priceStepMax?: number
  readonly targetUtilisation?: number
  /** Whether the region checks what devices can do; by default it does. */
  readonly hasChecks?: boolean
  /** What is wanted in a minute. */
  demand(minute: number, random: Random): readonly Wish[]
}

export class Market {
  readonly devices: MarketDevice[] = []
  private readonly byId = new Map<DeviceId, MarketDevice>()
  readonly random: Random
  readonly pricing: Pricing
  /** The price at the end of each epoch. */
  readonly path: bigint[] = []
  readonly entries: PriceEntry[] = []
  minute = 0
  /** Who answers what in a check, in slots; by default each device what it can. */
  answer: (device: MarketDevice) => number = device => this.able(device)
  /** What was answered in each check, in slots. */
  readonly checks: ReadonlyMap<DeviceId, number>[] = []
  private readonly checkRandom: Random
  private checkMinute = 0
  private readonly options: MarketOptions
  private jobs: RunningJob[] = []
  private statements = 0

  constructor(options: MarketOptions) {
    this.options = options
    this.random = seededRandom(options.seed)
    this.checkRandom = seededRandom(`${options.seed}/check`)
    const { startMicro = 10_000n, priceStepMax = 0.1, targetUtilisation = 0.7 } = options
    const policy = RegionPolicy({
      gigafuelPriceMicro: startMicro,
      epochMs: EPOCH_MINUTES * MINUTE_MS,
      priceStepMax,
      targetUtilisation,
    })
    const members = () => this.devices.map(({ member }) => member).values()
    const byId = (id: DeviceId) => this.byId.get(id)
    const ports: PricingPorts = {
      policy,
      fleet: { all: members, member: id => byId(id)?.member },
      // Only how many there are is asked.
      loads: { of: id => ({ leases: { size: leasesOf(byId(id)) } as never, estimateMs: 0, busyMs: 0 }) },
      sensors: () => [],
    }
    this.pricing = new Pricing(ports, { prices: [], floors: [], activity: null, history: null, check: null })
  }

  get priceMicro(): bigint {
    return this.pricing.gigafuelPriceMicro()
  }

  /** Adds a device. @param floorMicro - 0 when its owner says nothing */
  add(owner: string, floorMicro: bigint, slots = 1): MarketDevice {
    const id = deviceId(toBase32(this.random.bytes(16)))
    const presence = { slots, creditLeases: 2 * slots }
    const row = { id, owner: ownerName(owner), standing: 'joined' }
    const member = { row, presence } as unknown as Member
    const device: MarketDevice = {
      id,
      owner,
      slots,
      member,
      floorMicro: 0n,
      isOnline: true,
      busy: 0,
      claimed: slots,
      feigned: 0,
    }
    this.devices.push(device)
    this.byId.set(id, device)
    this.ask(device, floorMicro)
    return device
  }

  /** A device's owner states another floor. */
  ask(device: MarketDevice, floorMicro: bigint): void {
    if (device.floorMicro === floorMicro) return
    device.floorMicro = floorMicro
    this.pricing.stateFloor(device.id, { gigafuelMicro: floorMicro, readingMicro: 0n }, ++this.statements, new Batch())
  }

  setOnline(device: MarketDevice, isOnline: boolean): void {
    device.isOnline = isOnline
    device.member.presence = isOnline ? ({ slots: device.claimed, creditLeases: 2 * device.claimed } as never) : null
  }

  /** Hands in a job at the price in force; false when it costs more than its submitter pays. */
  submit({ work, maxMicro }: Wish): boolean {
    if (maxMicro < this.priceMicro) return false
    this.jobs.push({ left: work, priceMicro: this.priceMicro, untilMinute: this.minute + PATIENCE_MINUTES })
    return true
  }

  /** Pays a device for fuel that it says it burned. */
  pay(device: MarketDevice, fuel: number): void {
    const batch = new Batch()
    const basis = { kind: 'run', digest: new Uint8Array(32), fuel } as const
    batch.record({ type: 'transfer', kind: 'pay', credit: `holdback:${device.id}`, basis } as TransferEntry)
    this.pricing.flush(batch)
  }

  /** @param each - what else happens at the beginning of each epoch */
  run(epochs: number, each: (epoch: number) => void = () => {}): void {
    for (let epoch = 0; epoch < epochs; epoch++) {
      each(epoch)
      for (let minute = 0; minute < EPOCH_MINUTES; minute++) this.pass()
      this.path.push(this.priceMicro)
    }
  }

  private pass(): void {
    for (const wish of this.options.demand(this.minute, this.random)) this.submit(wish)
    this.work()
    if (this.minute % EPOCH_MINUTES === 0) this.checkMinute = Math.floor(this.checkRandom.uniform() * EPOCH_MINUTES)
    const wallMs = 1_700_000_000_000 - (1_700_000_000_000 % (EPOCH_MINUTES * MINUTE_MS)) + this.minute * MINUTE_MS
    const batch = new Batch()
    const now = { wallMs, monotonicMs: this.minute * MINUTE_MS }
    if (this.options.hasChecks !== false && this.minute % EPOCH_MINUTES === this.checkMinute) this.check(now, batch)
    this.pricing.tick(now, batch)
    for (const entry of batch.entries) if (entry.type === 'price') this.entries.push(entry)
    this.minute++
  }

  /** Slots' worth that a device can do in a check now. */
  able({ isOnline, slots, busy }: MarketDevice): number {
    return isOnline ? slots - DRAIN_SHARE * busy : 0
  }

  private check(now: Now, batch: Batch): void {
    const answers = new Map<DeviceId, number>()
    for (const device of this.devices) {
      const slots = this.answer(device)
      if (slots > 0) answers.set(device.id, slots)
    }
    this.checks.push(answers)
    const fuel = [...answers].map(([id, slots]) => [id, slots * SLOT_SECOND_FUEL] as const)
    this.pricing.noteCheck(new Map(fuel), now, batch)
  }

  /** One minute of work: jobs in the order of their coming, each on slots whose owners are content with its price, in random order. */
  private work(): void {
    for (const device of this.devices) device.busy = 0
    const online = shuffled(this.devices, this.random).filter(({ isOnline }) => isOnline)
    let free = online
    let cheapestMicro = cheapest(free)
    for (const job of this.jobs) {
      if (free.length === 0) break
      if (job.priceMicro < cheapestMicro) continue
      for (const device of free) {
        if (job.left <= 0) break
        if (device.floorMicro > job.priceMicro) continue
        const taken = Math.min(device.slots - device.busy, Math.ceil(job.left))
        device.busy += taken
        job.left -= taken
      }
      free = free.filter(({ slots, busy }) => busy < slots)
      cheapestMicro = cheapest(free)
    }
    for (const device of online) if (device.busy > 0) this.pay(device, device.busy * SLOT_MINUTE_FUEL)
    this.jobs = this.jobs.filter(({ left, untilMinute }) => left > 0 && untilMinute > this.minute)
  }
}

const leasesOf = (device: MarketDevice | undefined): number => (device ? device.busy + device.feigned : 0)

/** The least that any of them asks; 0 for none. */
const cheapest = (devices: readonly MarketDevice[]): bigint =>
  devices.reduce((least, { floorMicro }) => (floorMicro < least ? floorMicro : least), devices[0]?.floorMicro ?? 0n)

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j] as T, copy[i] as T]
  }
  return copy
}

/**
 * Jobs that come at random, about `slots` slots' worth at any time at the price `atMicro`, and the fewer the dearer it is: the most that
 * submitters pay is spread so that demand falls with the price to the power of `-elasticity`.
 */
export function elasticDemand(
  slots: number | ((minute: number) => number),
  atMicro: bigint,
  elasticity: number,
  jobMinutes = 30,
): MarketOptions['demand'] {
  return (minute, random) => {
    const wanted = typeof slots === 'number' ? slots : slots(minute)
    // Wishes come down to a quarter of the price, where there are 4^elasticity as many; each has its own bound.
    const least = 0.25
    const mean = (wanted * least ** -elasticity) / jobMinutes
    return Array.from({ length: poisson(mean, random) }, () => {
      const bound = least * (1 - random.uniform()) ** (-1 / elasticity)
      return {
        work: jobMinutes * -Math.log(1 - random.uniform()),
        maxMicro: BigInt(Math.round(Number(atMicro) * Math.min(bound, 1e6))),
      }
    })
  }
}

function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++
  return count
}

/** The sensing department with its court and its store, on virtual time: devices are names, their frames are real and signed by nobody. */
import type { RuleCode } from '../../auditor/index.ts'
import { Batch, type Effect } from '../../coordinator/batch.ts'
import { RegionPolicy } from '../../coordinator/config.ts'
import { Fleet } from '../../coordinator/fleet/fleet.ts'
import type { Now } from '../../coordinator/jobs/jobs.ts'
import { Ledger, submitterAccount, TREASURY } from '../../coordinator/ledger/ledger.ts'
import { openPricing, type Pricing, sensorMoments } from '../../coordinator/pricing/index.ts'
import type { Region } from '../../coordinator/region.ts'
import { Loads } from '../../coordinator/scheduling/index.ts'
import { createCourt } from '../../coordinator/sensing/court.ts'
import { type OpenSensing, openSensing } from '../../coordinator/sensing/open-sensing.ts'
import { campaignTerms } from '../../coordinator/sensing/terms.ts'
import { beginLog } from '../../coordinator/settlement/begin-log.ts'
import { Log } from '../../coordinator/settlement/log.ts'
import { createMemoryStore, type MemoryStore } from '../../coordinator/store/index.ts'
import {
  type CampaignId,
  campaignId,
  claimId,
  claimKey,
  claimProof,
  type DeviceId,
  decodeReadingHead,
  deviceId,
  encodeProfile,
  encodeReading,
  frameAad,
  type Gap,
  keyThumbprint,
  type Location,
  ownerName,
  type Profile,
  parseCampaignSpec,
  profileIdOf,
  QUANTITIES,
  type Random,
  regionId,
  regionName,
  type SensorId,
  type Signer,
  seededRandom,
  sensorIdOf,
  sign1,
  submitterName,
  toBase32,
  toHex,
} from '../../protocol/index.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import { auditBooks } from './audit-books.ts'

export const TOWN = submitterName('town')
/** A Monday at midnight, so that windows begin at round times. */
export const START_MS = Date.UTC(2026, 0, 5)

const HERE: Location = { latitudeMicroDeg: 48_137_000, longitudeMicroDeg: 11_575_000, elevationM: 519, indoor: false }

/** A place so many metres north of the others. */
export const northOf = (metres: number): Location => ({
  ...HERE,
  latitudeMicroDeg: HERE.latitudeMicroDeg + Math.round((metres / 111_195) * 1_000_000),
})

export interface WorldDevice {
  readonly id: DeviceId
  readonly sensors: readonly SensorId[]
}

/** Frames need a signature to be read again, and nobody checks it here. */
const nobody: Signer = { publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) }
const REGION = regionId('a'.repeat(26))
const THUMBPRINT = new Uint8Array(32)
const LOG_REGION = { regionId: REGION, region: regionName('world'), publicKey: new Uint8Array(32) }

export class SensingWorld {
  readonly store: MemoryStore = createMemoryStore()
  readonly policy = RegionPolicy({ feeBasisPoints: 500 })
  readonly effects: Effect[] = []
  readonly outcomes: string[] = []
  now: Now = { wallMs: START_MS, monotonicMs: 0 }
  fleet!: Fleet
  log!: Log
  ledger!: Ledger
  pricing!: Pricing
  open!: OpenSensing
  private batch = new Batch()
  private readonly random: Random = seededRandom('sensing')
  private readonly seqs = new Map<DeviceId, number>()
  private judge!: ReturnType<typeof createCourt>
  private readonly deferred: (() => void)[] = []

  constructor(fundMicro = 1_000_000n) {
    this.restart()
    this.step((now, batch) => beginLog(this.store, LOG_REGION, this.policy, now.wallMs, batch))
    const fund = { kind: 'fund', debit: TREASURY, credit: submitterAccount(TOWN), purpose: 'fund/town/0' } as const
    this.step((now, batch) => this.ledger.transfer({ ...fund, amountMicro: fundMicro }, now.wallMs, batch))
  }

  get sensing(): OpenSensing['sensing'] {
    return this.open.sensing
  }

  /** Builds everything from the store's rows, as a coordinator does at a start. Devices have to connect again. */
  restart(): void {
    this.batch = new Batch()
    this.deferred.length = 0
    const settings = { ...this.policy, regionThumbprint: THUMBPRINT }
    this.fleet = new Fleet(this.store.devices(), this.store.claims(), settings)
    const booked = (purpose: string) => this.store.transferFor(purpose)
    this.ledger = new Ledger(this.store.accounts(), this.store.transferCount(), this.store.holds(), booked)
    this.log = new Log(this.store, nodeSha256)
    const sensors = () => sensorMoments(this.sensing, this.fleet)
    this.pricing = openPricing(this.store, { policy: this.policy, fleet: this.fleet, loads: new Loads(), sensors })
    this.open = openSensing(
      this.store,
      { fleet: this.fleet, ledger: this.ledger, policy: this.policy, pricing: this.pricing },
      this.now.wallMs,
    )
    const step: Region['step'] = work => this.step(work)
    const region = { step, sensing: this.open.sensing } as Region
    this.judge = createCourt({
      region,
      store: this.store,
      readings: this.open.readings,
      defer: fn => void this.deferred.push(fn),
    })
    this.step((now, batch) => this.open.resume(now, batch))
  }

  step<Result>(work: (now: Now, batch: Batch) => Result): Result {
    const result = work(this.now, this.batch)
    const { batch } = this
    this.batch = new Batch()
    this.sensing.flush(batch)
    this.fleet.flush(batch)
    this.ledger.flush(batch)
    this.log.append(batch.entries, batch)
    this.store.commit(batch.writes)
    for (const effect of batch.effects) {
      this.effects.push(effect)
      if (effect.kind === 'judge') this.judge(effect)
    }
    return result
  }

  /** Goes on in time, a tick a second, and lets the court do its work. */
  pass(ms: number): void {
    const endMs = this.now.wallMs + ms
    for (;;) {
      this.step((now, batch) => this.sensing.tick(now, batch))
      for (let next = this.deferred.shift(); next; next = this.deferred.shift()) next()
      if (this.now.wallMs >= endMs) return
      const stepMs = Math.min(1_000, endMs - this.now.wallMs)
      this.now = { wallMs: this.now.wallMs + stepMs, monotonicMs: this.now.monotonicMs + stepMs }
    }
  }

  /** Enrols a device with sensors of these models and connects it. */
  join(owner: string, location: Location | null, quantities: readonly string[] = ['temperature']): WorldDevice {
    const id = deviceId(toBase32(this.random.bytes(16)))
    this.enrol(id, owner)
    const device = { id, sensors: quantities.map((_, i) => sensorIdOf('test', `${id}/${i}`)) }
    this.connect(device, location, quantities)
    return device
  }

  private enrol(device: DeviceId, owner: string): void {
    const secret = this.random.bytes(16)
    const publicKey = this.random.bytes(32)
    const id = claimId(secret)
    const claim = { id: toHex(id), key: claimKey(secret), owner: ownerName(owner), expiresAtMs: this.now.wallMs + 1 }
    const proof = claimProof(claim.key, keyThumbprint(publicKey), THUMBPRINT)
    this.step((now, batch) => {
      this.fleet.addClaim({ ...claim, usedBy: null }, batch)
      const join = { device, publicKey, session: 1, claimId: id, proof, label: `${owner}-pi` }
      this.fleet.join(join, now.wallMs, batch)
    })
  }

  connect(device: WorldDevice, location: Location | null, quantities: readonly string[] = ['temperature']): void {
    const hello = { session: 1, seq: 1, label: '', software: 'test', arch: 'x64', cores: 1, memoryMiB: 1, slots: 0 }
    const rest = { creditLeases: 0, abis: [], metering: [1] } as const
    this.step((now, batch) => this.fleet.hello(device.id, { ...hello, ...rest }, now.wallMs, batch))
    const infos = device.sensors.map((sensor, i) => ({
      sensor,
      model: 'test',
      serial: `${device.id}/${i}`,
      channels: [channelOf(quantities[i] ?? 'temperature')],
    }))
    const message = { session: 1, seq: 2, location, sensors: infos }
    this.step((now, batch) => this.sensing.announced(device.id, message, now, batch))
  }

  disconnect(device: WorldDevice): void {
    this.step(now => this.fleet.disconnected(device.id, now.monotonicMs))
  }

  /** Hands in a campaign; every field that is not given has a value that suits tests. */
  submit(changes: Record<string, unknown> = {}): CampaignId {
    const spec = parseCampaignSpec({
      quantity: 'temperature',
      area: { box: [-90, -180, 90, 180] },
      periodMs: 60_000,
      windowMs: 300_000,
      durationMs: 3_600_000,
      priceMicro: '20',
      latenessMs: 30_000,
      correctionMs: 600_000,
      ...changes,
    })
    const id = campaignId(toBase32(this.random.bytes(10)))
    const outcome = this.step((now, batch) => {
      const choice = this.sensing.choose(spec)
      const request = { id, ref: '', spec, submitter: TOWN, choice, nowMs: now.wallMs }
      const terms = campaignTerms(this, request)
      return terms.ok ? this.sensing.submit(terms.row, spec, now, batch) : terms
    })
    if (!outcome.ok) throw new Error(outcome.reason)
    return id
  }

  /** Sends one frame of a sensor: values in its unit from a time on, null where there is none. @returns its number */
  report(
    device: WorldDevice,
    fromMs: number,
    values: readonly (number | null)[],
    more: {
      sensor?: number
      quantity?: string
      periodMs?: number
      gaps?: Gap[]
      uncertaintyMs?: number
      seq?: number
    } = {},
  ): number {
    const { quantity = 'temperature', periodMs = 60_000, gaps = [], uncertaintyMs = 0 } = more
    const sensor = device.sensors[more.sensor ?? 0] as SensorId
    const channel = channelOf(quantity)
    const profile: Profile = { periodMs, kind: 'sample', channels: [{ ...channel, sensor, calibration: null }] }
    const seq = more.seq ?? (this.seqs.get(device.id) ?? 0) + 1
    this.seqs.set(device.id, Math.max(seq, this.seqs.get(device.id) ?? 0))
    const scaled = values.map(value => (value === null ? Number.NaN : Math.round(value * 10 ** -channel.exponent)))
    const head = { session: 1, seq, profile: profileIdOf(encodeProfile(profile)), fromMs, uncertaintyMs }
    const frame = { ...head, count: values.length, columns: [Float64Array.from(scaled)], faults: [], gaps }
    const payload = encodeReading(frame, profile)
    const aad = frameAad({ regionId: REGION, direction: 'up', device: device.id, class: 'reading' })
    const uplink = { ...decodeReadingHead(payload), payload, frame: sign1(payload, aad, nobody) }
    this.step((_now, batch) => this.open.readings.profile(profile, batch))
    this.outcomes.push(this.step((now, batch) => this.open.readings.reading(device.id, uplink, now, batch)))
    return seq
  }

  /** Readings of everybody for so many minutes, each at its own value, told at their end, and what is judged at once. */
  minutes(count: number, devices: readonly (readonly [WorldDevice, (minute: number) => number | null])[]): void {
    const fromMs = this.now.wallMs
    this.pass(count * 60_000)
    for (const [device, value] of devices) {
      const values = Array.from({ length: count }, (_, minute) => value((fromMs - START_MS) / 60_000 + minute))
      this.report(device, fromMs, values)
    }
    this.pass(0)
  }

  balance(account: string): bigint {
    return this.ledger.balanceMicro(account)
  }

  /** The books as an auditor finds them in the store. */
  audit(...planted: RuleCode[]): string[] {
    return auditBooks(this.store, planted).problems
  }
}

export function channelOf(quantity: string): { quantity: string; unit: string; exponent: number } {
  const known = QUANTITIES.get(quantity)
  if (known === undefined) throw new Error(`${quantity} is no quantity`)
  return { quantity, unit: known.unit, exponent: known.exponent }
}

/** The departments with a fleet of devices that answer by a plan, on virtual time, without a store: only what was accepted is kept. */
import { createHash } from 'node:crypto'
import { Batch, type GrantEffect } from '../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../coordinator/config.ts'
import { Fleet, type Member } from '../../../coordinator/fleet/fleet.ts'
import type { Desk, PreparedJob } from '../../../coordinator/jobs/job.ts'
import { Jobs, type Now } from '../../../coordinator/jobs/jobs.ts'
import { answersOf } from '../../../coordinator/jobs/retrial.ts'
import { escrowAccount, Ledger, submitterAccount, TREASURY } from '../../../coordinator/ledger/ledger.ts'
import { FairShare, LineSpeeds, Loads, PassBook, Rates, Ready } from '../../../coordinator/scheduling/index.ts'
import type { AcceptedRow, DeviceRow, JobRow } from '../../../coordinator/store/rows.ts'
import { Pairs } from '../../../coordinator/verification/index.ts'
import {
  type DeviceId,
  deviceId,
  encodeOutputs,
  fromUtf8,
  jobIdFromBytes,
  METERING_VERSION,
  ownerName,
  parseJobSpec,
  planSplit,
  type Random,
  seededRandom,
  sha256Hex,
  specToJson,
  storeInlineBytes,
  submitterName,
  toBase32,
  toHex,
  utf8,
} from '../../../protocol/index.ts'
import { aggregateOf } from '../../support/department-world.ts'
import { deviceRow } from '../../support/rows.ts'

const ALICE = submitterName('alice')
const MODULE = sha256Hex('aa'.repeat(32))
const FUEL = 1_000
/** A lease takes this long; a device has one at work and one in wait. */
const LEASE_MS = 2_000
const CREDIT_LEASES = 2
const TICK_MS = 1_000

/** What a device says for a unit, as text. */
export type Answerer = (unit: number, checksPassed: number) => string

export const rightAnswer = (unit: number): string => `right ${unit}`

interface SimDevice {
  readonly id: DeviceId
  readonly answer: Answerer
  readonly inbox: GrantEffect[]
}

/** How far a job was, at one moment. */
export interface Moment {
  readonly leases: number
  readonly accepted: number
}

/** A job that is done, as a second look needs it. */
export interface PastJob {
  readonly row: JobRow
  readonly prepared: PreparedJob
  /** Units that rest on the word of the device that was asked about. */
  readonly alone: readonly number[]
  /** Units whose accepted answer is wrong. */
  readonly wrong: ReadonlySet<number>
}

/** One device for each owner; jobs, one after the other, of units that are leased one at a time. */
export class VerificationRegion {
  readonly fleet: Fleet
  readonly answered = new Map<DeviceId, number>()
  private readonly jobs: Jobs
  private readonly ledger: Ledger
  private readonly random: Random
  private readonly devices: SimDevice[]
  private readonly byId: ReadonlyMap<DeviceId, SimDevice>
  /** Digest of what was accepted, by unit. */
  private readonly digests = new Map<number, string>()
  /** The device whose word alone decided a unit. */
  private readonly solo = new Map<number, DeviceId>()
  private row: JobRow | null = null
  private prepared: PreparedJob | null = null
  private looks = 0
  private now: Now = { wallMs: 1_000_000, monotonicMs: 0 }
  private batch = new Batch()

  constructor(seed: string, answerers: readonly Answerer[], partial: Partial<RegionPolicy> = {}) {
    this.random = seededRandom(seed)
    const policy = RegionPolicy({ leaseTargetMs: LEASE_MS, ...partial })
    const ready = new Ready()
    const wake = (device: DeviceId) => ready.wake(device)
    this.devices = answerers.map(answer => ({ id: deviceId(toBase32(this.random.bytes(16))), answer, inbox: [] }))
    this.byId = new Map(this.devices.map(device => [device.id, device]))
    const rows = this.devices.map(({ id }, index) => newRow(id, index))
    this.fleet = new Fleet(rows, [], { ...policy, regionThumbprint: new Uint8Array(32) }, wake)
    this.ledger = new Ledger([], 0)
    const desk: Desk = {
      fleet: this.fleet,
      ledger: this.ledger,
      policy,
      pricing: {
        gigafuelPriceMicro: () => policy.gigafuelPriceMicro,
        readingPriceMicro: () => 1n,
        gigafuelFloorMicro: () => 0n,
        readingFloorMicro: () => 0n,
      },
      random: this.random,
      rates: new Rates(),
      loads: new Loads(wake),
      ready,
      turns: new FairShare(),
      lines: new LineSpeeds(),
      passes: new PassBook(),
      maintenance: null,
      pairs: new Pairs(),
      liars: new Map(),
      dirty: new Set(),
      nextLeaseId: 1,
    }
    this.jobs = new Jobs(desk, [])
    const amountMicro = 10n ** 15n
    const fund = { kind: 'fund', debit: TREASURY, credit: submitterAccount(ALICE), purpose: 'fund/alice/0' } as const
    this.ledger.transfer({ ...fund, amountMicro }, this.now.wallMs, this.batch)
    for (const { id } of this.devices) this.greet(id)
  }

  /** Runs one job to its end. @returns its row, and how far it was at each of the shares of its units that are asked for */
  run(units: number, theta: number, shares: readonly number[]): { row: JobRow; moments: Moment[] } {
    this.submit(units, theta)
    const moments: Moment[] = []
    const stepMs = LEASE_MS / this.devices.length
    let tickMs = 0
    while (this.row?.state === 'running' || this.row?.state === 'aggregating') {
      const next = shares[moments.length]
      if (next !== undefined && this.digests.size >= next * units) {
        moments.push({ leases: this.row.leases, accepted: this.digests.size })
      }
      this.now = { wallMs: this.now.wallMs + stepMs, monotonicMs: this.now.monotonicMs + stepMs }
      this.answerOne()
      if (this.now.monotonicMs < tickMs) continue
      tickMs = this.now.monotonicMs + TICK_MS
      this.pass(0)
    }
    const { row } = this
    if (row?.state !== 'done') throw new Error(`the job ended as ${row?.state}: ${row?.reason}`)
    return { row, moments }
  }

  /** Units whose accepted answer is wrong. */
  wrongUnits(): Set<number> {
    const wrong = new Set<number>()
    for (const [unit, digest] of this.digests) if (digest !== answerTo(rightAnswer(unit)).hex) wrong.add(unit)
    return wrong
  }

  /** The job that has just been run. @param index - the device that may be caught later */
  past(index: number): PastJob {
    const { row, prepared, solo } = this
    if (row === null || prepared === null) throw new Error('no job has been run')
    const { id } = this.member(index).row
    const alone = [...solo].flatMap(([unit, device]) => (device === id ? [unit] : []))
    return { row: { ...row }, prepared, alone, wrong: this.wrongUnits() }
  }

  /**
   * Others look again at a unit of a job that is over, as for a dispute of the region.
   * @returns leases that it took, and whether what they came to is right
   */
  lookAgain({ row, prepared }: PastJob, unit: number, caught: number): { leases: number; isRight: boolean } {
    const dispute = `look${++this.looks}`
    const escrow = escrowAccount(dispute)
    const budgetMicro = 10n ** 6n
    const fund = {
      kind: 'award',
      debit: submitterAccount(ALICE),
      credit: escrow,
      purpose: `award/${dispute}/fund`,
    } as const
    this.ledger.transfer({ ...fund, amountMicro: budgetMicro }, this.now.wallMs, this.batch)
    const barred = new Set([this.member(caught).row.owner])
    const order = { dispute, isOfRegion: true, escrow, budgetMicro, first: unit, count: 1, barred }
    this.jobs.retry(row, prepared, order, [], this.now, this.batch)
    this.commit()
    const job = this.jobs.retrialOf(row.id)
    if (job?.retrial == null) throw new Error('a second look is under way')
    while (job.retrial.endReason === null) {
      this.pass(LEASE_MS)
      for (const device of this.devices) if (device.inbox.length > 0) this.answer(device)
    }
    const [outcome] = job.retrial.endReason === '' ? answersOf(job.retrial) : []
    const leases = job.row.leases - row.leases
    this.jobs.closeRetrial(job, true, this.now, this.batch)
    this.commit()
    const said = outcome?.kind === 'ok' ? fromUtf8(outcome.bytes) : ''
    return { leases, isRight: said === rightAnswer(unit) }
  }

  member(index: number): Member {
    return this.fleet.member((this.devices[index] as SimDevice).id) as Member
  }

  /** Time passes, and the departments notice. */
  private pass(ms: number): void {
    this.now = { wallMs: this.now.wallMs + ms, monotonicMs: this.now.monotonicMs + ms }
    this.jobs.tick(this.now, this.batch)
    this.commit()
  }

  private submit(units: number, theta: number): void {
    this.digests.clear()
    this.solo.clear()
    const split = { kind: 'range', from: 0, to: units, chunk: 1 }
    const task = { module: { sha256: MODULE }, unitFuelMax: FUEL }
    const verify = { theta }
    const parsed = parseJobSpec({ aggregate: { kind: 'collect' }, split, task, verify, leaseUnitsMax: 1 })
    const spec = storeInlineBytes(parsed, () => MODULE)
    const prepared: PreparedJob = {
      id: jobIdFromBytes(this.random.bytes(10)),
      spec,
      specJson: specToJson(spec),
      ref: '',
      plan: planSplit(spec.split),
      input: null,
      module: MODULE,
      moduleBytes: 100,
      abi: 'reactor',
      memoryPagesMax: 16,
    }
    const outcome = this.jobs.submit(prepared, ALICE, this.now, this.batch)
    if (!outcome.ok) throw new Error(outcome.reason)
    this.row = this.jobs.active(prepared.id)?.row ?? null
    this.prepared = prepared
    this.commit()
  }

  /** A device picked at random answers the oldest lease it holds. */
  private answerOne(): void {
    const device = this.devices[Math.floor(this.random.uniform() * this.devices.length)]
    if (device !== undefined) this.answer(device)
  }

  private answer(device: SimDevice): void {
    const grant = device.inbox.shift()
    if (grant === undefined) return
    const checksPassed = this.fleet.member(device.id)?.row.checksPassed ?? 0
    const { outputs, digest } = answerTo(device.answer(grant.firstUnit, checksPassed))
    this.answered.set(device.id, (this.answered.get(device.id) ?? 0) + 1)
    const result = {
      leaseId: grant.leaseId,
      outcome: 'done',
      digest,
      outputs,
      elapsedMs: LEASE_MS,
      detail: '',
      metering: METERING_VERSION,
    } as const
    const returned = { result, outputs, failedUnits: 0, fuel: FUEL, isBlob: false }
    this.jobs.results(device.id, [returned], this.now, this.batch)
    this.commit()
  }

  private greet(id: DeviceId): void {
    const hello = {
      session: 1,
      seq: 0,
      label: '',
      software: 'sim',
      arch: 'arm64',
      cores: 1,
      memoryMiB: 512,
      slots: 1,
      creditLeases: CREDIT_LEASES,
      abis: ['reactor'],
      metering: [METERING_VERSION],
    } as const
    this.fleet.hello(id, hello, this.now.wallMs, this.batch)
    this.jobs.greet(id, this.now, this.batch)
    this.commit()
  }

  private commit(): void {
    let { batch } = this
    while (batch.writes.length > 0 || batch.effects.length > 0) {
      this.batch = new Batch()
      for (const write of batch.writes) {
        if (write.table === 'accepted') this.keep(write.row)
        else if (write.table === 'accepted-delete') {
          for (let i = 0; i < write.unitCount; i++) this.digests.delete(write.firstUnit + i)
        }
      }
      for (const effect of batch.effects) {
        if (effect.kind === 'grant') this.byId.get(effect.device)?.inbox.push(effect)
        else if (effect.kind === 'cancel') this.cancel(effect.device, effect.leaseId)
        else if (effect.kind === 'aggregate') this.jobs.aggregated(effect.job, aggregateOf('b'), this.now, this.batch)
        else if (effect.kind === 'schedule') this.jobs.wake(this.now, this.batch)
      }
      this.jobs.flush(new Batch())
      this.fleet.flush(new Batch())
      this.ledger.flush(new Batch())
      batch = this.batch
    }
    this.batch = new Batch()
  }

  private keep({ firstUnit, digest, solo }: AcceptedRow): void {
    this.digests.set(firstUnit, toHex(digest))
    if (solo === null) this.solo.delete(firstUnit)
    else this.solo.set(firstUnit, solo)
  }

  private cancel(device: DeviceId, leaseId: number): void {
    const inbox = this.byId.get(device)?.inbox ?? []
    const at = inbox.findIndex(grant => grant.leaseId === leaseId)
    if (at >= 0) inbox.splice(at, 1)
  }
}

function answerTo(text: string): { outputs: Uint8Array; digest: Uint8Array; hex: string } {
  const outputs = encodeOutputs([{ kind: 'ok', bytes: utf8(text), fuel: FUEL }])
  const digest = new Uint8Array(createHash('sha256').update(outputs).digest())
  return { outputs, digest, hex: toHex(digest) }
}

const newRow = (id: DeviceId, index: number): DeviceRow => ({ ...deviceRow(id), owner: ownerName(`owner${index}`) })

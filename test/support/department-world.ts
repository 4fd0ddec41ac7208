/** The departments alone, on virtual time: devices are functions, the store is in memory, nothing is signed or sent. */
import { createHash } from 'node:crypto'
import type { RuleCode } from '../../auditor/index.ts'
import { Batch, type Effect, type GrantEffect } from '../../coordinator/batch.ts'
import { RegionPolicy } from '../../coordinator/config.ts'
import { acceptedAnswers } from '../../coordinator/disputes/accepted-answers.ts'
import { readCaseFile } from '../../coordinator/disputes/case-file.ts'
import { Disputes } from '../../coordinator/disputes/disputes.ts'
import { createDisputeIntake, type DisputeIntake } from '../../coordinator/disputes/intake.ts'
import { Rechecks } from '../../coordinator/disputes/rechecks.ts'
import type { RetryEffect } from '../../coordinator/disputes/retrial.ts'
import { Fleet } from '../../coordinator/fleet/fleet.ts'
import type { Desk, PreparedJob } from '../../coordinator/jobs/job.ts'
import { type AggregateOutcome, Jobs, type Now, type SubmitOutcome } from '../../coordinator/jobs/jobs.ts'
import { restoreJob } from '../../coordinator/jobs/restore.ts'
import { Ledger, REGION_SUBMITTER, submitterAccount, TREASURY } from '../../coordinator/ledger/ledger.ts'
import { PayoutConfig, Payouts } from '../../coordinator/payout/index.ts'
import { openPricing, type Pricing } from '../../coordinator/pricing/index.ts'
import { FairShare, LineSpeeds, Loads, PassBook, Rates, Ready } from '../../coordinator/scheduling/index.ts'
import type { ReadingIntake } from '../../coordinator/sensing/intake.ts'
import { openSensing } from '../../coordinator/sensing/open-sensing.ts'
import type { Sensing } from '../../coordinator/sensing/sensing.ts'
import { beginLog } from '../../coordinator/settlement/begin-log.ts'
import { Log } from '../../coordinator/settlement/log.ts'
import { createMemoryStore, type MemoryStore } from '../../coordinator/store/index.ts'
import { Pairs } from '../../coordinator/verification/index.ts'
import { CAPACITY_UNIT_FUEL } from '../../protocol/capacity/index.ts'
import {
  checkOutputs,
  type DeviceId,
  deviceId,
  encodeOutputs,
  type JobId,
  jobIdFromBytes,
  type LeaseResult,
  METERING_VERSION,
  ownerName,
  parseJobSpec,
  planSplit,
  type Random,
  regionId,
  regionName,
  type Sha256Hex,
  type StoredJobSpec,
  type SubmitterName,
  seededRandom,
  sha256Hex,
  specToJson,
  storeInlineBytes,
  submitterName,
  toBase32,
  type UnitOutcome,
  utf8,
} from '../../protocol/index.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import { auditBooks } from './audit-books.ts'
import { deviceRow } from './rows.ts'

export const ALICE = submitterName('alice')
const MODULE = sha256Hex('aa'.repeat(32))

const LOG_REGION = { regionId: regionId('a'.repeat(26)), region: regionName('world'), publicKey: new Uint8Array(32) }

/** What a unit burns here; at the default price that is {@link UNIT_MICRO}. */
export const UNIT_FUEL = 10_000_000
export const UNIT_MICRO = 100n
/** A task whose units may burn no more than they do, so that what is set aside for them is what they cost. */
export const TIGHT = { task: { unitFuelMax: UNIT_FUEL } }

/** What a device answers for a unit; null when it does not answer the lease at all. */
export type Behaviour = (unit: number) => UnitOutcome | null

export const honest: Behaviour = unit => ({ fuel: UNIT_FUEL, kind: 'ok', bytes: utf8(`${unit * 3}`) })
export const liar: Behaviour = unit => ({ fuel: UNIT_FUEL, kind: 'ok', bytes: utf8(`${unit * 3 + 1}`) })
export const silent: Behaviour = () => null

interface WorldDevice {
  id: DeviceId
  behaviour: Behaviour
  inbox: GrantEffect[]
}

/** A result without outputs. */
export function nothing(leaseId: number): LeaseResult {
  const none = { outcome: 'none', digest: null, outputs: null } as const
  return { leaseId, ...none, elapsedMs: 1, detail: 'timed out', metering: METERING_VERSION }
}

/** An aggregate and its bill, their names made of one hexadecimal letter. */
export function aggregateOf(letter: string): AggregateOutcome {
  const sha256 = sha256Hex(letter.repeat(64))
  const bill = { unitFuelLeast: UNIT_FUEL, unitFuelGreatest: UNIT_FUEL, billSha256: sha256, billBytes: 1 }
  return { sha256, bytes: 1, failedUnits: 0, ...bill }
}

export class DepartmentWorld {
  readonly store: MemoryStore = createMemoryStore()
  readonly policy: RegionPolicy
  readonly random: Random
  readonly devices = new Map<DeviceId, WorldDevice>()
  readonly effects: Effect[] = []
  readonly prepared = new Map<JobId, PreparedJob>()
  fleet!: Fleet
  log!: Log
  ledger!: Ledger
  pricing!: Pricing
  payouts!: Payouts
  jobs!: Jobs
  disputes!: Disputes
  rechecks!: Rechecks
  /** Takes disputes as a coordinator does. */
  dispute!: DisputeIntake
  sensing!: Sensing
  readings!: ReadingIntake
  desk!: Desk
  now: Now = { wallMs: 1_000_000, monotonicMs: 0 }
  private batch = new Batch()

  constructor(options: { seed?: string; policy?: Partial<RegionPolicy>; fundMicro?: bigint } = {}) {
    this.random = seededRandom(options.seed ?? 'world')
    this.policy = RegionPolicy(options.policy)
    this.restart()
    this.step((now, batch) => beginLog(this.store, LOG_REGION, this.policy, now.wallMs, batch))
    const fund = { kind: 'fund', debit: TREASURY, credit: submitterAccount(ALICE), purpose: 'fund/alice/0' } as const
    this.ledger.transfer({ ...fund, amountMicro: options.fundMicro ?? 10n ** 12n }, this.now.wallMs, this.batch)
    this.commit()
  }

  /** Builds the departments from the store's rows, as a coordinator does at start. */
  restart(): void {
    const thumbprint = new Uint8Array(32)
    const ready = new Ready()
    const wake = (device: DeviceId) => ready.wake(device)
    const settings = { ...this.policy, regionThumbprint: thumbprint }
    this.fleet = new Fleet(this.store.devices(), this.store.claims(), settings, wake)
    const booked = (purpose: string) => this.store.transferFor(purpose)
    this.ledger = new Ledger(this.store.accounts(), this.store.transferCount(), this.store.holds(), booked)
    this.log = new Log(this.store, nodeSha256)
    const loads = new Loads(wake)
    this.pricing = openPricing(this.store, { policy: this.policy, fleet: this.fleet, loads, sensors: () => [] })
    const { ledger, fleet, policy } = this
    const rows = { epochs: [], bindings: this.store.bindings(), addresses: [], doneThrough: null }
    this.payouts = new Payouts({ ledger, fleet, policy, config: PayoutConfig(), rootSigner: null }, rows)
    const { sensing, readings } = openSensing(this.store, this, this.now.wallMs)
    this.sensing = sensing
    this.readings = readings
    this.desk = {
      fleet: this.fleet,
      ledger: this.ledger,
      policy: this.policy,
      pricing: this.pricing,
      random: this.random,
      rates: new Rates(),
      loads,
      ready,
      turns: new FairShare(),
      lines: new LineSpeeds(),
      passes: new PassBook(scope => this.store.passedOver(scope)),
      maintenance: this.store.meta('maintenance') || null,
      pairs: new Pairs(),
      liars: new Map(),
      dirty: new Set(),
      nextLeaseId: this.store.leaseIdMax() + 1,
    }
    const ports = { store: this.store, fleet: this.fleet, policy: this.policy, readBlob: () => new Uint8Array() }
    const restored = this.store
      .jobs({ states: ['running', 'aggregating'] })
      .filter(({ submitter }) => submitter !== REGION_SUBMITTER)
      .map(row => restoreJob(ports, this.prepared.get(row.id) as PreparedJob, this.now.monotonicMs))
    this.jobs = new Jobs(this.desk, restored)
    this.disputes = new Disputes(this, this.store.disputes({ states: ['open'] }))
    this.rechecks = new Rechecks(this, this.disputes, this.store)
    this.dispute = createDisputeIntake({ region: this, disputes: this.disputes, store: this.store })
    this.batch = new Batch()
    this.step((now, batch) => {
      for (const row of this.store.jobs({ states: ['running'], submitter: REGION_SUBMITTER })) {
        this.jobs.abandon(row, 'the coordinator was restarted', now, batch)
      }
      this.jobs.resume(now, batch)
    })
  }

  step<Result>(work: (now: Now, batch: Batch) => Result): Result {
    const result = work(this.now, this.batch)
    this.commit()
    return result
  }

  /** Enrols devices, each `[owner, behaviour]`, and connects them. */
  join(...devices: [owner: string, behaviour: Behaviour][]): DeviceId[] {
    const ids = devices.map(([owner, behaviour]) => {
      const id = deviceId(toBase32(this.random.bytes(16)))
      const row = { ...deviceRow(id), owner: ownerName(owner), label: '', joinedAtMs: this.now.wallMs }
      this.step((now, batch) => {
        batch.write({ table: 'device', row })
        const { publicKey } = row
        batch.record({ type: 'device', atMs: now.wallMs, device: id, publicKey, owner: row.owner })
      })
      this.devices.set(id, { id, behaviour, inbox: [] })
      return id
    })
    this.restart()
    this.connectAll()
    return ids
  }

  connectAll(): void {
    for (const id of this.devices.keys()) this.connect(id)
  }

  connect(id: DeviceId): void {
    this.step((now, batch) => {
      const hello = {
        session: 1,
        seq: 0,
        label: '',
        software: 'test',
        arch: 'x64',
        cores: 1,
        memoryMiB: 512,
        slots: 1,
        creditLeases: 8,
        abis: ['wasi', 'reactor'],
        metering: [METERING_VERSION],
      } as const
      this.fleet.hello(id, hello, now.wallMs, batch)
      this.jobs.greet(id, now, batch)
    })
  }

  disconnect(id: DeviceId): void {
    const device = this.devices.get(id)
    if (device) device.inbox = []
    this.fleet.disconnected(id, this.now.monotonicMs)
  }

  /** @param specification - what differs from a task of the one module there is and a sum */
  submit(specification: Record<string, unknown> & { task?: object }, submitter = ALICE): SubmitOutcome & { id: JobId } {
    const id = jobIdFromBytes(this.random.bytes(10))
    const task = { module: { sha256: MODULE }, ...specification.task }
    const parsed = parseJobSpec({ aggregate: { kind: 'sum' }, ...specification, task })
    const spec: StoredJobSpec = storeInlineBytes(parsed, bytes =>
      sha256Hex(createHash('sha256').update(bytes).digest('hex')),
    )
    const prepared: PreparedJob = {
      id,
      spec,
      specJson: specToJson(spec),
      ref: '',
      plan: planSplit(spec.split),
      input: null,
      module: MODULE as Sha256Hex,
      moduleBytes: 100,
      abi: 'reactor',
      memoryPagesMax: 16,
    }
    this.prepared.set(id, prepared)
    return { ...this.step((now, batch) => this.jobs.submit(prepared, submitter, now, batch)), id }
  }

  /** Gives a submitter something to spend. */
  fund(submitter: SubmitterName, amountMicro: bigint): void {
    const fund = {
      kind: 'fund',
      debit: TREASURY,
      credit: submitterAccount(submitter),
      purpose: `fund/${submitter}/1`,
    } as const
    this.step((now, batch) => this.ledger.transfer({ ...fund, amountMicro }, now.wallMs, batch))
  }

  advance(ms: number): void {
    this.now = { wallMs: this.now.wallMs + ms, monotonicMs: this.now.monotonicMs + ms }
    this.step((now, batch) => {
      this.jobs.tick(now, batch)
      this.disputes.tick(now, batch)
      this.rechecks.tick(now, batch)
    })
  }

  /**
   * Lets one device answer the oldest lease in its inbox. False when it has none.
   * @param elapsedMs - what it says that took; a millisecond a unit by default
   */
  answer(id: DeviceId, elapsedMs?: number): boolean {
    const device = this.devices.get(id)
    const grant = device?.inbox.shift()
    if (!device || !grant) return false
    const outcomes: UnitOutcome[] = []
    // What the region pays for out of its own fees burns what the task of checks burns.
    const isCheck = (this.jobs.active(grant.job)?.check ?? null) !== null
    for (let unit = grant.firstUnit; unit < grant.firstUnit + grant.unitCount; unit++) {
      const outcome = device.behaviour(unit)
      if (!outcome) return true
      outcomes.push(isCheck ? { ...outcome, fuel: outcome.fuel + CAPACITY_UNIT_FUEL - UNIT_FUEL } : outcome)
    }
    const outputs = encodeOutputs(outcomes)
    const digest = new Uint8Array(createHash('sha256').update(outputs).digest())
    const result: LeaseResult = {
      leaseId: grant.leaseId,
      outcome: 'done',
      digest,
      outputs,
      elapsedMs: elapsedMs ?? grant.unitCount,
      detail: '',
      metering: METERING_VERSION,
    }
    const { unitFuelMax } = this.prepared.get(grant.job)?.spec.task ?? {}
    const { failed, fuel } = checkOutputs(outputs, grant.unitCount, unitFuelMax)
    const returned = { result, outputs, failedUnits: failed, fuel, isBlob: false }
    this.step((now, batch) => this.jobs.results(id, [returned], now, batch))
    return true
  }

  /** Lets one device give the oldest lease in its inbox back without a result. */
  giveBack(id: DeviceId): void {
    const grant = this.devices.get(id)?.inbox.shift()
    if (!grant) return
    const returned = { result: nothing(grant.leaseId), outputs: null, failedUnits: 0, fuel: 0, isBlob: false }
    this.step((now, batch) => this.jobs.results(id, [returned], now, batch))
  }

  /** Runs devices in turn until the job ends or `rounds` are over. */
  run(id: JobId, rounds = 10_000): void {
    for (let round = 0; round < rounds && this.jobs.active(id); round++) {
      let busy = false
      for (const device of [...this.devices.keys()]) busy = this.answer(device) || busy
      this.advance(busy ? 1 : 500)
    }
  }

  /** Runs devices in turn until no dispute is open or `rounds` are over. */
  decide(rounds = 1_000): void {
    for (let round = 0; round < rounds && this.disputes.size > 0; round++) {
      let busy = false
      for (const device of [...this.devices.keys()]) busy = this.answer(device) || busy
      this.advance(busy ? 1 : 500)
    }
  }

  /** Units in the order of the job with the accepted text of each. */
  accepted(id: JobId): { unit: number; outputs: Uint8Array; count: number }[] {
    return [...this.store.acceptedOutputs(id)].map(row => ({
      unit: row.firstUnit,
      count: row.unitCount,
      outputs: row.outputs as Uint8Array,
    }))
  }

  balanceMicro(account: string): bigint {
    return this.ledger.balanceMicro(account)
  }

  /** @param planted - rules that the test itself breaks */
  audit(...planted: RuleCode[]): ReturnType<typeof auditBooks> {
    return auditBooks(this.store, planted)
  }

  private commit(): void {
    const { batch } = this
    this.batch = new Batch()
    this.jobs.flush(batch)
    this.fleet.flush(batch)
    this.ledger.flush(batch)
    this.pricing.flush(batch)
    this.log.append(batch.entries, batch)
    this.store.commit(batch.writes)
    for (const effect of batch.effects) this.release(effect)
  }

  private release(effect: Effect): void {
    this.effects.push(effect)
    if (effect.kind === 'grant') {
      const inbox = this.devices.get(effect.device)?.inbox
      if (inbox && !inbox.some(grant => grant.leaseId === effect.leaseId)) inbox.push(effect)
    } else if (effect.kind === 'cancel') {
      const device = this.devices.get(effect.device)
      if (device) device.inbox = device.inbox.filter(grant => grant.leaseId !== effect.leaseId)
    } else if (effect.kind === 'aggregate') {
      this.step((now, batch) => this.jobs.aggregated(effect.job, aggregateOf('b'), now, batch))
    } else if (effect.kind === 'schedule') this.step((now, batch) => this.jobs.wake(now, batch))
    else if (effect.kind === 'retry') this.retry(effect)
  }

  private retry({ dispute, job, lease }: RetryEffect): void {
    const read = readCaseFile(this.store, lease)
    const file = read && { ...read, answers: acceptedAnswers(this.store, () => null, read) }
    const prepared = this.prepared.get(job)
    if (!file || !prepared) throw new Error(`lease ${lease} of job ${job} is not in the books`)
    const kept = this.store.openLeases(job).map(row => ({ row, outputs: row.outputs }))
    this.step((now, batch) => this.disputes.retry(dispute, file, prepared, kept, now, batch))
  }
}

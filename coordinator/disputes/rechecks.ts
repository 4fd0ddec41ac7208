/**
 * The region looks again by itself at what a caught device has answered alone in jobs that were done by then. What is found is kept nowhere:
 * it follows from rows, so a restart finds it again, and a dispute about a lease is there once whoever opened it.
 */
import type { DeviceId, JobId, OwnerName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Now } from '../jobs/jobs.ts'
import { SLASHED } from '../ledger/ledger.ts'
import type { AcceptedRow, JobRow, Store } from '../store/rows.ts'
import { type CaseStore, readCaseFile } from './case-file.ts'
import { type DisputeDesk, disputeId } from './dispute.ts'
import { type Disputes, OPEN_OF_REGION_MAX } from './disputes.ts'
import { secondLookMicro } from './lease-terms.ts'
import { regionFundsMicro, regionSpentMicro } from './region-fund.ts'

export type RecheckStore = CaseStore & Pick<Store, 'jobs' | 'acceptedRuns' | 'dispute'>

/** A lease that waits to be looked at again. */
interface Candidate {
  readonly job: JobId
  readonly lease: number
  readonly device: DeviceId
  /** What the second look may cost. */
  readonly lookMicro: bigint
}

/** A second look that the region has opened. */
interface Opened {
  readonly id: string
  readonly openedAtMs: number
  /** What it has cost; null while it is open. */
  costMicro: bigint | null
}

/** Jobs looked at after a device was caught, the newest. */
const JOBS_MAX = 200
const JOBS_A_TICK = 4
/** Leases remembered, of the newest jobs. */
const WAITING_MAX = 1_000
/** A second look needs two owners that have not answered. */
const OTHER_OWNERS_MIN = 2
const REASON = 'Its device was caught afterwards, and nobody else had answered these units.'

export class Rechecks {
  private readonly desk: DisputeDesk
  private readonly disputes: Disputes
  private readonly store: RecheckStore
  private caught = new Set<DeviceId>()
  private owners = new Set<OwnerName>()
  /** A device has been caught since the last time that jobs were listed. */
  private isDue = false
  /** Jobs to be looked through, the newest first. */
  private jobs: JobRow[] = []
  /** Of the newest jobs first. */
  private waiting: Candidate[] = []
  private opened: Opened[]

  constructor(desk: DisputeDesk, disputes: Disputes, store: RecheckStore & Pick<Store, 'disputes'>) {
    this.desk = desk
    this.disputes = disputes
    this.store = store
    this.opened = store
      .disputes({ account: SLASHED })
      .map(({ id, openedAtMs }) => ({ id, openedAtMs, costMicro: null }))
  }

  /**
   * Time passes: looks for what rests on devices that were caught, and opens a second look at some of it.
   * @see spec/clauses.md [DISP-5.1] [DISP-5.2] [DISP-5.4]
   */
  tick(now: Now, batch: Batch): void {
    const { policy, fleet } = this.desk
    if (policy.recheckMicroMax === 0n || fleet.caughtShare === 0) return
    if (this.isDue) this.list(now.wallMs)
    this.count()
    for (const job of this.jobs.splice(0, JOBS_A_TICK)) this.look(job)
    this.openNext(now, batch)
  }

  /** Who was caught, and who is left to ask. What was decided together with the catch is in the store by the next tick. */
  private count(): void {
    const caught = new Set<DeviceId>()
    const owners = new Set<OwnerName>()
    for (const { row } of this.desk.fleet.all()) {
      if (row.standing === 'caught') caught.add(row.id)
      else if (row.standing === 'joined') owners.add(row.owner)
    }
    this.isDue = [...caught].some(device => !this.caught.has(device))
    this.caught = caught
    this.owners = owners
  }

  private list(nowMs: number): void {
    const endedSinceMs = nowMs - this.desk.policy.holdbackWindowMs
    this.jobs = this.store.jobs({ states: ['done'], endedSinceMs, limit: JOBS_MAX })
    this.waiting = []
  }

  private look(job: JobRow): void {
    const { policy } = this.desk
    const found = new Set<number>()
    for (const run of this.store.acceptedRuns(job.id)) {
      if (this.waiting.length >= WAITING_MAX) return
      if (run.solo === null || !this.caught.has(run.solo)) continue
      const lease = this.leaseOf(job.id, run, run.solo)
      if (lease === undefined || found.has(lease.id)) continue
      found.add(lease.id)
      if (this.store.dispute(disputeId({ kind: 'lease', lease: lease.id })) !== null) continue
      const lookMicro = secondLookMicro(policy, { lease, job })
      if (lookMicro > policy.recheckMicroMax) continue
      this.waiting.push({ job: job.id, lease: lease.id, device: run.solo, lookMicro })
    }
  }

  private leaseOf(
    job: JobId,
    { firstUnit, unitCount }: Pick<AcceptedRow, 'firstUnit' | 'unitCount'>,
    device: DeviceId,
  ) {
    return this.store
      .leasesOver(job, firstUnit, unitCount)
      .find(
        lease =>
          lease.device === device &&
          lease.state === 'accepted' &&
          lease.firstUnit <= firstUnit &&
          firstUnit + unitCount <= lease.firstUnit + lease.unitCount,
      )
  }

  private openNext(now: Now, batch: Batch): void {
    const { disputes, store } = this
    if (this.waiting.length === 0 || disputes.openOf(SLASHED) >= OPEN_OF_REGION_MAX) return
    const leftMicro = this.leftMicro(now.wallMs)
    const at = this.waiting.findIndex(
      ({ job, device, lookMicro }) =>
        lookMicro <= leftMicro && !disputes.isAbout(job) && this.ownersBeside(device) >= OTHER_OWNERS_MIN,
    )
    const [candidate] = at < 0 ? [] : this.waiting.splice(at, 1)
    const file = candidate === undefined ? null : readCaseFile(store, candidate.lease)
    if (file === null) return
    const outcome = disputes.openLease({ kind: 'region' }, file, REASON, now, batch)
    if (outcome.ok) this.opened.push({ id: outcome.row.id, openedAtMs: outcome.row.openedAtMs, costMicro: null })
  }

  private ownersBeside(device: DeviceId): number {
    const owner = this.desk.fleet.member(device)?.row.owner
    return this.owners.size - (owner !== undefined && this.owners.has(owner) ? 1 : 0)
  }

  /** What the next second look may set aside. */
  private leftMicro(nowMs: number): bigint {
    const { ledger, policy } = this.desk
    this.opened = this.opened.filter(({ openedAtMs }) => nowMs - openedAtMs < policy.epochMs)
    let leftMicro = policy.recheckMicroMax
    for (const opened of this.opened) {
      const costMicro = opened.costMicro ?? regionSpentMicro(ledger, opened.id)
      if (this.disputes.active(opened.id) === undefined) opened.costMicro = costMicro
      leftMicro -= costMicro
    }
    const fundsMicro = regionFundsMicro(ledger)
    return fundsMicro < leftMicro ? fundsMicro : leftMicro
  }
}

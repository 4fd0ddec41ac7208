/**
 * The region looks again by itself at what caught devices alone have answered in jobs that were done by then. What is found is kept nowhere:
 * it follows from rows, so a restart finds it again, and a dispute about a lease is there once whoever opened it. Jobs that trust single
 * answers come after all others: they have paid for no checks.
 */
import type { DeviceId, JobId, OwnerName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { type DoubtedRunStore, doubtedRuns } from '../jobs/doubted-runs.ts'
import { isTrusting } from '../jobs/job.ts'
import type { Now } from '../jobs/jobs.ts'
import { trustsAnybody } from '../jobs/suspect-units.ts'
import { SLASHED } from '../ledger/ledger.ts'
import type { JobRow, Store } from '../store/rows.ts'
import { type CaseStore, readCaseFile } from './case-file.ts'
import { type DisputeDesk, disputeId } from './dispute.ts'
import { type Disputes, OPEN_OF_REGION_MAX } from './disputes.ts'
import { secondLookMicro } from './lease-terms.ts'
import { regionFundsMicro, regionSpentMicro } from './region-fund.ts'

export type RecheckStore = CaseStore & DoubtedRunStore & Pick<Store, 'jobs' | 'dispute'>

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

/** Jobs looked at after a device was caught, the newest: looking through a few a tick takes minutes. */
const JOBS_MAX = 2_000
const JOBS_A_TICK = 4
/** Leases remembered of the newest jobs, and as many of those that trust single answers. */
const WAITING_MAX = 1_000
/** Of what may be spent in an epoch, what jobs that trust single answers leave for the others. */
const LEFT_FOR_OTHERS = 2n
/** A second look needs two owners that have not answered. */
const OTHER_OWNERS_MIN = 2
const REASON = 'Whoever gave this answer to these units was caught afterwards.'

export class Rechecks {
  private readonly desk: DisputeDesk
  private readonly disputes: Disputes
  private readonly store: RecheckStore
  private caught = new Set<DeviceId>()
  private owners = new Set<OwnerName>()
  /** A device has been caught since the last time that jobs were listed. */
  private isDue = false
  /** Jobs to be looked through, the newest first. */
  private jobs: JobId[] = []
  /** Of the newest jobs first. */
  private waiting: Candidate[] = []
  /** The same of jobs that trust single answers. */
  private trusting: Candidate[] = []
  /** There were more leases than are remembered. */
  private isCut = false
  /** Jobs of which something may be looked at again when they are done: those that trust single answers, and what ran when a device was caught. */
  private running = new Set<JobId>()
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
   * @see spec/clauses.md [DISP-5.1] [DISP-5.2] [DISP-5.4] [DISP-5.6]
   */
  tick(now: Now, batch: Batch): void {
    const { policy, fleet } = this.desk
    if (policy.recheckMicroMax === 0n || fleet.caughtShare === 0) return
    const isLookedThrough = this.jobs.length + this.waiting.length + this.trusting.length === 0
    if (this.isDue || (this.isCut && isLookedThrough)) this.list(now.wallMs)
    if (this.isDue) for (const job of this.desk.jobs.allActive()) this.running.add(job.row.id)
    this.count()
    this.noteEnded()
    for (const id of this.jobs.splice(0, JOBS_A_TICK)) {
      const job = this.store.job(id)
      if (job !== null) this.look(job)
    }
    this.openNext(now, batch)
  }

  /** Jobs that were waited for and have ended since the last tick come to those that are looked through. */
  private noteEnded(): void {
    for (const id of this.running) {
      if (this.desk.jobs.active(id)) continue
      const row = this.store.job(id)
      // What was decided together with its end is in the store by the next tick.
      if (row?.state === 'running' || row?.state === 'aggregating') continue
      this.running.delete(id)
      if (row?.state === 'done') this.jobs.unshift(id)
    }
    for (const job of this.desk.jobs.allActive()) if (isTrusting(job)) this.running.add(job.row.id)
  }

  /** Who was caught, and who is left to ask. What was decided together with the catch is in the store by the next tick. */
  private count(): void {
    const { fleet } = this.desk
    const joined = [...fleet.all()].filter(({ row }) => row.standing === 'joined')
    this.owners = new Set(joined.map(({ row }) => row.owner))
    this.isDue = [...fleet.caught].some(device => !this.caught.has(device))
    this.caught = new Set(fleet.caught)
  }

  private list(nowMs: number): void {
    const endedSinceMs = nowMs - this.desk.policy.holdbackWindowMs
    this.jobs = this.store.jobs({ states: ['done'], endedSinceMs, limit: JOBS_MAX }).map(({ id }) => id)
    this.waiting = []
    this.trusting = []
    this.isCut = false
  }

  private look(job: JobRow): void {
    const { policy } = this.desk
    const isLast = trustsAnybody(job)
    const waiting = isLast ? this.trusting : this.waiting
    const lookMicroMax = isLast ? policy.recheckMicroMax / LEFT_FOR_OTHERS : policy.recheckMicroMax
    const given = doubtedRuns(this.store, this.caught, job.id).flatMap(({ leases }) => leases.slice(0, 1))
    for (const lease of new Set(given)) {
      if (waiting.length >= WAITING_MAX) {
        this.isCut = true
        return
      }
      if (this.store.dispute(disputeId({ kind: 'lease', lease: lease.id })) !== null) continue
      const lookMicro = secondLookMicro(policy, { lease, job })
      if (lookMicro <= lookMicroMax) waiting.push({ job: job.id, lease: lease.id, device: lease.device, lookMicro })
    }
  }

  private openNext(now: Now, batch: Batch): void {
    const { disputes, store } = this
    if (this.waiting.length + this.trusting.length === 0 || disputes.openOf(SLASHED) >= OPEN_OF_REGION_MAX) return
    const leftMicro = this.leftMicro(now.wallMs)
    const candidate =
      this.takeFrom(this.waiting, least(leftMicro, regionFundsMicro(this.desk.ledger))) ??
      this.takeFrom(this.trusting, this.leftForTrustingMicro(leftMicro))
    const file = candidate === null ? null : readCaseFile(store, candidate.lease)
    if (file === null) return
    const outcome = disputes.openLease({ kind: 'region' }, file, REASON, now, batch)
    if (outcome.ok) this.opened.push({ id: outcome.row.id, openedAtMs: outcome.row.openedAtMs, costMicro: null })
  }

  /** The first that can be afforded, of a job that nothing else is looked at of; null when there is none. */
  private takeFrom(waiting: Candidate[], leftMicro: bigint): Candidate | null {
    const at = waiting.findIndex(
      ({ job, device, lookMicro }) =>
        lookMicro <= leftMicro && !this.disputes.isAbout(job) && this.ownersBeside(device) >= OTHER_OWNERS_MIN,
    )
    return at < 0 ? null : (waiting.splice(at, 1)[0] ?? null)
  }

  /**
   * What a second look at a job that trusts single answers may cost: out of what caught devices lost alone, and not the last half.
   * @see spec/clauses.md [DISP-5.6]
   */
  private leftForTrustingMicro(leftMicro: bigint): bigint {
    const { ledger, policy } = this.desk
    return least(leftMicro - policy.recheckMicroMax / LEFT_FOR_OTHERS, ledger.availableMicro(SLASHED))
  }

  private ownersBeside(device: DeviceId): number {
    const owner = this.desk.fleet.member(device)?.row.owner
    return this.owners.size - (owner !== undefined && this.owners.has(owner) ? 1 : 0)
  }

  /** What is left of what the region allows in an epoch. */
  private leftMicro(nowMs: number): bigint {
    const { ledger, policy } = this.desk
    this.opened = this.opened.filter(({ openedAtMs }) => nowMs - openedAtMs < policy.epochMs)
    let leftMicro = policy.recheckMicroMax
    for (const opened of this.opened) {
      const costMicro = opened.costMicro ?? regionSpentMicro(ledger, opened.id)
      if (this.disputes.active(opened.id) === undefined) opened.costMicro = costMicro
      leftMicro -= costMicro
    }
    return leftMicro
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

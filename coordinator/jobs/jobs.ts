/**
 * The jobs department: takes admitted jobs, leases their units, decides what comes back, and settles. Pure: no I/O, no
 * `await`; wall and monotonic time arrive with each call, rows and effects leave in the batch.
 */
import { assert, type DeviceId, type JobId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import { releaseHoldbacks } from '../ledger/holdback.ts'
import { REGION_SUBMITTER } from '../ledger/ledger.ts'
import { hedgeStragglers, nobodyFinishes, schedule } from '../scheduling/index.ts'
import type { JobRow } from '../store/rows.ts'
import type { CapacityCheck } from './capacity-check.ts'
import { dropLeases, NOBODY_FINISHES, outOfBudget } from './ending.ts'
import type { AggregateOutcome, Now, ResultOutcome, ReturnedLease, SubmitOutcome } from './inputs.ts'
import { createJob, type Desk, hasLeaseOut, type Job, type Lease, type PreparedJob, type SoloWork } from './job.ts'
import { newRow } from './new-row.ts'
import { affordableUnits } from './reservation.ts'
import { createRetrial, fileRetrial, type KeptLease, type RetrialOrder } from './retrial.ts'
import { loseLease, review, reviewWaiting } from './runs.ts'
import { closeEscrow, openEscrow, slash } from './settle.ts'
import { restoreSpotChecks } from './spot-checks.ts'
import { disown, unaccept } from './take-back.ts'
import { takeResult } from './take-result.ts'
import { termsOf } from './terms.ts'

export type { AggregateOutcome, Now, ResultOutcome, ReturnedLease, SubmitOutcome } from './inputs.ts'

const PROGRESS_EVERY_MS = 1_000

/** Second looks come first, and of them those that people wait for. */
const urgency = ({ retrial }: Job): number => (retrial === null ? 0 : retrial.isOfRegion ? 1 : 2)

export class Jobs {
  private readonly desk: Desk
  private readonly jobs = new Map<JobId, Job>()
  /** Second looks at jobs that are over, one a job. */
  private readonly retrials = new Map<JobId, Job>()
  /** Running jobs, the most urgent first. */
  private queue: Job[] = []
  private nextProgressMs = 0

  constructor(desk: Desk, restored: Iterable<Job>) {
    this.desk = desk
    for (const job of restored) {
      this.jobs.set(job.row.id, job)
      desk.turns.enter(job)
      for (const lease of job.leases.values()) if (lease.state === 'out') desk.loads.add(lease)
    }
    this.sortQueue()
  }

  /** A job that is running or being aggregated. Finished ones are rows only. */
  active(id: JobId): Job | undefined {
    return this.jobs.get(id)
  }

  allActive(): IterableIterator<Job> {
    return this.jobs.values()
  }

  /** The second look that is being taken at a job. */
  retrialOf(id: JobId): Job | undefined {
    return this.retrials.get(id)
  }

  /** What a device needs to know to work on a job, also for a second look; null when nothing of it is leased any more. */
  preparedOf(id: JobId): PreparedJob | null {
    return (this.jobs.get(id) ?? this.retrials.get(id))?.prepared ?? null
  }

  /** A lease that a device holds. */
  leaseOf(device: DeviceId, id: number): Lease | undefined {
    return this.desk.loads.of(device).leases.get(id)
  }

  submit(prepared: PreparedJob, submitter: JobRow['submitter'], now: Now, batch: Batch): SubmitOutcome {
    const { spec, plan } = prepared
    const terms = termsOf(this.desk, spec, plan.units, submitter, prepared.abi)
    if (!terms.ok) return terms
    const row = newRow(prepared, submitter, terms, now.wallMs)
    const job = createJob(row, prepared, now.monotonicMs)
    job.pending.add(0, plan.units)
    if (openEscrow(this.desk, job, now.wallMs, batch) === 'insufficient') {
      return { ok: false, code: 'insufficient', reason: 'The account no longer holds the budget.' }
    }
    this.jobs.set(row.id, job)
    this.desk.turns.enter(job)
    this.desk.dirty.add(job)
    this.sortQueue()
    this.announce(job, 'status', batch)
    this.schedule(now, batch)
    return { ok: true, row }
  }

  /**
   * Begins a check of what devices can do, on terms of the region's own; null when its fees do not cover the budget.
   * @see spec/clauses.md [PRICE-4.1] [PRICE-4.2]
   */
  openCheck(
    prepared: PreparedJob,
    terms: Pick<JobRow, 'gigafuelPriceMicro' | 'budgetMicro'>,
    check: CapacityCheck,
    now: Now,
    batch: Batch,
  ): Job | null {
    const { feeBasisPoints } = this.desk.policy
    const row = newRow(prepared, REGION_SUBMITTER, { ...terms, feeBasisPoints }, now.wallMs)
    const job = createJob(row, prepared, now.monotonicMs, null, check)
    job.pending.add(0, prepared.plan.units)
    if (openEscrow(this.desk, job, now.wallMs, batch) === 'insufficient') return null
    this.jobs.set(row.id, job)
    this.desk.dirty.add(job)
    this.sortQueue()
    for (const device of check.asked) this.desk.ready.wake(device)
    this.schedule(now, batch)
    return job
  }

  /** Ends a check. Leases that are out are taken back. */
  closeCheck(job: Job, reason: string, now: Now, batch: Batch): void {
    if (job.row.state === 'running') this.end(job, 'cancelled', reason, now, batch)
    this.schedule(now, batch)
  }

  /** Begins a second look at units of a job that is over. Nobody takes another one at the same job meanwhile. */
  retry(
    over: JobRow,
    prepared: PreparedJob,
    order: RetrialOrder,
    kept: readonly KeptLease[],
    now: Now,
    batch: Batch,
  ): void {
    assert(!this.jobs.has(over.id) && !this.retrials.has(over.id), 'a second look is taken at a job that is over')
    const job = createRetrial(this.desk, over, prepared, order, kept, now.monotonicMs, batch)
    this.retrials.set(over.id, job)
    this.sortQueue()
    for (const run of [...job.runs]) review(this.desk, job, run, now.wallMs, batch)
    this.afterwards(now, batch, this.queue)
  }

  /**
   * Ends a second look. Leases that are out are taken back.
   * @param pays - whether its escrow holds what its winners are owed
   */
  closeRetrial(retrial: Job, pays: boolean, now: Now, batch: Batch): void {
    dropLeases(this.desk, retrial, batch)
    fileRetrial(this.desk, retrial, pays, now.wallMs, batch)
    this.retrials.delete(retrial.row.id)
    this.sortQueue()
  }

  /** A device is found to have answered wrongly, when its job is over: it is caught like any other. */
  convict(member: Member, reason: string, now: Now, batch: Batch): void {
    this.desk.liars.set(member.row.id, reason)
    this.afterwards(now, batch)
  }

  /** Ends a running job that is not wanted any more, or cannot go on. False when it is not running. */
  stop(id: JobId, state: 'cancelled' | 'failed', reason: string, now: Now, batch: Batch): boolean {
    const job = this.jobs.get(id)
    if (job?.row.state !== 'running') return false
    this.end(job, state, reason, now, batch)
    return true
  }

  /** What a job needs is gone: it, or the second look at it, cannot go on. */
  fail(id: JobId, reason: string, now: Now, batch: Batch): void {
    const retrial = this.retrials.get(id)
    if (retrial) this.endRetrial(retrial, reason)
    else this.stop(id, 'failed', reason, now, batch)
  }

  /** Ends a job of an earlier run of the coordinator that cannot go on, such as when its input is gone; the rest is refunded. */
  abandon(row: JobRow, reason: string, now: Now, batch: Batch): void {
    const ended: JobRow = { ...row, state: 'failed', reason, finishedAtMs: now.wallMs }
    closeEscrow(this.desk, ended, now.wallMs, batch)
    batch.write({ table: 'job', row: ended })
  }

  /** Results of one frame, then one round of scheduling for all of them. */
  results(device: DeviceId, returned: readonly ReturnedLease[], now: Now, batch: Batch): ResultOutcome[] {
    const outcomes = returned.map(item => takeResult(this.desk, device, item, now, batch))
    this.afterwards(now, batch)
    return outcomes
  }

  /** A device has said hello: whatever it holds is sent again, since the first sending may have been lost. */
  greet(device: DeviceId, now: Now, batch: Batch): void {
    for (const lease of this.desk.loads.of(device).leases.values()) {
      const { id, job, first, count, deadlineMs } = lease
      const leaseMs = Math.max(1, Math.round(deadlineMs - now.monotonicMs))
      batch.emit({ kind: 'grant', device, job: job.row.id, leaseId: id, firstUnit: first, unitCount: count, leaseMs })
    }
    this.schedule(now, batch)
  }

  /** Somebody may have room for more. */
  wake(now: Now, batch: Batch): void {
    this.schedule(now, batch)
  }

  /** A device is gone for good: its leases and undecided votes are given to others. */
  withdraw(member: Member, now: Now, batch: Batch): void {
    for (const job of [...this.jobs.values(), ...this.retrials.values()]) {
      for (const lease of [...job.leases.of(member.row.id)]) disown(this.desk, lease, now.wallMs, batch)
    }
    this.afterwards(now, batch)
  }

  aggregated(id: JobId, outcome: AggregateOutcome | { error: string }, now: Now, batch: Batch): void {
    const job = this.jobs.get(id)
    if (!job) return
    job.aggregatesOut--
    // Units were taken back while it was computed, so it may hold what is accepted no longer: only a later one counts.
    if (job.row.state !== 'aggregating' || job.aggregatesOut > 0) return
    if (job.aggregateStale) {
      job.aggregateStale = false
      this.aggregate(job, batch)
      return
    }
    if ('error' in outcome) {
      this.end(job, 'failed', outcome.error, now, batch)
      return
    }
    job.row.resultSha256 = outcome.sha256
    job.row.resultBytes = outcome.bytes
    job.row.failedUnits = outcome.failedUnits
    job.row.unitFuelLeast = outcome.unitFuelLeast
    job.row.unitFuelGreatest = outcome.unitFuelGreatest
    job.row.billSha256 = outcome.billSha256
    job.row.billBytes = outcome.billBytes
    this.end(job, 'done', '', now, batch)
  }

  /** Time passes: late leases, absent devices, stragglers, deadlines, holdback windows, progress. */
  tick(now: Now, batch: Batch): void {
    const { desk } = this
    for (const job of this.queue) {
      for (const lease of this.lostLeases(job, now)) {
        const { device, count, issuedMs, deadlineMs } = lease
        if (now.monotonicMs > deadlineMs)
          desk.rates.noFaster(device, job.prepared.module, count, now.monotonicMs - issuedMs)
        for (const run of lease.runs) {
          run.expired++
          // Whoever gets it next may be as silent, so that lease may get a copy too.
          if (run.known === null) run.hedged = false
        }
        desk.fleet.countLostLease(device, now.monotonicMs)
        loseLease(desk, lease, 'expired', now.wallMs, batch)
      }
      hedgeStragglers(job, now.monotonicMs)
      const { deadlineMs } = job.prepared.spec
      if (job.retrial) continue
      if (deadlineMs !== undefined && now.wallMs - job.row.createdAtMs > deadlineMs) {
        this.end(job, 'failed', `not finished within its deadline of ${deadlineMs} ms`, now, batch)
      }
    }
    releaseHoldbacks(desk, now.wallMs, batch)
    if (now.monotonicMs >= this.nextProgressMs) {
      this.nextProgressMs = now.monotonicMs + PROGRESS_EVERY_MS
      for (const job of this.queue) {
        reviewWaiting(desk, job, now.wallMs, batch)
        if (!job.progressDue) continue
        job.progressDue = false
        this.announce(job, 'progress', batch)
      }
    }
    this.afterwards(now, batch, this.queue)
  }

  /** Asks again for the aggregates of jobs whose units are all in; needed once after a restart. */
  resume(now: Now, batch: Batch): void {
    for (const job of this.jobs.values()) {
      if (job.row.state === 'aggregating') this.aggregate(job, batch)
      restoreSpotChecks(this.desk, job)
      for (const run of [...job.runs]) review(this.desk, job, run, now.wallMs, batch)
    }
    this.afterwards(now, batch, this.queue)
  }

  flush(batch: Batch): void {
    for (const job of this.desk.dirty) if (!job.retrial) batch.write({ table: 'job', row: { ...job.row } })
    this.desk.dirty.clear()
  }

  private lostLeases(job: Job, now: Now): Lease[] {
    const lost: Lease[] = []
    for (const lease of job.leases.values()) if (lease.state === 'out' && this.isLost(lease, now)) lost.push(lease)
    return lost
  }

  private isLost(lease: Lease, now: Now): boolean {
    if (now.monotonicMs > lease.deadlineMs) return true
    const member = this.desk.fleet.member(lease.device)
    const goneSinceMs = member?.goneSinceMs ?? null
    return goneSinceMs !== null && now.monotonicMs - goneSinceMs > this.desk.policy.disconnectGraceMs
  }

  /** @param looked - jobs that may be over; by default those that something has happened to since the last commit */
  private afterwards(now: Now, batch: Batch, looked: Iterable<Job> = this.desk.dirty): void {
    const { desk } = this
    for (const [device, reason] of [...desk.liars]) {
      desk.liars.delete(device)
      const member = desk.fleet.member(device)
      if (member?.row.standing !== 'joined') continue
      desk.fleet.demote(member, 'caught', reason, now.wallMs, batch)
      this.distrust(member, now, batch)
    }
    for (const job of [...looked]) this.checkEnd(job, now, batch)
    this.schedule(now, batch)
    for (const job of [...looked]) this.checkBudget(job, now, batch)
  }

  /** A caught device loses its holdback, and what rests on its word alone is done again. */
  private distrust(member: Member, now: Now, batch: Batch): void {
    const device = member.row.id
    const redo = new Map<Job, SoloWork>()
    for (const job of this.jobs.values()) {
      const solo = job.solo.get(device)
      if (solo) redo.set(job, solo)
    }
    slash(this.desk, member, redo, now.wallMs, batch)
    batch.emit({ kind: 'distrusted', device })
    for (const [job, solo] of redo) unaccept(this.desk, job, device, solo, batch)
    this.withdraw(member, now, batch)
  }

  private checkEnd(job: Job, now: Now, batch: Batch): void {
    if (job.row.state !== 'running' || job.check) return
    if (job.retrial) {
      if (job.accepted.units === job.retrial.count) this.endRetrial(job, '')
      return
    }
    if (nobodyFinishes(this.desk, job)) job.row.reason = NOBODY_FINISHES
    if (job.row.reason !== '') this.end(job, 'failed', job.row.reason, now, batch)
    else if (job.accepted.units === job.row.units) {
      job.row.state = 'aggregating'
      this.desk.dirty.add(job)
      this.announce(job, 'progress', batch)
      this.aggregate(job, batch)
    }
  }

  private aggregate(job: Job, batch: Batch): void {
    job.aggregatesOut++
    batch.emit({ kind: 'aggregate', job: job.row.id })
  }

  /** A job that waits for nothing and cannot afford another lease will never end by itself. */
  private checkBudget(job: Job, now: Now, batch: Batch): void {
    if (job.row.state !== 'running' || job.check || hasLeaseOut(job)) return
    const isUnfinished = job.needy.size > 0 || !job.pending.isEmpty
    if (!isUnfinished || affordableUnits(job) >= 1) return
    if (job.retrial)
      this.endRetrial(job, 'the answers differed so often that the deposit could not pay for another one')
    else this.end(job, 'failed', outOfBudget(job), now, batch)
  }

  /** Nothing more is leased for a second look; the disputes department takes it from there. */
  private endRetrial(job: Job, reason: string): void {
    if (!job.retrial || job.retrial.endReason !== null) return
    job.retrial.endReason = reason
    job.row.state = 'aggregating'
  }

  private end(job: Job, state: 'done' | 'failed' | 'cancelled', reason: string, now: Now, batch: Batch): void {
    const { desk } = this
    dropLeases(desk, job, batch)
    job.row.state = state
    job.row.reason = reason
    job.row.finishedAtMs = now.wallMs
    closeEscrow(desk, job.row, now.wallMs, batch)
    desk.dirty.add(job)
    this.jobs.delete(job.row.id)
    desk.turns.leave(job)
    this.sortQueue()
    this.announce(job, 'status', batch)
    this.announce(job, 'result', batch)
  }

  private schedule(now: Now, batch: Batch): void {
    schedule(this.desk, this.queue, now, batch)
  }

  private sortQueue(): void {
    this.queue = [...this.jobs.values(), ...this.retrials.values()].sort(
      (a, b) =>
        urgency(b) - urgency(a) ||
        b.prepared.spec.priority - a.prepared.spec.priority ||
        a.row.createdAtMs - b.row.createdAtMs,
    )
  }

  private announce(job: Job, what: 'status' | 'progress' | 'result', batch: Batch): void {
    if (job.retrial || job.check) return
    batch.emit({ kind: 'job-changed', submitter: job.row.submitter, job: job.row.id, what })
  }
}

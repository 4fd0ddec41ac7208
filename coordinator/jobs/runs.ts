/** The life of a run: it gathers leases and votes until it is accepted, cut into pieces, or goes back to the pending units. */
import { decodeOutputs, fromHex } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { LeaseState } from '../store/rows.ts'
import { disagrees, needsMore, refuted, winners } from './decide.ts'
import { createRun, type Desk, isTrusting, type Job, type Lease, type Run, soloOf, type Vote } from './job.ts'
import { answerMicro, heldMicro, promiseMicro } from './reservation.ts'
import { payRun } from './settle.ts'
import { piece, sliceVote, splitRun } from './split-run.ts'
import { failureOf } from './unit-failure.ts'

/** Takes units off the pending ones into a new open run. */
export function openRun(job: Job, first: number, count: number): Run {
  const run = createRun(first, count)
  job.runs.add(run)
  return run
}

/** Decides a run if its votes suffice; otherwise notes what it waits for. Called after anything about it has changed. */
export function review(desk: Desk, job: Job, run: Run, nowMs: number, batch: Batch): void {
  const winning = winners(desk, job, run)
  if (winning) {
    accept(desk, job, run, winning, nowMs, batch)
    return
  }
  if (run.votes.length === 0 && run.leases.size === 0) {
    closeRun(job, run)
    job.pending.add(run.first, run.count)
    return
  }
  if (run.count > 1 && disagrees(run)) {
    const pieces = splitRun(run)
    if (pieces.length > 1) {
      replaceRun(job, run, pieces)
      for (const piece of pieces) review(desk, job, piece, nowMs, batch)
      return
    }
  }
  if (disagrees(run)) for (const vote of refuted(desk, job, run)) accuse(desk, job, run, vote)
  if (needsMore(desk, job, run)) job.needy.add(run)
  else job.needy.delete(run)
}

/** Names a device whose answer lost; it is dealt with when the step is over. */
function accuse(desk: Desk, job: Job, run: Run, { lease }: Vote): void {
  const member = desk.fleet.member(lease.device)
  if (!member || desk.liars.has(lease.device)) return
  desk.fleet.countUnits(member, 0, run.count)
  const units = `units ${run.first} to ${run.first + run.count - 1} of job ${job.row.id}`
  desk.liars.set(lease.device, `returned a wrong result for ${units}`)
}

/** Records a returned lease's answer on one of its runs, cut to it. The caller reviews the run afterwards. */
export function castVote(run: Run, answer: Vote, lease: Lease): void {
  run.leases.delete(lease)
  const isWhole = run.first === lease.first && run.count === lease.count
  const vote = isWhole ? answer : sliceVote(answer, run.first - lease.first, run.count)
  run.votes.push(vote)
  const { job } = lease
  job.reservedMicro += answerMicro(job, run, vote) - promiseMicro(job, run.count)
}

/** Cuts a run of which no lease is out in two, for a budget that cannot carry all of it. @returns the first `count` units of it */
export function cutRun(job: Job, run: Run, count: number): Run {
  const first = piece(run, 0, count)
  const rest = piece(run, count, run.count - count)
  replaceRun(job, run, [first, rest])
  job.needy.add(first).add(rest)
  return first
}

/**
 * Takes a lease off the books: it is lost, cancelled or not needed any more. Its votes and the review of its runs are left to
 * the caller.
 */
export function dropLease(desk: Desk, lease: Lease, state: LeaseState, batch: Batch): void {
  const { job } = lease
  for (const run of lease.runs) {
    run.leases.delete(lease)
    job.reservedMicro -= heldMicro(job, lease, run)
  }
  job.leases.delete(lease.id)
  if (lease.state === 'out') desk.loads.remove(lease)
  batch.write({ table: 'lease-state', id: lease.id, state, digest: null, outputs: null })
}

/** Gives up a lease that is out and lets its runs find another device. */
export function loseLease(
  desk: Desk,
  lease: Lease,
  state: 'expired' | 'failed' | 'cancelled',
  nowMs: number,
  batch: Batch,
): void {
  const runs = [...lease.runs]
  dropLease(desk, lease, state, batch)
  if (state !== 'failed') batch.emit({ kind: 'cancel', device: lease.device, leaseId: lease.id })
  for (const run of runs) review(desk, lease.job, run, nowMs, batch)
}

function accept(desk: Desk, job: Job, run: Run, winning: readonly Vote[], nowMs: number, batch: Batch): void {
  const answer = winning[0] as Vote
  closeRun(job, run)
  job.accepted.add(run.first, run.count)
  batch.write({
    table: 'accepted',
    row: {
      job: job.row.id,
      firstUnit: run.first,
      unitCount: run.count,
      digest: fromHex(answer.digest),
      outputs: answer.isBlob ? null : answer.outputs,
      solo: winning.length === 1 && !isTrusting(job) ? answer.lease.device : null,
      fuel: answer.fuel,
    },
  })
  job.row.fuel += BigInt(answer.fuel)
  if (answer.failedUnits > 0) noteFailures(job, run, answer)
  for (const vote of run.votes) settleVote(desk, job, run, vote, winning, nowMs, batch)
  for (const lease of [...run.leases]) {
    // Only copies of stragglers are still out here: the run did not wait for them.
    job.reservedMicro -= heldMicro(job, lease, run)
    lease.runs.delete(run)
    run.leases.delete(lease)
    if (lease.runs.size > 0) continue
    dropLease(desk, lease, 'cancelled', batch)
    batch.emit({ kind: 'cancel', device: lease.device, leaseId: lease.id })
  }
  job.progressDue = true
  desk.dirty.add(job)
}

function noteFailures(job: Job, run: Run, answer: Vote): void {
  job.row.failedUnits += answer.failedUnits
  if (job.prepared.spec.onUnitError === 'skip' || job.row.reason !== '') return
  const outcomes = decodeOutputs(answer.outputs, run.count)
  for (const [index, outcome] of outcomes.entries()) {
    const failure = failureOf(outcome)
    if (failure === null) continue
    job.row.reason = `unit ${run.first + index} ${failure}`
    return
  }
}

function settleVote(
  desk: Desk,
  job: Job,
  run: Run,
  vote: Vote,
  winning: readonly Vote[],
  nowMs: number,
  batch: Batch,
): void {
  const { lease } = vote
  const member = desk.fleet.member(lease.device)
  job.reservedMicro -= answerMicro(job, run, vote)
  lease.runs.delete(run)
  if (member && winning.includes(vote)) {
    const { deviceMicro, feeMicro } = payRun(desk, job, run, vote, member, nowMs, batch)
    if (vote !== winning[0]) job.row.replicaMicro += deviceMicro + feeMicro
    desk.fleet.countUnits(member, run.count, 0)
    if (winning.length > 1) desk.fleet.passedCheck(member)
    else if (!isTrusting(job)) {
      const solo = soloOf(job, lease.device)
      solo.units.add(run.first, run.count)
      solo.fuel += BigInt(vote.fuel)
      solo.deviceMicro += deviceMicro
      solo.feeMicro += feeMicro
    }
  } else if (member) {
    lease.lost = true
    accuse(desk, job, run, vote)
  }
  if (lease.runs.size === 0) {
    job.leases.delete(lease.id)
    const state = lease.lost ? 'rejected' : 'accepted'
    batch.write({ table: 'lease-state', id: lease.id, state, digest: fromHex(vote.digest), outputs: null })
  }
}

function closeRun(job: Job, run: Run): void {
  job.runs.delete(run)
  job.needy.delete(run)
  job.hedges.delete(run)
}

function replaceRun(job: Job, run: Run, pieces: readonly Run[]): void {
  closeRun(job, run)
  const holders = new Set([...run.leases, ...run.votes.map(vote => vote.lease)])
  for (const lease of holders) {
    job.reservedMicro -= heldMicro(job, lease, run)
    lease.runs.delete(run)
    for (const piece of pieces) {
      lease.runs.add(piece)
      job.reservedMicro += heldMicro(job, lease, piece)
    }
  }
  for (const piece of pieces) {
    piece.spotCheck = run.spotCheck
    job.runs.add(piece)
  }
}

/** The life of a run: it gathers leases and votes until it is accepted, cut into pieces, or goes back to the pending units. */
import { assert, decodeOutputs, fromHex, type OwnerName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import type { LeaseState } from '../store/rows.ts'
import { accuse } from './accusation.ts'
import { type Decision, disagrees, needsMore, refuted, winners } from './decide.ts'
import {
  createRun,
  type Desk,
  isTrusting,
  type Job,
  type KnownAnswer,
  type Lease,
  type Run,
  soloOf,
  type Vote,
} from './job.ts'
import { judgeKnown } from './judge-known.ts'
import { rememberAnswer } from './known-answers.ts'
import { answerMicro, heldMicro, promiseMicro } from './reservation.ts'
import { payRun } from './settle.ts'
import { addSolo } from './solo-work.ts'
import { piece, sliceVote, splitRun } from './split-run.ts'
import { failureOf } from './unit-failure.ts'

/** Takes units off the pending ones into a new open run. */
export function openRun(job: Job, first: number, count: number): Run {
  const run = createRun(first, count, job.retrial?.barred)
  job.runs.add(run)
  return run
}

/** Decides a run if its votes suffice; otherwise notes what it waits for. Called after anything about it has changed. */
export function review(desk: Desk, job: Job, run: Run, nowMs: number, batch: Batch): void {
  if (run.known) {
    reviewKnown(desk, job, run, run.known, nowMs, batch)
    return
  }
  const decision = winners(desk, job, run)
  if (decision) {
    accept(desk, job, run, decision, nowMs, batch)
    return
  }
  if (run.votes.length === 0 && run.leases.size === 0) {
    reopen(job, run)
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

/** Looks again at runs that wait for another opinion: whoever could have given it may have gone. Called now and then. */
export function reviewWaiting(desk: Desk, job: Job, nowMs: number, batch: Batch): void {
  for (const run of [...job.needy]) {
    const mayLapse = run.leases.size === 0 && (run.third === true || disagrees(run))
    if (mayLapse && job.runs.has(run)) review(desk, job, run, nowMs, batch)
  }
}

/** A run with a known answer ends when it is answered, or its lease comes to nothing. */
function reviewKnown(desk: Desk, job: Job, run: Run, known: KnownAnswer, nowMs: number, batch: Batch): void {
  if (run.votes.length > 0) judgeKnown(desk, job, run, known, nowMs, batch)
  if (run.leases.size === 0) closeRun(job, run)
}

/** A run that nobody is at: fresh units again. A second look keeps it, since anybody may take fresh units. */
function reopen(job: Job, run: Run): void {
  if (job.retrial) {
    job.needy.add(run)
    return
  }
  closeRun(job, run)
  job.pending.add(run.first, run.count)
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
  // What was voted down is kept, for its owner may dispute it.
  const digest = lease.lost && lease.digest !== undefined ? fromHex(lease.digest) : null
  batch.write({ table: 'lease-state', id: lease.id, state, digest, outputs: null })
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

function accept(desk: Desk, job: Job, run: Run, { winning, wrongness }: Decision, nowMs: number, batch: Batch): void {
  closeRun(job, run)
  job.accepted.add(run.first, run.count)
  if (job.retrial) job.retrial.decided.push({ run, winning })
  else bookAnswer(job, run, winning, batch)
  job.row.expectedWrongUnits += wrongness * run.count
  if (isSolo(job, winning)) soloOf(job, winning[0].lease.device).expectedWrongUnits += wrongness * run.count
  rememberAnswer(job, run, winning, wrongness)
  notePairs(desk, run, winning)
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

/** Whether an answer rests on one device's word, in a job that wants more than that. */
const isSolo = (job: Job, winning: readonly Vote[]): boolean =>
  winning.length === 1 && !isTrusting(job) && job.retrial === null

/** Who has agreed with whom, and with what success. */
function notePairs({ pairs }: Desk, run: Run, winning: readonly Vote[]): void {
  const owners = ownersOf(winning)
  const [a, b] = owners
  if (owners.length === 2 && run.votes.length === 2 && a !== undefined && b !== undefined) pairs.decided(a, b)
  pairs.confirmed(owners)
  const lost = run.votes.filter(vote => !winning.includes(vote))
  for (const digest of new Set(lost.map(vote => vote.digest))) {
    pairs.wereWrong(ownersOf(lost.filter(vote => vote.digest === digest)))
  }
}

const ownersOf = (votes: readonly Vote[]): OwnerName[] => [...new Set(votes.map(({ lease }) => lease.owner))]

function bookAnswer(job: Job, run: Run, winning: readonly Vote[], batch: Batch): void {
  const answer = winning[0] as Vote
  batch.write({
    table: 'accepted',
    row: {
      job: job.row.id,
      firstUnit: run.first,
      unitCount: run.count,
      digest: fromHex(answer.digest),
      outputs: answer.isBlob ? null : answer.outputs,
      solo: winning.length === 1 ? answer.lease.device : null,
      fuel: answer.fuel,
    },
  })
  batch.emit({ kind: 'accepted', job: job.row.id, units: run.count })
  job.row.fuel += BigInt(answer.fuel)
  if (answer.failedUnits > 0) noteFailures(job, run, answer)
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
  const won = member !== undefined && winning.includes(vote)
  lease.runs.delete(run)
  // A second look pays when it is over, so what its winners are owed stays reserved until then.
  if (!won || !job.retrial) job.reservedMicro -= answerMicro(job, run, vote)
  if (won && !job.retrial) payWinner(desk, job, run, vote, winning, member, nowMs, batch)
  else if (!won) accuse(desk, job, run, vote)
  if (lease.runs.size > 0) return
  job.leases.delete(lease.id)
  // Until a second look is over its answers stay as they came, so that a restart can count them again.
  if (job.retrial && !lease.lost) return
  assert(lease.digest, 'a lease that is settled has been returned')
  const state = lease.lost ? 'rejected' : 'accepted'
  batch.write({ table: 'lease-state', id: lease.id, state, digest: fromHex(lease.digest), outputs: null })
}

function payWinner(
  desk: Desk,
  job: Job,
  run: Run,
  vote: Vote,
  winning: readonly Vote[],
  member: Member,
  nowMs: number,
  batch: Batch,
): void {
  const cost = payRun(desk, job, run, vote, member, nowMs, batch)
  if (vote !== winning[0]) job.row.replicaMicro += cost.priceMicro
  desk.fleet.countUnits(member, run.count, 0)
  if (winning.length > 1) desk.fleet.passedCheck(member)
  else if (isSolo(job, winning)) addSolo(job, vote.lease.device, run, vote, cost)
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
    piece.third = run.third
    piece.barred = run.barred
    job.runs.add(piece)
  }
}

/** What becomes of the answer to a run whose right answer is known. */
import { assert, fromHex } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { JURY_CERTAINTY, juryOdds } from '../verification/index.ts'
import { accuse } from './accusation.ts'
import type { Desk, Job, KnownAnswer, Run } from './job.ts'
import { answerMicro } from './reservation.ts'
import { payRun } from './settle.ts'

/** A known answer that is right less likely than this, such as with one voice against three, measures nobody any more. */
const KNOWN_ABOVE = 0.05

/**
 * A right answer is a passed check and paid like that of a replica. A wrong one is not paid, and others are asked until they have refuted
 * it, which catches its device, or until the known answer itself has become doubtful.
 * @see spec/clauses.md [VERIFY-3.2]
 */
export function judgeKnown(desk: Desk, job: Job, run: Run, known: KnownAnswer, nowMs: number, batch: Batch): void {
  const [vote] = run.votes
  assert(vote !== undefined, 'a run with a known answer is judged when it has been answered')
  const { lease } = vote
  const member = desk.fleet.member(lease.device)
  lease.runs.delete(run)
  job.leases.delete(lease.id)
  job.reservedMicro -= answerMicro(job, run, vote)
  const isRight = vote.digest === known.digest && vote.fuel === known.fuel
  if (!isRight) known.against.push(vote)
  else if (member !== undefined) {
    known.voices++
    job.row.replicaMicro += payRun(desk, job, run, vote, member, nowMs, batch).priceMicro
    desk.fleet.countUnits(member, run.count, 0)
    desk.fleet.passedCheck(member)
  }
  weigh(desk, job, run, known)
  desk.dirty.add(job)
  assert(lease.digest, 'a lease that is judged has been returned')
  const state = isRight ? 'accepted' : 'rejected'
  batch.write({ table: 'lease-state', id: lease.id, state, digest: fromHex(lease.digest), outputs: null })
}

/** Weighs those who contradict a known answer against it as a jury would, as far as their devices still count. */
function weigh(desk: Desk, job: Job, run: Run, known: KnownAnswer): void {
  known.against = known.against.filter(({ lease }) => desk.fleet.member(lease.device)?.row.standing === 'joined')
  if (known.against.length === 0) return
  const others = [...Map.groupBy(known.against, ({ digest }) => digest).values()]
  const voices = [known.voices, ...others.map(votes => votes.length)]
  const [right = 0, ...rest] = juryOdds(voices, desk.fleet.saboteurShare)
  restate(job, known, 1 - right)
  for (const [index, votes] of others.entries()) {
    if ((rest[index] ?? 0) >= 1 - JURY_CERTAINTY) continue
    for (const vote of votes) accuse(desk, job, run, vote)
    known.against = known.against.filter(vote => !votes.includes(vote))
  }
  if (right < KNOWN_ABOVE) job.known = job.known.filter(other => other !== known)
}

/** Corrects what the job says of how many of its units are wrong. */
function restate(job: Job, known: KnownAnswer, wrongness: number): void {
  job.row.expectedWrongUnits = Math.max(0, job.row.expectedWrongUnits + known.count * (wrongness - known.wrongness))
  known.wrongness = wrongness
}

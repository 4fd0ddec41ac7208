/**
 * Known answers: a device is given units again whose right answer several other owners have agreed on, and does not know it. What it says
 * is compared and nothing waits for it, so its record grows, or ends, without anybody's help.
 */
import type { Member } from '../fleet/fleet.ts'
import { knownAnswerRate, replicasWorst } from '../verification/credibility.ts'
import { createRun, type Desk, isTrusting, type Job, type KnownAnswer, type Run, type Vote } from './job.ts'
import { affordableUnits, promiseMicro, unreservedMicro } from './reservation.ts'

/** An answer that is wrong more likely than this is no measure for others. */
export const WRONGNESS_MAX = 1e-4
/** Answers of a job that are remembered. The newest: old unit numbers would tell a device that it is being tried. */
const ANSWERS_MAX = 32
/** How much longer or shorter than what a device is used to an answer may be. */
const LENGTH_FACTOR = 2

/** Remembers an answer that several owners have just agreed on. */
export function rememberAnswer(job: Job, run: Run, winning: readonly Vote[], wrongness: number): void {
  const [answer] = winning
  if (answer === undefined || winning.length < 2 || wrongness > WRONGNESS_MAX || isTrusting(job) || job.retrial) return
  const spoken = new Set(run.votes.map(({ lease }) => lease.owner))
  const { digest, fuel } = answer
  job.known.push({ first: run.first, count: run.count, digest, fuel, wrongness, spoken, voices: 1, against: [] })
  const oldest = job.known.findIndex(({ against }) => against.length === 0)
  if (job.known.length > ANSWERS_MAX && oldest >= 0) job.known.splice(oldest, 1)
}

/**
 * A run to try a device with, or null when it is not its turn, the job knows nothing that is alike enough, or the budget has better use.
 * Drawn for every device for ever, and oftener for those whose word does not suffice yet.
 * @see spec/clauses.md [VERIFY-3.1] [VERIFY-3.3]
 */
export function takeKnownAnswer(desk: Desk, job: Job, member: Member): Run | null {
  const { verify } = job.prepared.spec
  if (verify.kind === 'trust' || job.known.length === 0) return null
  const isProven = desk.fleet.credibility(member) >= verify.theta
  const isDrawn = desk.random.uniform() < knownAnswerRate(isProven)
  // What somebody has contradicted is asked of whoever comes next.
  const fitting = job.known.filter(
    answer => (isDrawn || answer.against.length > 0) && isFitting(desk, job, member, answer),
  )
  const answer = fitting[Math.floor(desk.random.uniform() * fitting.length)]
  if (answer === undefined || !isSpare(desk, job, answer.count, verify.theta)) return null
  answer.spoken.add(member.row.owner)
  return openKnown(job, answer)
}

/** Opens a run for one more answer to what is known. */
export function openKnown(job: Job, answer: KnownAnswer): Run {
  const run = createRun(answer.first, answer.count, answer.spoken)
  run.known = answer
  // Nobody waits for it, so it is never late.
  run.hedged = true
  job.runs.add(run)
  return run
}

/** Whether a device has not spoken on it and would not notice by its length that it is no ordinary lease. */
function isFitting(desk: Desk, job: Job, { row }: Member, { count, spoken }: KnownAnswer): boolean {
  if (spoken.has(row.owner)) return false
  const usual = desk.rates.of(row.id, job.prepared.module)?.unitsSeen ?? 1
  return count <= usual * LENGTH_FACTOR && count * LENGTH_FACTOR >= usual
}

/** Whether the budget carries it and, after it, all that is not decided yet with every replica that may need. */
function isSpare(desk: Desk, job: Job, count: number, theta: number): boolean {
  if (count > affordableUnits(job)) return false
  const open = job.row.units - job.accepted.units
  const replicas = replicasWorst(theta, desk.fleet.saboteurShare)
  return unreservedMicro(job) - promiseMicro(job, count) >= promiseMicro(job, open * replicas)
}

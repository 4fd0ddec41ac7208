/** When a run's answers suffice: Sarmenta's credibility over groups of equal answers (CCGrid 2001). */

import { groupCredibility } from '../verification/credibility.ts'
import { drawSpotCheck, JURY_CERTAINTY, juryOdds } from '../verification/index.ts'
import { REFUTED_BELOW } from './accusation.ts'
import { credibilityOf, type Desk, type Job, type Lease, type Run, type Vote } from './job.ts'
import { isSomebodyLeft } from './left-to-ask.ts'

/** What a run came to. */
export interface Decision {
  /** The votes whose answer is accepted. */
  readonly winning: readonly [Vote, ...Vote[]]
  /** Probability that it is wrong. */
  readonly wrongness: number
}

/** Votes with equal answers, the largest standing first by posterior. */
interface Standing {
  groups: Vote[][]
  posteriors: number[]
  /** Index of the group most likely to be right. */
  leading: number
  posterior: number
}

/**
 * What each voice for an answer weighs. Owners of one mind are one voice, that of the most credible of them.
 * @see spec/clauses.md [VERIFY-4.2]
 */
function voices(desk: Desk, leases: readonly Lease[]): number[] {
  const weighed = leases.map(lease => ({ owner: lease.owner, credibility: credibilityOf(desk, lease) }))
  weighed.sort((a, b) => b.credibility - a.credibility)
  const heard: typeof weighed = []
  for (const one of weighed) if (!heard.some(({ owner }) => desk.pairs.areOne(owner, one.owner))) heard.push(one)
  return heard.map(({ credibility }) => credibility)
}

const leasesOf = (votes: readonly Vote[]): Lease[] => votes.map(({ lease }) => lease)

/** Probabilities of answers by who stands for them: by their records, or by their number alone when a jury decides. */
function weigh(desk: Desk, groups: readonly (readonly Lease[])[], byJury: boolean): number[] {
  const heard = groups.map(leases => voices(desk, leases))
  if (!byJury) return groupCredibility(heard)
  return juryOdds(
    heard.map(group => group.length),
    desk.fleet.saboteurShare,
  )
}

/**
 * Whether answers differ and there are others to ask: then owners are counted, and what they have proven before is not.
 * @see spec/clauses.md [VERIFY-2.7]
 */
function isForJury(desk: Desk, job: Job, run: Run): boolean {
  if (job.retrial || !disagrees(run)) return false
  return run.leases.size > 0 || isSomebodyLeft(desk, job, run)
}

function standing(desk: Desk, run: Run, byJury: boolean): Standing {
  const groups = [...Map.groupBy(run.votes, ({ digest }) => digest).values()]
  const posteriors = weigh(desk, groups.map(leasesOf), byJury)
  let leading = 0
  for (let i = 1; i < posteriors.length; i++) {
    if ((posteriors[i] ?? 0) > (posteriors[leading] ?? 0)) leading = i
  }
  return { groups, posteriors, leading, posterior: posteriors[leading] ?? 0 }
}

/** What a run comes to, or null while it needs more. Draws once for each run whether a third owner is asked as well. */
export function winners(desk: Desk, job: Job, run: Run): Decision | null {
  const [first] = run.votes
  if (first === undefined) return null
  const { verify } = job.prepared.spec
  if (verify.kind === 'trust') return { winning: [first], wrongness: 1 - credibilityOf(desk, first.lease) }
  const byJury = isForJury(desk, job, run)
  const { groups, leading, posterior } = standing(desk, run, byJury)
  const [leader, ...others] = groups[leading] ?? []
  if (leader === undefined || posterior < certainty(verify.theta, byJury)) return null
  if (others.length === 1 && !job.retrial) run.third ??= drawThird(desk, run, verify.theta)
  if (1 + others.length < fewestVotes(desk, job, run)) return null
  return { winning: [leader, ...others], wrongness: 1 - posterior }
}

/** A jury is as sure as it must be to convict. */
const certainty = (theta: number, byJury: boolean): number => (byJury ? Math.max(theta, JURY_CERTAINTY) : theta)

/**
 * Whether a third owner is asked about what two agree on: as often as for a spot check of a device that has passed as many checks as the
 * two have been confirmed by others. Always while nobody has, when neither would be believed alone: then all rests on their not being one.
 * @see spec/clauses.md [VERIFY-4.1]
 */
function drawThird(desk: Desk, { votes }: Run, theta: number): boolean {
  const [a, b] = votes
  if (a === undefined || b === undefined || votes.length > 2) return false
  const checksPassed = desk.pairs.of(a.lease.owner, b.lease.owner)?.confirmed ?? 0
  if (checksPassed === 0 && votes.every(({ lease }) => credibilityOf(desk, lease) < theta)) return true
  return drawSpotCheck(desk.random, { row: { checksPassed } }, desk.fleet.caughtShare)
}

/** However proven a device is: its word alone neither passes a spot check nor overturns what others have said. */
function fewestVotes(desk: Desk, job: Job, run: Run): number {
  // Where nobody is left to ask, nobody waits for a third.
  if (run.third === true && (run.votes.length + run.leases.size > 2 || isSomebodyLeft(desk, job, run))) return 3
  return run.spotCheck || job.retrial !== null ? 2 : 1
}

/** Whether the run would still be undecided if every lease that is out agreed with the leading answer. */
export function needsMore(desk: Desk, job: Job, run: Run): boolean {
  if (run.known) return false
  const out = [...run.leases].filter(lease => lease.state === 'out')
  const { verify } = job.prepared.spec
  if (verify.kind === 'trust') return run.votes.length + out.length === 0
  const byJury = isForJury(desk, job, run)
  const { groups, leading } = standing(desk, run, byJury)
  const hoped = groups.map(leasesOf)
  if (hoped.length === 0) hoped.push([])
  hoped[leading]?.push(...out)
  const best = hoped[leading] ?? []
  if (best.length === 0) return true
  if (best.length < fewestVotes(desk, job, run)) return true
  return (weigh(desk, hoped, byJury)[leading] ?? 0) < certainty(verify.theta, byJury)
}

/**
 * Votes refuted by the others of an undecided run. Without this one liar could hold up a small region for ever: with four
 * new owners against one, neither answer reaches 0.999 and nobody is left to ask. Only a majority of several refutes: one
 * device's word, however proven it is, convicts nobody.
 */
export function refuted(desk: Desk, job: Job, run: Run): Vote[] {
  if (job.prepared.spec.verify.kind === 'trust') return []
  const byJury = isForJury(desk, job, run)
  const { groups, posteriors, leading } = standing(desk, run, byJury)
  const majority = groups[leading]?.length ?? 0
  if (majority < 2) return []
  const below = byJury ? 1 - JURY_CERTAINTY : REFUTED_BELOW
  return groups.filter((group, index) => group.length < majority && (posteriors[index] ?? 0) < below).flat()
}

/** Whether distinct answers stand against each other. */
export function disagrees(run: Run): boolean {
  return run.votes.some(vote => vote.digest !== run.votes[0]?.digest)
}

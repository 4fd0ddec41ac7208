/** When a run's answers suffice: Sarmenta's credibility over groups of equal answers (CCGrid 2001). */

import { groupCredibility } from '../verification/credibility.ts'
import type { Desk, Job, Run, Vote } from './job.ts'

/** Votes with equal answers, the largest standing first by posterior. */
interface Standing {
  groups: Vote[][]
  posteriors: number[]
  /** Index of the group most likely to be right. */
  leading: number
  posterior: number
}

function credibilities(desk: Desk, votes: readonly Vote[]): number[] {
  return votes.map(vote => deviceCredibility(desk, vote))
}

function deviceCredibility(desk: Desk, vote: Pick<Vote, 'lease'>): number {
  const member = desk.fleet.member(vote.lease.device)
  return member ? desk.fleet.credibility(member) : 0
}

function standing(desk: Desk, run: Run): Standing {
  const byDigest = new Map<string, Vote[]>()
  for (const vote of run.votes) {
    const group = byDigest.get(vote.digest)
    if (group) group.push(vote)
    else byDigest.set(vote.digest, [vote])
  }
  const groups = [...byDigest.values()]
  const posteriors = groupCredibility(groups.map(group => credibilities(desk, group)))
  let leading = 0
  for (let i = 1; i < posteriors.length; i++) {
    if ((posteriors[i] ?? 0) > (posteriors[leading] ?? 0)) leading = i
  }
  return { groups, posteriors, leading, posterior: posteriors[leading] ?? 0 }
}

/** The votes whose answer is accepted, or null while the run needs more. */
export function winners(desk: Desk, job: Job, run: Run): Vote[] | null {
  if (run.votes.length === 0) return null
  const { verify } = job.prepared.spec
  if (verify.kind === 'trust') return [run.votes[0] as Vote]
  const { groups, leading, posterior } = standing(desk, run)
  const group = groups[leading]
  if (!group || posterior < verify.theta) return null
  return group.length < fewestVotes(job, run) ? null : group
}

/** However proven a device is: its word alone neither passes a spot check nor overturns what others have said. */
const fewestVotes = (job: Job, run: Run): number => (run.spotCheck || job.retrial !== null ? 2 : 1)

/** Whether the run would still be undecided if every lease that is out agreed with the leading answer. */
export function needsMore(desk: Desk, job: Job, run: Run): boolean {
  const out = [...run.leases].filter(lease => lease.state === 'out')
  const { verify } = job.prepared.spec
  if (verify.kind === 'trust') return run.votes.length + out.length === 0
  const { groups, leading } = standing(desk, run)
  const hoped = groups.map(group => credibilities(desk, group))
  const outCredibilities = out.map(lease => deviceCredibility(desk, { lease }))
  if (hoped.length === 0) hoped.push([])
  hoped[leading]?.push(...outCredibilities)
  const best = hoped[leading] ?? []
  if (best.length === 0) return true
  if (best.length < fewestVotes(job, run)) return true
  return (groupCredibility(hoped)[leading] ?? 0) < verify.theta
}

/** An answer less likely than this is as good as refuted, even while the leading one still falls short of theta. */
const REFUTED_BELOW = 0.01

/**
 * Votes refuted by the others of an undecided run. Without this one liar could hold up a small region for ever: with four
 * new owners against one, neither answer reaches 0.999 and nobody is left to ask. Only a majority of several refutes: one
 * device's word, however proven it is, convicts nobody.
 */
export function refuted(desk: Desk, job: Job, run: Run): Vote[] {
  if (job.prepared.spec.verify.kind === 'trust') return []
  const { groups, posteriors, leading } = standing(desk, run)
  const majority = groups[leading]?.length ?? 0
  if (majority < 2) return []
  return groups.filter((group, index) => group.length < majority && (posteriors[index] ?? 0) < REFUTED_BELOW).flat()
}

/** Whether distinct answers stand against each other. */
export function disagrees(run: Run): boolean {
  return run.votes.some(vote => vote.digest !== run.votes[0]?.digest)
}

/** Which units of a job a device is given: agreement first, fresh units next, copies of stragglers last. */
import type { Member } from '../fleet/fleet.ts'
import { type Desk, hasLeaseOut, isTrusting, type Job, type Run } from '../jobs/job.ts'
import { takeKnownAnswer } from '../jobs/known-answers.ts'
import { maySpeakOn } from '../jobs/may-speak.ts'
import { affordableUnits } from '../jobs/reservation.ts'
import { cutRun, openRun } from '../jobs/runs.ts'
import { drawSpotCheck } from '../verification/index.ts'
import { leaseUnits } from './lease-size.ts'
import type { JobPass, Pass } from './passes.ts'
import type { Kind } from './placement.ts'
import { timeLeftMs } from './why-not.ts'

/** Waiting runs looked at for one device before the scheduler moves on; bounds a decision's cost. */
const CANDIDATES_MAX = 128

/** What a device is given, and as what. */
export interface Chosen {
  readonly run: Run
  readonly kind: Kind
}

/** Whether a job has anything to hand out, to whomever. */
export const hasWork = ({ row, check, pending, needy, hedges }: Job): boolean =>
  row.state === 'running' && !check?.isOver && (!pending.isEmpty || needy.size > 0 || hedges.size > 0)

export const BUDGET = {
  kind: 'budget',
  reason: 'what is left of the budget is set aside for leases that are out',
} as const
const HAS_SPOKEN = {
  kind: 'has_spoken',
  reason: 'it or its owner has answered all that is left, or is at it, and others are asked now',
} as const

/** Why {@link chooseRun} would find nothing for a device, as far as that can be seen without taking it; null when it would find something. */
export function nothingFor(job: Job, member: Member): Pass<JobPass> | null {
  const affordable = affordableUnits(job)
  if (affordable < 1) return BUDGET
  if (!job.pending.isEmpty) return null
  const trusting = isTrusting(job)
  const maySpeak = (run: Run) => maySpeakOn(run, member, trusting)
  if (firstOf(job.needy, maySpeak) !== null || hedgeFor(job, member, affordable) !== null) return null
  return firstOf(job.hedges, maySpeak) === null ? HAS_SPOKEN : BUDGET
}

/**
 * Takes units off the job for a device; null when nothing of it is for this device.
 * @param devices - devices that share the work
 * @param nowMs - wall time
 */
export function chooseRun(desk: Desk, job: Job, member: Member, devices: number, nowMs: number): Chosen | null {
  const affordable = affordableUnits(job)
  if (affordable < 1) return null
  const needy = needyRun(job, member, affordable)
  if (needy) return { run: needy, kind: 'opinion' }
  const known = takeKnownAnswer(desk, job, member)
  if (known) return { run: known, kind: 'known' }
  const next = job.pending.peek()
  if (next) {
    // One device must not take all that the budget can carry at a time, or the others would wait for it.
    const share = Math.max(1, Math.floor(affordable / devices))
    const units = leaseUnits(
      desk,
      job,
      member,
      next.first,
      Math.min(next.count, share),
      devices,
      timeLeftMs(job, nowMs),
    )
    const taken = job.pending.take(units)
    if (taken) {
      const run = openRun(job, taken.first, taken.count)
      run.spotCheck = !isTrusting(job) && drawSpotCheck(desk.random, member, desk.fleet.caughtShare)
      return { run, kind: 'fresh' }
    }
  }
  const hedge = hedgeFor(job, member, affordable)
  return hedge && { run: hedge, kind: 'copy' }
}

function hedgeFor(job: Job, member: Member, affordable: number): Run | null {
  const trusting = isTrusting(job)
  return firstOf(job.hedges, run => run.count <= affordable && maySpeakOn(run, member, trusting))
}

/** A run that waits for another opinion, this device's; cut when the budget cannot carry all of it. */
function needyRun(job: Job, member: Member, affordable: number): Run | null {
  const trusting = isTrusting(job)
  let tooLong: Run | null = null
  const fitting = firstOf(job.needy, run => {
    if (!maySpeakOn(run, member, trusting)) return false
    tooLong ??= run
    return run.count <= affordable
  })
  if (fitting) return fitting
  // What leases that are out do not burn comes back; without any, this is as much as there will be.
  return tooLong === null || hasLeaseOut(job) ? null : cutRun(job, tooLong, affordable)
}

function firstOf(runs: Iterable<Run>, isFitting: (run: Run) => boolean): Run | null {
  let looked = 0
  for (const run of runs) {
    if (isFitting(run)) return run
    if (++looked >= CANDIDATES_MAX) return null
  }
  return null
}

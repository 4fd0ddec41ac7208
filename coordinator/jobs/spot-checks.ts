import { drawSpotCheck } from '../verification/index.ts'
import { type Desk, isTrusting, type Job, type Lease } from './job.ts'

/**
 * After a restart nobody remembers which runs were to be checked, and devices know that there was one. An answer that is still
 * waiting needs a second whatever its device has earned; for leases that are out the dice are cast again.
 */
export function restoreSpotChecks(desk: Desk, job: Job): void {
  if (isTrusting(job)) return
  const draw = ({ device }: Lease): boolean => {
    const member = desk.fleet.member(device)
    return member !== undefined && drawSpotCheck(desk.random, member, desk.fleet.caughtShare)
  }
  for (const run of job.runs) run.spotCheck = run.votes.length > 0 || [...run.leases].some(draw)
}

/** Why a device was caught, in words that name the lease, so that its owner knows what to dispute and the region knows what that would set right. */
import type { JobId } from '../../protocol/index.ts'
import type { Desk, Job, Run, Vote } from './job.ts'

/** An answer less likely than this is as good as refuted, even while the leading one still falls short of theta. */
export const REFUTED_BELOW = 0.01

/** Names a device whose answer lost; it is dealt with when the step is over. */
export function accuse(desk: Desk, job: Job, run: Run, { lease }: Vote): void {
  lease.lost = true
  const member = desk.fleet.member(lease.device)
  if (!member || desk.liars.has(lease.device)) return
  desk.fleet.countUnits(member, 0, run.count)
  desk.liars.set(lease.device, accusation(job.row.id, run, lease.id))
}

/** To follow "the device". */
export function accusation(job: JobId, { first, count }: { first: number; count: number }, leaseId: number): string {
  return `returned a wrong result for units ${first} to ${first + count - 1} of job ${job} in lease ${leaseId}`
}

/** Whether a standing's reason is the accusation about this lease. */
export function isAccusedOf(reason: string, leaseId: number): boolean {
  return /^returned a wrong result for .* in lease (\d+)$/.exec(reason)?.[1] === `${leaseId}`
}

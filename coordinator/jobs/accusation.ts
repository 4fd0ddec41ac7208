/** Why a device was caught, in words that name the lease, so that its owner knows what to dispute and the region knows what that would set right. */
import type { JobId } from '../../protocol/index.ts'

/** To follow "the device". */
export function accusation(job: JobId, { first, count }: { first: number; count: number }, leaseId: number): string {
  return `returned a wrong result for units ${first} to ${first + count - 1} of job ${job} in lease ${leaseId}`
}

/** Whether a standing's reason is the accusation about this lease. */
export function isAccusedOf(reason: string, leaseId: number): boolean {
  return /^returned a wrong result for .* in lease (\d+)$/.exec(reason)?.[1] === `${leaseId}`
}

/** What a lease costs the line: the part of the job's blob that its device has to fetch before it can begin. */
import { LIMITS } from '../../protocol/index.ts'
import type { PreparedJob } from './job.ts'

/** Bytes that travel because of a lease. */
export interface LeaseBytes {
  /** Of the job's blob, to be fetched over HTTP; 0 when the input travels inside the lease, or there is none. */
  readonly inputBytes: number
}

/**
 * What a device has to fetch for the `unitCount` units from `firstUnit`. The module, `prepared.moduleBytes`, comes on top for a device
 * that has not run the job's task yet.
 */
export function leaseBytes(prepared: PreparedJob, firstUnit: number, unitCount: number): LeaseBytes {
  if (prepared.input === null) return { inputBytes: 0 }
  const bytes = prepared.plan.runInputBytes(firstUnit, unitCount)
  return { inputBytes: travelsInline(bytes) ? 0 : bytes }
}

/** Whether a run's input is sent inside the lease instead of being named there. */
export const travelsInline = (inputBytes: number): boolean => inputBytes <= LIMITS.inlineBytesMax

/** What can go wrong between a submitter and the region, beyond the connection itself. */
import { HedgerowError, type JobId } from '../protocol/index.ts'

/** Why a job request or a job ended without what was asked for. */
export type JobFailure =
  | { code: 'job_refused'; refusal: string; path: string }
  | { code: 'job_ended'; job: JobId; state: 'failed' | 'cancelled' }
  | { code: 'no_bill'; job: JobId }

/**
 * The region refused a request about a job (`refusal` is the region's code, `path` the wrong field or empty), the job ended
 * without an answer, or it has no bill.
 */
export class JobError extends HedgerowError<JobFailure> {}

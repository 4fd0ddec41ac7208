/** The part of the administration that is about what cannot be relied on in a job. */
import type { RightOutcome } from '../jobs/corrections.ts'

/** Units that follow each other. */
export interface UnitSpan {
  firstUnit: number
  units: number
}

/** What of a job is in doubt or known to be wrong, whole and in the order of the units. */
export interface JobDoubts {
  job: string
  /** They rest on the word of a device that has been caught, and nobody has looked at them again. */
  suspect: UnitSpan[]
  /** A second look found their results to be wrong. */
  wrong: UnitSpan[]
  /** What others came to for the wrong ones: of at most 256 units of each second look, outputs while they are small. */
  right: RightOutcome[]
}

/** Each method names its route, as in {@link AdminApi}. */
export interface DoubtsAdminApi {
  /** `GET /api/jobs/:id/doubts` */
  jobDoubts(id: string): Promise<JobDoubts>
}

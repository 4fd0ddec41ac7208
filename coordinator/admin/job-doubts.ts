/** What of a job is in doubt or known to be wrong, for whoever asks. */
import type { JobDoubts, UnitSpan } from '../http/doubts-api.ts'
import type { DoubtsTold } from '../jobs/suspect-units.ts'
import type { UnitRanges } from '../jobs/unit-ranges.ts'

export function viewDoubts(job: string, { suspect, wrong, right }: DoubtsTold): JobDoubts {
  return { job, suspect: spans(suspect), wrong: spans(wrong), right: [...right] }
}

const spans = (units: UnitRanges): UnitSpan[] =>
  [...units].map(({ first, count }) => ({ firstUnit: first, units: count }))

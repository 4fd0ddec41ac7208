/**
 * Stragglers: once nothing is left to hand out, a lease older than 1.5 times the median, and than 1.5 times what was expected of it, gets one
 * copy. Spark's rule (docs/configuration.md) without its 75 %: one frozen device may hold more than a quarter of a small job, and a copy
 * costs the submitter nothing, since only the first answer is paid.
 */
import type { Job } from '../jobs/job.ts'

const LATE_FACTOR = 1.5
/** Below this a copy costs more than it saves. */
const AGE_MIN_MS = 500
const TURNAROUNDS_KEPT = 64

export function noteTurnaround(job: Job, elapsedMs: number): void {
  job.turnaroundsMs.push(elapsedMs)
  if (job.turnaroundsMs.length > TURNAROUNDS_KEPT) job.turnaroundsMs.shift()
}

/** Offers the runs of late leases for one more copy each. */
export function hedgeStragglers(job: Job, monotonicMs: number): void {
  if (!job.pending.isEmpty || job.needy.size > 0 || job.turnaroundsMs.length === 0) return
  const medianMs = median(job.turnaroundsMs)
  for (const lease of job.leases.values()) {
    if (lease.state !== 'out') continue
    // A long lease behind others is not late for taking longer than most.
    const expectedMs = Math.max(medianMs, lease.queuedMs + lease.estimateMs)
    if (monotonicMs - lease.issuedMs < Math.max(AGE_MIN_MS, LATE_FACTOR * expectedMs)) continue
    for (const run of lease.runs) {
      if (run.hedged) continue
      run.hedged = true
      job.hedges.add(run)
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}

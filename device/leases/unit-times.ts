import type { JobId } from '../../protocol/index.ts'

const JOBS_MAX = 64
/** The sandbox counts whole milliseconds: what it calls none may be up to this much. */
const ELAPSED_NONE_MS = 0.5

/** How long the units of each job take, learnt from its runs: at once when it grows, by halves when it shrinks. */
export class UnitTimes {
  /** Least recently learnt first. */
  readonly #unitMs = new Map<JobId, number>()

  /** Expected milliseconds of one unit, or null when no unit of the job has run. */
  of(job: JobId): number | null {
    return this.#unitMs.get(job) ?? null
  }

  learn(job: JobId, units: number, elapsedMs: number): void {
    const most = Math.max(ELAPSED_NONE_MS, elapsedMs) / units
    const known = this.#unitMs.get(job) ?? most
    // A run too short to measure is no sign of units that take longer.
    const newest = elapsedMs < ELAPSED_NONE_MS ? Math.min(most, known) : most
    this.#unitMs.delete(job)
    this.#unitMs.set(job, Math.max(newest, (known + newest) / 2))
    if (this.#unitMs.size <= JOBS_MAX) return
    for (const oldest of this.#unitMs.keys()) {
      this.#unitMs.delete(oldest)
      return
    }
  }
}

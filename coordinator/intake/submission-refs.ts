/**
 * A submitter that does not know whether its submission arrived sends it again with the same `ref`; it must get the job it
 * already has, not a second one.
 */
import type { SubmitterName } from '../../protocol/index.ts'
import type { JobRow } from '../store/rows.ts'

/** Submissions remembered. A resend follows within seconds, so only a flood could push one out. */
const REFS_MAX = 10_000

export class SubmissionRefs {
  private readonly jobs = new Map<string, Promise<JobRow>>()

  /** @param recent - stored jobs, in any order */
  constructor(recent: Iterable<JobRow>) {
    for (const row of recent) if (row.ref !== '') this.remember(row.submitter, row.ref, Promise.resolve(row))
  }

  /** The outcome of the first submission with this ref; `make` runs only for the first. A refused one may be tried again. */
  once(
    submitter: SubmitterName,
    ref: string,
    make: () => Promise<JobRow>,
  ): { row: Promise<JobRow>; isRepeat: boolean } {
    if (ref === '') return { row: make(), isRepeat: false }
    const known = this.jobs.get(keyOf(submitter, ref))
    if (known) return { row: known, isRepeat: true }
    const row = make()
    this.remember(submitter, ref, row)
    row.catch(() => this.jobs.delete(keyOf(submitter, ref)))
    return { row, isRepeat: false }
  }

  private remember(submitter: SubmitterName, ref: string, row: Promise<JobRow>): void {
    this.jobs.set(keyOf(submitter, ref), row)
    const oldest = this.jobs.keys().next().value
    if (this.jobs.size > REFS_MAX && oldest !== undefined) this.jobs.delete(oldest)
  }
}

const keyOf = (submitter: SubmitterName, ref: string): string => `${submitter}/${ref}`

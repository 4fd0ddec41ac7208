/**
 * A submitter that does not know whether its submission arrived sends it again with the same `ref`; it must get the job or
 * campaign it already has, not a second one.
 */
import type { SubmitterName } from '../../protocol/index.ts'

/** Submissions remembered. A resend follows within seconds, so only a flood could push one out. */
const REFS_MAX = 10_000

/** What a submission became. */
interface Submitted {
  submitter: SubmitterName
  ref: string
}

export class SubmissionRefs<Row extends Submitted> {
  private readonly rows = new Map<string, Promise<Row>>()

  /** @param recent - stored rows, in any order */
  constructor(recent: Iterable<Row>) {
    for (const row of recent) if (row.ref !== '') this.remember(row.submitter, row.ref, Promise.resolve(row))
  }

  /** The outcome of the first submission with this ref; `make` runs only for the first. A refused one may be tried again. */
  once(submitter: SubmitterName, ref: string, make: () => Promise<Row>): { row: Promise<Row>; isRepeat: boolean } {
    if (ref === '') return { row: make(), isRepeat: false }
    const known = this.rows.get(keyOf(submitter, ref))
    if (known) return { row: known, isRepeat: true }
    const row = make()
    this.remember(submitter, ref, row)
    row.catch(() => this.rows.delete(keyOf(submitter, ref)))
    return { row, isRepeat: false }
  }

  private remember(submitter: SubmitterName, ref: string, row: Promise<Row>): void {
    this.rows.set(keyOf(submitter, ref), row)
    const oldest = this.rows.keys().next().value
    if (this.rows.size > REFS_MAX && oldest !== undefined) this.rows.delete(oldest)
  }
}

const keyOf = (submitter: SubmitterName, ref: string): string => `${submitter}/${ref}`

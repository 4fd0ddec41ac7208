/**
 * A submitter that does not know whether its submission arrived sends it again with the same `ref`; it must get the job or
 * campaign it already has, not a second one.
 */
import type { SubmitterName } from '../../protocol/index.ts'

/** Submissions remembered of each submitter. A resend follows within seconds, so only its own flood could push one out. */
const REFS_MAX = 10_000

/** What a submission became. */
interface Submitted<Id> {
  id: Id
  submitter: SubmitterName
  ref: string
}

export class SubmissionRefs<Id> {
  private readonly bySubmitter = new Map<SubmitterName, Map<string, Promise<Id>>>()

  /** @param recent - stored rows, in any order */
  constructor(recent: Iterable<Submitted<Id>>) {
    for (const { id, submitter, ref } of recent) if (ref !== '') this.remember(submitter, ref, Promise.resolve(id))
  }

  /** What the first submission with this ref became; `make` runs only for the first. A refused one may be tried again. */
  once(
    submitter: SubmitterName,
    ref: string,
    make: () => Promise<{ readonly id: Id }>,
  ): { id: Promise<Id>; isRepeat: boolean } {
    const known = ref === '' ? undefined : this.bySubmitter.get(submitter)?.get(ref)
    if (known !== undefined) return { id: known, isRepeat: true }
    // Rows are large, and only their ids are needed again.
    const id = make().then(row => row.id)
    if (ref !== '') {
      this.remember(submitter, ref, id)
      id.catch(() => this.bySubmitter.get(submitter)?.delete(ref))
    }
    return { id, isRepeat: false }
  }

  private remember(submitter: SubmitterName, ref: string, id: Promise<Id>): void {
    const ids = this.bySubmitter.get(submitter) ?? new Map<string, Promise<Id>>()
    this.bySubmitter.set(submitter, ids)
    ids.set(ref, id)
    const oldest = ids.keys().next().value
    if (ids.size > REFS_MAX && oldest !== undefined) ids.delete(oldest)
  }
}

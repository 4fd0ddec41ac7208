/**
 * The submitters' side of MQTT: JSON in, JSON out, usable with nothing but a stock MQTT client. Every request is answered,
 * refusals with the reason and the path of the wrong field.
 */
import {
  HedgerowError,
  type JobId,
  type JobReply,
  jobIdFromBytes,
  jobTopic,
  type Random,
  type RefusedReply,
  type RegionName,
  refusedTopic,
  type SubmitterName,
  type Topic,
  utf8,
} from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Region } from '../region.ts'
import type { JobRow, Store } from '../store/rows.ts'
import type { Admission } from './admission.ts'
import { progressReply, resultReply, statusReply } from './job-view.ts'
import { describeRefusal, readSubmission, SubmissionRefused } from './submission.ts'
import { SubmissionRefs } from './submission-refs.ts'

export interface SubmitterComponents {
  region: Region
  admission: Admission
  store: Pick<Store, 'job' | 'jobs'>
  blobs: Pick<BlobStore, 'read'>
  random: Random
  publish(topic: string, payload: Uint8Array): void
  monotonicMs(): number
  count(reason: string): void
}

export interface SubmitterInit {
  region: RegionName
  /** Where blobs are, without the last slash. */
  blobUrl(): string
}

/** Submissions being prepared at once; one more is asked to try again. Bounds memory against a flood of large inputs. */
const ADMISSIONS_MAX = 32
/** Jobs whose refs are known again after a restart. */
const RECENT_JOBS = 1_000

export interface Submitters {
  /** A message from an authenticated submitter on a topic it may use. */
  receive(topic: Topic, payload: Uint8Array): void
  /** Hands in a job; used by MQTT and HTTP alike. Resolves once it is durable. */
  submit(submitter: SubmitterName, specification: unknown, ref: string): Promise<JobRow>
  /** Publishes one reply about a job. */
  tell(submitter: SubmitterName, job: JobId, what: JobReply): void
}

export function createSubmitters(components: SubmitterComponents, init: SubmitterInit): Submitters {
  const { region, admission, store, blobs, count } = components
  const refs = new SubmissionRefs<JobRow>(store.jobs({ limit: RECENT_JOBS }))
  let admitting = 0

  const publish = (topic: string, body: unknown) => components.publish(topic, utf8(JSON.stringify(body)))

  const refuse = (submitter: SubmitterName, about: { ref?: string; job?: string }, error: unknown) => {
    count('submission_refused')
    const body: RefusedReply = { ...about, error: describeRefusal(error) }
    publish(refusedTopic(init.region, submitter), body)
  }

  const submit = async (submitter: SubmitterName, specification: unknown, ref: string): Promise<JobRow> => {
    if (admitting >= ADMISSIONS_MAX) {
      throw new SubmissionRefused(
        { code: 'busy' },
        `${ADMISSIONS_MAX} submissions are being prepared: try again in a moment.`,
      )
    }
    admitting++
    try {
      const prepared = await admission.admit(specification, jobIdFromBytes(components.random.bytes(10)), ref)
      const outcome = region.step((now, batch) => region.jobs.submit(prepared, submitter, now, batch))
      if (!outcome.ok) throw new SubmissionRefused({ code: outcome.code }, outcome.reason)
      await region.committed()
      return outcome.row
    } finally {
      admitting--
    }
  }

  const receiveJob = async (submitter: SubmitterName, payload: Uint8Array) => {
    let ref: string | undefined
    try {
      const { specification, ref: given } = readSubmission(payload)
      ref = given
      const { row, isRepeat } = refs.once(submitter, ref ?? '', () => submit(submitter, specification, given ?? ''))
      const { id } = await row
      if (isRepeat) tell(submitter, id, 'status')
    } catch (error) {
      refuse(submitter, ref === undefined ? {} : { ref }, error)
    }
  }

  const rowOf = (id: JobId): JobRow | null => region.jobs.active(id)?.row ?? store.job(id)

  const tell = (submitter: SubmitterName, id: JobId, what: JobReply) => {
    const row = rowOf(id)
    if (!row) return
    const topic = jobTopic(init.region, submitter, id, what)
    if (what === 'status') publish(topic, statusReply(row))
    else if (what === 'progress') publish(topic, progressReply(row, region.jobs.active(id), components.monotonicMs()))
    else tellResult(topic, row)
  }

  const tellResult = (topic: string, row: JobRow) => {
    try {
      const result = resultReply(row, blobs, init.blobUrl())
      if (result) publish(topic, result)
    } catch (error) {
      // The answer's blob is gone or damaged; the job itself stays as it is.
      if (!(error instanceof HedgerowError)) throw error
      refuse(row.submitter, { job: row.id }, error)
    }
  }

  const request = (submitter: SubmitterName, id: JobId, what: 'get' | 'cancel') => {
    const row = rowOf(id)
    if (!row || row.submitter !== submitter) {
      refuse(
        submitter,
        { job: id },
        new SubmissionRefused({ code: 'not_found' }, `There is no job ${id} of ${submitter}.`),
      )
    } else if (what === 'get') {
      tell(submitter, id, 'status')
      tell(submitter, id, 'progress')
      tell(submitter, id, 'result')
    } else if (!region.step((now, batch) => region.jobs.stop(id, 'cancelled', 'on request', now, batch))) {
      refuse(
        submitter,
        { job: id },
        new SubmissionRefused({ code: 'not_running' }, `The job ${id} is ${row.state} and cannot be cancelled.`),
      )
    }
  }

  return {
    receive: (topic, payload) => {
      if (topic.kind === 'submit') void receiveJob(topic.submitter, payload)
      else if (topic.kind === 'job' && (topic.leaf === 'get' || topic.leaf === 'cancel'))
        request(topic.submitter, topic.job, topic.leaf)
    },
    submit,
    tell,
  }
}

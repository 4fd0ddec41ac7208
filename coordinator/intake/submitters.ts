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
  LIMITS,
  type Random,
  type RefusedReply,
  type RegionName,
  refusedTopic,
  type SubmitterName,
  type Topic,
  utf8,
} from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Job } from '../jobs/job.ts'
import { type DoubtStore, doubtfulUnits } from '../jobs/suspect-units.ts'
import type { Region } from '../region.ts'
import type { JobRow, Store } from '../store/rows.ts'
import type { Admission } from './admission.ts'
import { progressReply, resultReply, statusReply } from './job-view.ts'
import { describeRefusal, readSubmission, SubmissionRefused } from './submission.ts'
import { SubmissionRefs } from './submission-refs.ts'
import type { SubmitterLimits } from './submitter-limits.ts'

export interface SubmitterComponents {
  region: Region
  admission: Admission
  store: DoubtStore & Pick<Store, 'job' | 'jobs'>
  blobs: Pick<BlobStore, 'read'>
  limits: SubmitterLimits
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

/** Jobs whose refs are known again after a restart. */
const RECENT_JOBS = 1_000

export interface Submitters {
  /** A message from an authenticated submitter on a topic it may use. */
  receive(topic: Topic, payload: Uint8Array): void
  /** Hands in a job; used by MQTT and HTTP alike. Resolves once it is durable. */
  submit(submitter: SubmitterName, specification: unknown, ref: string): Promise<JobRow>
  /**
   * Ends a running job on request; used by both as well. What devices lose by it counts against its submitter, unless it is the operator's
   * doing.
   * @returns false when it is not running
   */
  cancel(row: JobRow, by: 'submitter' | 'operator'): boolean
  /** Publishes one reply about a job. */
  tell(submitter: SubmitterName, job: JobId, what: JobReply): void
}

export function createSubmitters(components: SubmitterComponents, init: SubmitterInit): Submitters {
  const { region, admission, store, blobs, limits, count } = components
  const refs = new SubmissionRefs<JobId>(store.jobs({ limit: RECENT_JOBS }))

  const publish = (topic: string, body: unknown) => components.publish(topic, utf8(JSON.stringify(body)))

  const refuse = (submitter: SubmitterName, about: { ref?: string; job?: string }, error: unknown) => {
    count('submission_refused')
    if (!limits.mayRefuse(submitter)) return count('refusal_dropped')
    const body: RefusedReply = { ...about, error: describeRefusal(error) }
    publish(refusedTopic(init.region, submitter), body)
  }

  const submit = async (submitter: SubmitterName, specification: unknown, ref: string): Promise<JobRow> => {
    limits.submission(submitter)
    checkRunning(submitter)
    const id = jobIdFromBytes(components.random.bytes(10))
    const prepared = await limits.preparing(submitter, () => admission.admit(specification, id, ref))
    checkRunning(submitter)
    const outcome = region.step((now, batch) => region.jobs.submit(prepared, submitter, now, batch))
    if (!outcome.ok) throw new SubmissionRefused({ code: outcome.code }, outcome.reason)
    await region.committed()
    return outcome.row
  }

  const checkRunning = (submitter: SubmitterName) => {
    let running = 0
    for (const { row } of region.jobs.allActive()) if (row.submitter === submitter) running++
    if (running < LIMITS.jobsRunningPerSubmitterMax) return
    const message = `${running} jobs of ${submitter} are running, and no more can: wait for one to end, or put more units into each.`
    throw new SubmissionRefused({ code: 'too_many_jobs' }, message)
  }

  const cancel = (row: JobRow, by: 'submitter' | 'operator'): boolean => {
    const isOwn = by === 'submitter'
    const reason = isOwn ? 'on request' : 'by the operator'
    const job = region.jobs.active(row.id)
    const lostMs = job === undefined ? 0 : workUnderWayMs(job, components.monotonicMs())
    const isCancelled = region.step((now, batch) => region.jobs.stop(row.id, 'cancelled', reason, now, batch))
    if (isCancelled && isOwn) limits.cancelled(row.submitter, lostMs, onlineDevices(region))
    return isCancelled
  }

  const receiveJob = async (submitter: SubmitterName, payload: Uint8Array) => {
    let ref: string | undefined
    try {
      const { specification, ref: given } = readSubmission(payload)
      ref = given
      const made = refs.once(submitter, ref ?? '', () => submit(submitter, specification, given ?? ''))
      const id = await made.id
      if (made.isRepeat && limits.mayRepeat(submitter)) tell(submitter, id, 'status')
    } catch (error) {
      refuse(submitter, ref === undefined ? {} : { ref }, error)
    }
  }

  const rowOf = (id: JobId): JobRow | null => region.jobs.active(id)?.row ?? store.job(id)

  const tell = (submitter: SubmitterName, id: JobId, what: JobReply) => {
    const row = rowOf(id)
    if (!row) return
    const topic = jobTopic(init.region, submitter, id, what)
    if (what === 'status') publish(topic, statusReply(row, doubtfulUnits(store, region.fleet, row)))
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
    try {
      limits.request(submitter)
    } catch (error) {
      return refuse(submitter, { job: id }, error)
    }
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
    } else if (!cancel(row, 'submitter')) {
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
    cancel,
    tell,
  }
}

/** A device has started a sandbox and fetched the module, however soon a lease is cancelled. */
const LEASE_WORK_MS_MIN = 1_000

/**
 * What devices have done for a job and will not be paid for if it ends now: leases that are out, from when they were handed out, and
 * answers that wait for others, as long as they were expected to take.
 */
function workUnderWayMs(job: Job, monotonicMs: number): number {
  let workMs = 0
  for (const { state, issuedMs, estimateMs } of job.leases.values()) {
    workMs += state === 'out' ? Math.max(LEASE_WORK_MS_MIN, monotonicMs - issuedMs) : estimateMs
  }
  return workMs
}

function onlineDevices({ fleet }: Region): number {
  let online = 0
  for (const { presence } of fleet.all()) if (presence !== null) online++
  return online
}

/** What a submitter holds of one job. */

import { type DoneReply, fromBase64, type JobId, type Sha256Hex, TransportError, utf8 } from '../protocol/index.ts'
import { blobUrl, fetchBlob, sha256Of } from './blobs.ts'
import { JobError } from './errors.ts'
import type { JobEvent, JobFeed } from './job-feed.ts'

/** A finished job's answer, checked against its SHA-256. */
export interface JobResult {
  job: JobId
  mediaType: string
  bytes: Uint8Array
  sha256: Sha256Hex
  costMicro: bigint
  /** Units that were skipped because they failed. */
  failedUnits: number
}

/** A submitted job, to follow, cancel and read. */
export interface JobHandle {
  readonly id: JobId
  /**
   * States and progress from now on, ending after the final state. A slow reader misses progress, never a state.
   * @throws {JobError} `job_refused` when the region does not know the job
   * @throws {TransportError} when the connection is closed or refused for good
   */
  watch(): AsyncIterable<JobEvent>
  /**
   * Waits for the answer.
   * @throws {JobError} `job_ended` when it failed or was cancelled; otherwise like {@link watch}
   */
  result(): Promise<JobResult>
  /** Cancels the job and waits until it is over; a job that was over before stays as it is. */
  cancel(): Promise<void>
}

/** How a handle reaches the region. */
export interface JobHandleInit {
  /** Where blobs are read; the address in the reply when null. */
  httpUrl: string | null
  /** Asks the region to cancel. */
  requestCancel(): void
}

/** The handle of the job that a feed is about. */
export function createJobHandle(feed: JobFeed, init: JobHandleInit): JobHandle {
  return {
    id: feed.id,
    watch: () => feed.events(),
    result: async () => {
      const reply = await feed.whenEnded()
      if (reply.state === 'done') return readResult(reply, init.httpUrl)
      const message = `Job ${feed.id} ${reply.state === 'failed' ? 'failed' : 'was cancelled'}: ${reply.reason}`
      throw new JobError({ code: 'job_ended', job: feed.id, state: reply.state }, message)
    },
    cancel: async () => {
      if (!feed.final) init.requestCancel()
      await feed.whenEnded()
    },
  }
}

async function readResult(reply: DoneReply, httpUrl: string | null): Promise<JobResult> {
  return {
    job: reply.job,
    mediaType: reply.mediaType,
    bytes: await readBody(reply, httpUrl),
    sha256: reply.sha256,
    costMicro: BigInt(reply.costMicro),
    failedUnits: reply.failedUnits,
  }
}

async function readBody(reply: DoneReply, httpUrl: string | null): Promise<Uint8Array> {
  if ('url' in reply) return fetchBlob(httpUrl === null ? reply.url : blobUrl(httpUrl, reply.sha256), reply.sha256)
  const bytes = 'text' in reply ? utf8(reply.text) : fromBase64(reply.base64)
  if ((await sha256Of(bytes)) === reply.sha256) return bytes
  const message = `The result of job ${reply.job} was damaged on its way: ask for it again.`
  throw new TransportError({ code: 'refused', address: reply.job, reason: 'the SHA-256 differs' }, message)
}

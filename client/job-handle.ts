/** What a submitter holds of one job. */

import { type DoneReply, fromBase64, type JobId, type Sha256Hex, TransportError, utf8 } from '../protocol/index.ts'
import { blobUrl, fetchBlob, sha256Of } from './blobs.ts'
import { JobError } from './errors.ts'
import type { Fetch } from './fetch.ts'
import type { JobEvent, JobFeed } from './job-feed.ts'

/** A finished job's answer, checked against its SHA-256. */
export interface JobResult {
  job: JobId
  mediaType: string
  bytes: Uint8Array
  sha256: Sha256Hex
  /** Fuel of all units, each counted once, and of the cheapest and the dearest of them. */
  fuel: bigint
  unitFuelLeast: number
  unitFuelGreatest: number
  /** What it cost, replicas and the region's fee included. */
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
  /**
   * Waits for the exact bill: CSV with the header `unit,outcome,fuel` and a line for each unit in their order, checked against its
   * SHA-256.
   * @throws {JobError} `job_ended` when the job failed or was cancelled, `no_bill` when it was done before work was metered
   */
  bill(): Promise<Uint8Array>
  /** Cancels the job and waits until it is over; a job that was over before stays as it is. */
  cancel(): Promise<void>
}

/** How a handle reaches the region. */
export interface JobHandleInit {
  /** Where blobs are read; the address in the reply when null. */
  httpUrl: string | null
  /** How. */
  fetch: Fetch
  /** Asks the region to cancel. */
  requestCancel(): void
}

/** The handle of the job that a feed is about. */
export function createJobHandle(feed: JobFeed, init: JobHandleInit): JobHandle {
  const whenDone = async (): Promise<DoneReply> => {
    const reply = await feed.whenEnded()
    if (reply.state === 'done') return reply
    const message = `Job ${feed.id} ${reply.state === 'failed' ? 'failed' : 'was cancelled'}: ${reply.reason}`
    throw new JobError({ code: 'job_ended', job: feed.id, state: reply.state }, message)
  }
  return {
    id: feed.id,
    watch: () => feed.events(),
    result: async () => readResult(await whenDone(), init),
    bill: async () => {
      const { bill } = await whenDone()
      if (bill) return fetchNamed(bill, init)
      throw new JobError(
        { code: 'no_bill', job: feed.id },
        `Job ${feed.id} has no bill: it was done before work was metered.`,
      )
    },
    cancel: async () => {
      if (!feed.final) init.requestCancel()
      await feed.whenEnded()
    },
  }
}

async function readResult(reply: DoneReply, init: JobHandleInit): Promise<JobResult> {
  return {
    job: reply.job,
    mediaType: reply.mediaType,
    bytes: await readBody(reply, init),
    sha256: reply.sha256,
    fuel: BigInt(reply.fuel),
    unitFuelLeast: reply.unitFuelLeast,
    unitFuelGreatest: reply.unitFuelGreatest,
    costMicro: BigInt(reply.costMicro),
    failedUnits: reply.failedUnits,
  }
}

async function readBody(reply: DoneReply, init: JobHandleInit): Promise<Uint8Array> {
  if ('url' in reply) return fetchNamed(reply, init)
  const bytes = 'text' in reply ? utf8(reply.text) : fromBase64(reply.base64)
  if ((await sha256Of(bytes)) === reply.sha256) return bytes
  const message = `The result of job ${reply.job} was damaged on its way: ask for it again.`
  throw new TransportError({ code: 'refused', address: reply.job, reason: 'the SHA-256 differs' }, message)
}

function fetchNamed({ url, sha256 }: { url: string; sha256: Sha256Hex }, init: JobHandleInit): Promise<Uint8Array> {
  return fetchBlob(init.httpUrl === null ? url : blobUrl(init.httpUrl, sha256), sha256, init.fetch)
}

/** A job as people and programs outside see it, from its row and, while it runs, its working state. */
import type { ProgressReply, ResultReply, StatusReply } from '../../protocol/index.ts'
import { fromUtf8, LIMITS, parseStoredJobSpec, toBase64 } from '../../protocol/index.ts'
import { mediaTypeOf } from '../aggregation/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type * as Api from '../http/admin-api.ts'
import type { Job } from '../jobs/job.ts'
import type { JobRow } from '../store/rows.ts'

/** Units that at least one device has returned, decided or not. */
function unitsReturned(job: Job): number {
  let waiting = 0
  for (const run of job.runs) if (run.votes.length > 0) waiting += run.count
  return job.accepted.units + waiting
}

export interface Pace {
  done: number
  verified: number
  ratePerSecond: number
  etaMs: number | null
}

/** How far a job is and how fast it goes, over its whole life so far. */
export function paceOf(row: JobRow, job: Job | undefined, monotonicMs: number): Pace {
  if (!job) {
    const verified = row.state === 'done' ? row.units : 0
    const elapsedMs = (row.finishedAtMs ?? row.createdAtMs) - row.createdAtMs
    return { done: verified, verified, ratePerSecond: perSecond(verified, elapsedMs), etaMs: null }
  }
  const verified = job.accepted.units
  const ratePerSecond = perSecond(verified, monotonicMs - job.startedMs)
  const etaMs = ratePerSecond > 0 ? Math.round(((row.units - verified) / ratePerSecond) * 1_000) : null
  return { done: unitsReturned(job), verified, ratePerSecond, etaMs }
}

const perSecond = (units: number, elapsedMs: number): number =>
  elapsedMs > 0 ? Math.round((units * 10_000) / elapsedMs) / 10 : 0

/** What the submitter has been charged so far. */
export const spentMicro = (row: JobRow): bigint => row.paidMicro + row.feeMicro

const withRef = (row: JobRow): { ref?: string } => (row.ref === '' ? {} : { ref: row.ref })

export function statusReply(row: JobRow): StatusReply {
  const { id, state, reason, units, priceMicro, budgetMicro } = row
  return { job: id, ...withRef(row), state, reason, units, priceMicro: `${priceMicro}`, budgetMicro: `${budgetMicro}` }
}

export function progressReply(row: JobRow, job: Job | undefined, monotonicMs: number): ProgressReply {
  return { job: row.id, units: row.units, ...paceOf(row, job, monotonicMs), spentMicro: `${spentMicro(row)}` }
}

/** The last word on a job; null while it runs. Small results travel inside, larger ones are named by their address. */
export function resultReply(row: JobRow, blobs: Pick<BlobStore, 'read'>, blobUrl: string): ResultReply | null {
  const base = {
    job: row.id,
    ...withRef(row),
    reason: row.reason,
    costMicro: `${spentMicro(row)}`,
    failedUnits: row.failedUnits,
  }
  if (row.state === 'failed' || row.state === 'cancelled') return { ...base, state: row.state }
  if (row.state !== 'done' || !row.resultSha256) return null
  const bytes = row.resultBytes ?? 0
  const mediaType = mediaTypeOf(parseStoredJobSpec(row.spec).aggregate)
  const done = { ...base, state: row.state, mediaType, bytes, sha256: row.resultSha256 } as const
  if (bytes > LIMITS.inlineBytesMax) return { ...done, url: `${blobUrl}/${row.resultSha256}` }
  const content = blobs.read(row.resultSha256)
  return isText(mediaType) ? { ...done, text: fromUtf8(content) } : { ...done, base64: toBase64(content) }
}

const isText = (mediaType: string): boolean => mediaType.startsWith('text/') || mediaType === 'application/json'

export function apiJob(
  row: JobRow,
  job: Job | undefined,
  monotonicMs: number,
  blobs: Pick<BlobStore, 'read'>,
): Api.Job {
  const spec = parseStoredJobSpec(row.spec)
  const { done, verified, ratePerSecond, etaMs } = paceOf(row, job, monotonicMs)
  const view: Api.Job = {
    id: row.id,
    name: spec.name ?? '',
    submitter: row.submitter,
    state: row.state,
    reason: row.reason,
    units: row.units,
    unitsDone: done,
    unitsVerified: verified,
    leases: row.leases,
    replicaLeases: row.replicaLeases,
    speculativeLeases: row.speculativeLeases,
    failedUnits: row.failedUnits,
    priceMicro: `${row.priceMicro}`,
    budgetMicro: `${row.budgetMicro}`,
    spentMicro: `${spentMicro(row)}`,
    feeMicro: `${row.feeMicro}`,
    createdAtMs: row.createdAtMs,
    finishedAtMs: row.finishedAtMs,
    ratePerSecond,
    etaMs,
    result: null,
  }
  if (row.resultSha256) {
    const bytes = row.resultBytes ?? 0
    view.result = { sha256: row.resultSha256, bytes, mediaType: mediaTypeOf(spec.aggregate) }
    if (bytes <= LIMITS.inlineBytesMax) view.result.inline = toBase64(blobs.read(row.resultSha256))
  }
  if (job)
    view.devices = new Set(
      [...job.leases.values()].filter(lease => lease.state === 'out').map(lease => lease.device),
    ).size
  return view
}

/** A job as people and programs outside see it, from its row and, while it runs, its working state. */
import type { BillRef, ProgressReply, ResultReply, Sha256Hex, StatusReply } from '../../protocol/index.ts'
import { fromUtf8, HedgerowError, type JobId, LIMITS, parseStoredJobSpec, toBase64 } from '../../protocol/index.ts'
import { mediaTypeOf } from '../aggregation/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type * as Api from '../http/admin-api.ts'
import type { Job } from '../jobs/job.ts'
import { type DoubtfulUnits, type DoubtStore, doubtfulUnits, rangesText } from '../jobs/suspect-units.ts'
import type { Region } from '../region.ts'
import type { JobRow, Store } from '../store/rows.ts'

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

/** @param doubtful - units that are in doubt */
export function statusReply(row: JobRow, doubtful?: DoubtfulUnits): StatusReply {
  const { id, state, reason, units } = row
  const terms = { gigafuelPriceMicro: `${row.gigafuelPriceMicro}`, budgetMicro: `${row.budgetMicro}` }
  return { job: id, ...withRef(row), state, reason, units, ...terms, ...(doubtful && doubtTexts(doubtful)) }
}

/** The units that are in doubt and those known to be wrong, such as `3-17, 40`; what there is none of is absent. */
export function doubtTexts({ suspect, wrong }: DoubtfulUnits): { suspect?: string; wrong?: string } {
  return {
    ...(suspect.isEmpty ? {} : { suspect: rangesText(suspect) }),
    ...(wrong.isEmpty ? {} : { wrong: rangesText(wrong) }),
  }
}

export function progressReply(row: JobRow, job: Job | undefined, monotonicMs: number): ProgressReply {
  const bill = { fuel: `${row.fuel}`, spentMicro: `${spentMicro(row)}` }
  return { job: row.id, units: row.units, ...paceOf(row, job, monotonicMs), ...bill }
}

/** The last word on a job; null while it runs. Small results travel inside, larger ones are named by their address. */
export function resultReply(row: JobRow, blobs: Pick<BlobStore, 'read'>, blobUrl: string): ResultReply | null {
  const base = {
    job: row.id,
    ...withRef(row),
    reason: row.reason,
    fuel: `${row.fuel}`,
    costMicro: `${spentMicro(row)}`,
    failedUnits: row.failedUnits,
    expectedWrongUnits: row.expectedWrongUnits,
  }
  if (row.state === 'failed' || row.state === 'cancelled') return { ...base, state: row.state }
  if (row.state !== 'done' || !row.resultSha256) return null
  const bytes = row.resultBytes ?? 0
  const mediaType = mediaTypeOf(parseStoredJobSpec(row.spec).aggregate)
  const answer = { ...base, state: row.state, mediaType, bytes, sha256: row.resultSha256 } as const
  const done = { ...answer, ...unitFuels(row), ...billRef(row, blobUrl) }
  if (bytes > LIMITS.inlineBytesMax) return { ...done, url: `${blobUrl}/${row.resultSha256}` }
  const content = blobs.read(row.resultSha256)
  return isText(mediaType) ? { ...done, text: fromUtf8(content) } : { ...done, base64: toBase64(content) }
}

/** Fuel of the cheapest and of the dearest unit of a job that is done; 0 when nobody metered it. */
function unitFuels({ unitFuelLeast, unitFuelGreatest }: JobRow): { unitFuelLeast: number; unitFuelGreatest: number } {
  return { unitFuelLeast: unitFuelLeast ?? 0, unitFuelGreatest: unitFuelGreatest ?? 0 }
}

function billRef({ billSha256, billBytes }: JobRow, blobUrl: string): { bill?: BillRef } {
  if (billSha256 === null) return {}
  return { bill: { url: `${blobUrl}/${billSha256}`, sha256: billSha256, bytes: billBytes ?? 0 } }
}

const isText = (mediaType: string): boolean => mediaType.startsWith('text/') || mediaType === 'application/json'

function billOf(row: JobRow, sha256: Sha256Hex): Api.JobBill {
  return { sha256, bytes: row.billBytes ?? 0, ...unitFuels(row) }
}

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
    fuel: `${row.fuel}`,
    unitFuelMax: spec.task.unitFuelMax,
    gigafuelPriceMicro: `${row.gigafuelPriceMicro}`,
    budgetMicro: `${row.budgetMicro}`,
    spentMicro: `${spentMicro(row)}`,
    feeMicro: `${row.feeMicro}`,
    replicaMicro: `${row.replicaMicro}`,
    createdAtMs: row.createdAtMs,
    finishedAtMs: row.finishedAtMs,
    ratePerSecond,
    etaMs,
    result: null,
    bill: row.billSha256 === null ? null : billOf(row, row.billSha256),
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

/** A job as {@link apiJob} shows it, running or over; null when there is none, or its answer cannot be read. */
export function viewJobById(
  id: JobId,
  region: Pick<Region, 'jobs' | 'fleet'>,
  store: Pick<Store, 'job'> & DoubtStore,
  blobs: Pick<BlobStore, 'read'>,
  monotonicMs: number,
): Api.Job | null {
  const job = region.jobs.active(id)
  const row = job?.row ?? store.job(id)
  if (row === null) return null
  try {
    return { ...apiJob(row, job, monotonicMs, blobs), ...doubtTexts(doubtfulUnits(store, region.fleet, row)) }
  } catch (error) {
    if (error instanceof HedgerowError) return null
    throw error
  }
}

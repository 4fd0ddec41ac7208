/** Deletes blobs that the region has no use for any more: inputs, modules and outputs of jobs that are over, and uploads nobody used. */
import { CAPACITY_MODULE_SHA256 } from '../protocol/capacity/index.ts'
import { type Sha256Hex, sha256Hex, toHex } from '../protocol/index.ts'
import type { BlobStore, Swept } from './blobs/index.ts'
import type { JobRow, Store } from './store/rows.ts'

const DAY_MS = 86_400_000

export interface SweepComponents {
  blobs: Pick<BlobStore, 'sweep'>
  store: Pick<Store, 'jobs' | 'job' | 'answerBlobs' | 'acceptedRuns' | 'leasesOfJob' | 'disputes'>
}

/**
 * Sweeps the blob store once. Kept are: answers and bills, and the task of capacity checks, for ever; what a job is made of and what its leases returned, while it runs
 * and for as long after as it may be disputed and looked at again; and everything that is younger than that.
 * A crash at any moment loses nothing but the rest of the sweep.
 * @param holdbackWindowMs - how long a lease may be disputed, and how long a second look may take
 * @throws {ConfigError} when the folder of blobs cannot be read or written
 */
export function sweepBlobs({ blobs, store }: SweepComponents, holdbackWindowMs: number, nowMs: number): Promise<Swept> {
  const keptSinceMs = nowMs - 2 * holdbackWindowMs - DAY_MS
  const named = namedBlobs(store, keptSinceMs)
  return blobs.sweep(hash => named.has(hash), keptSinceMs)
}

function namedBlobs(store: SweepComponents['store'], endedSinceMs: number): Set<Sha256Hex> {
  const named = new Set(store.answerBlobs())
  named.add(sha256Hex(CAPACITY_MODULE_SHA256))
  for (const row of store.jobs({ endedSinceMs })) nameJob(store, row, named)
  for (const { job } of store.disputes({ states: ['open'] })) {
    const row = job === null ? null : store.job(job)
    if (row) nameJob(store, row, named)
  }
  return named
}

/** Any SHA-256 in a specification may be a blob's name; one that is none does no harm. */
const SHA256 = /[0-9a-f]{64}/g

function nameJob(store: SweepComponents['store'], { id, spec }: JobRow, named: Set<Sha256Hex>): void {
  for (const [name] of spec.matchAll(SHA256)) named.add(sha256Hex(name))
  for (const { digest } of store.acceptedRuns(id)) named.add(sha256Hex(toHex(digest)))
  for (const { digest } of store.leasesOfJob(id, Number.MAX_SAFE_INTEGER)) {
    if (digest !== null) named.add(sha256Hex(toHex(digest)))
  }
}

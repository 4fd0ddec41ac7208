import type { RunInput } from '../../protocol/index.ts'
import type { GrantEffect } from '../batch.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { PreparedJob } from '../jobs/job.ts'
import { travelsInline } from '../jobs/lease-bytes.ts'

/**
 * What a lease says of its input: small ones travel inside it, a larger part of the blob is named with the digest of exactly that part.
 * @returns a promise while that digest has to be found out
 * @throws {ConfigError} `not_found` or `damaged` when the job's input is gone; so the promise rejects, too
 */
export function runInput(
  blobs: Pick<BlobStore, 'read' | 'digestOf'>,
  { plan, input: blob }: PreparedJob,
  { firstUnit, unitCount }: GrantEffect,
): RunInput | Promise<RunInput> {
  const part = plan.runInput(firstUnit, unitCount)
  if (part === null || part.kind === 'inline' || blob === null)
    return part?.kind === 'inline' ? { kind: 'inline', bytes: part.bytes } : null
  const { offset, length } = part
  if (travelsInline(length)) return { kind: 'inline', bytes: blobs.read(blob, offset, length) }
  const named = (digest: Uint8Array): RunInput => ({ kind: 'range', blob, offset, length, digest })
  const digest = blobs.digestOf(blob, offset, length)
  return digest instanceof Uint8Array ? named(digest) : digest.then(named)
}

/** Hands a job in, as any submitter does over HTTP. */
import type { Job } from '../../coordinator/http/admin-api.ts'
import { toHex, utf8 } from '../../protocol/bytes.ts'
import { portableSha256 } from '../../protocol/merkle/hash.ts'
import { ask, askJson, withQuery } from '../api/client.ts'
import { type JobDraft, submissionOf, valueAt, withValue } from './job-draft.ts'

/** Longer texts travel as blobs, under their SHA-256. */
const INLINE_BYTES_MAX = 16_384

/**
 * Uploads what is long and submits the job.
 * @param payer - the submitter that pays, named by an operator; null for whoever is signed in
 * @throws {ApiFailure} with the region's words
 */
export async function submitJob(draft: JobDraft, script: string, payer: string | null): Promise<Job> {
  const text = valueAt(draft, 'split.source.text')
  const source = typeof text === 'string' ? await sourceOf(text) : undefined
  const job = source === undefined ? draft : withValue(draft, 'split.source', source)
  const path = withQuery('/api/jobs', { submitter: payer ?? undefined })
  return askJson<Job>(path, { method: 'POST', body: submissionOf(job, await sourceOf(script)) })
}

async function sourceOf(text: string): Promise<{ readonly text: string } | { readonly sha256: string }> {
  const bytes = utf8(text)
  if (bytes.length <= INLINE_BYTES_MAX) return { text }
  const sha256 = toHex(portableSha256(bytes))
  await ask(`/blob/${sha256}`, { method: 'PUT', body: bytes })
  return { sha256 }
}

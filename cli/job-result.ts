/** Hands over a finished job's answer: to a file, to standard output, or inside JSON. */
import { open, rename, rm } from 'node:fs/promises'
import type { Job, JobResult } from '../coordinator/http/admin-api.ts'
import { fromUtf8, LIMITS, toBase64 } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'
import { streamChecked, type Write } from './checked-stream.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Io, Terminal } from './io.ts'
import type { Output } from './output.ts'
import { formatBytes } from './terminal/format.ts'
import { printable } from './terminal/text.ts'

/** Where an answer goes. */
export interface Delivery {
  /** Where to write it; null for standard output. */
  readonly file: string | null
  readonly io: Io
  readonly out: Output
}

/**
 * Delivers the answer, or says why there is none yet or none at all.
 * @throws {TransportError} `bad_response` when the bytes are not those that were named
 */
export async function deliverResult(api: AdminClient, job: Job, { file, io, out }: Delivery): Promise<ExitCode> {
  if (job.result === null) return explainAbsence(job, 'answer', { out, io })
  const about = { id: job.id, state: job.state, ...named(job.result) }
  if (file !== null) {
    await saveResult(api, job.id, job.result, file)
    out.result({ ...about, file }, () => [`${file}: ${formatBytes(about.bytes)} of ${printable(about.mediaType)}`])
  } else if (out.json) {
    const url = `${api.httpUrl.replace(/\/+$/, '')}/blob/${about.sha256}`
    out.result(
      about.bytes > LIMITS.inlineBytesMax ? { ...about, url } : { ...about, ...(await body(api, job)) },
      () => [],
    )
  } else if (io.stdout.isTTY && !isReadable(about.mediaType)) {
    out.note(`The answer is ${formatBytes(about.bytes)} of ${about.mediaType}: write it to a file with --out FILE.`)
    return EXIT.failure
  } else {
    await printResult(api, job, io.stdout)
  }
  return EXIT.ok
}

/** Whether a terminal can show it. */
export function isReadable(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json'
}

function named({ sha256, bytes, mediaType }: JobResult): Pick<JobResult, 'sha256' | 'bytes' | 'mediaType'> {
  return { sha256, bytes, mediaType }
}

/** Says why a job does not have what a finished one has. */
export function explainAbsence(job: Job, what: 'answer' | 'bill', { out, io }: Pick<Delivery, 'out' | 'io'>): ExitCode {
  if (out.json) out.result({ id: job.id, state: job.state, reason: job.reason }, () => [])
  if (job.state === 'done') {
    io.stderr.write(`hedgerow: Job ${job.id} has no ${what}: it was done before work was metered.\n`)
    return EXIT.failure
  }
  const ended = job.state === 'failed' || job.state === 'cancelled'
  const why = ended
    ? `has no ${what}, it ${job.state === 'failed' ? 'failed' : 'was cancelled'}: ${job.reason}`
    : 'is not done'
  const next = ended ? `See 'hedgerow job explain ${job.id}'.` : `Wait for it with 'hedgerow job watch ${job.id}'.`
  io.stderr.write(`hedgerow: Job ${job.id} ${printable(why).replace(/\.$/, '')}. ${next}\n`)
  return ended ? EXIT.jobFailed : EXIT.failure
}

async function body(api: AdminClient, job: Job): Promise<{ text: string } | { base64: string }> {
  const chunks: Uint8Array[] = []
  await readChecked(api, job, chunk => {
    chunks.push(chunk)
  })
  const bytes = Buffer.concat(chunks)
  try {
    return { text: fromUtf8(bytes) }
  } catch {
    return { base64: toBase64(bytes) }
  }
}

async function printResult(api: AdminClient, job: Job, stdout: Terminal): Promise<void> {
  let last = 0
  await readChecked(api, job, chunk => {
    last = chunk.at(-1) ?? last
    stdout.write(chunk)
  })
  // On a terminal the prompt should start on a line of its own; elsewhere the bytes are exactly the answer.
  if (stdout.isTTY && last !== 0x0a) stdout.write('\n')
}

async function saveResult(api: AdminClient, id: string, result: JobResult, path: string): Promise<void> {
  const partial = `${path}.part`
  const file = await open(partial, 'w')
  try {
    await readChecked(api, { id, result }, async chunk => {
      await file.writeFile(chunk)
    })
    await file.close()
    await rename(partial, path)
  } catch (error) {
    await file.close()
    await rm(partial, { force: true })
    throw error
  }
}

async function readChecked(api: AdminClient, job: Pick<Job, 'id' | 'result'>, write: Write): Promise<void> {
  await streamChecked(await api.jobResult(job.id), job.result?.sha256 ?? '', `The answer of job ${job.id}`, write)
}

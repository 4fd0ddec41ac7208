/** Hands over a finished job's answer: to a file, to standard output, or inside JSON. */
import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { Job, JobResult } from '../coordinator/http/admin-api.ts'
import { fromUtf8, LIMITS, TransportError, toBase64 } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'
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

type Write = (chunk: Uint8Array) => Promise<void> | void

/**
 * Delivers the answer, or says why there is none yet or none at all.
 * @throws {TransportError} `bad_response` when the bytes are not those that were named
 */
export async function deliverResult(api: AdminClient, job: Job, { file, io, out }: Delivery): Promise<ExitCode> {
  if (job.result === null) return explainAbsence(job, out, io)
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

function explainAbsence(job: Job, out: Output, io: Io): ExitCode {
  const ended = job.state === 'failed' || job.state === 'cancelled'
  if (out.json) out.result({ id: job.id, state: job.state, reason: job.reason }, () => [])
  const why = ended
    ? `has no answer, it ${job.state === 'failed' ? 'failed' : 'was cancelled'}: ${job.reason}`
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

/** Streams the answer and compares its hash at the end. */
async function readChecked(api: AdminClient, job: Pick<Job, 'id' | 'result'>, write: Write): Promise<void> {
  const response = await api.jobResult(job.id)
  const hash = createHash('sha256')
  for await (const chunk of response.body ?? []) {
    hash.update(chunk as Uint8Array)
    await write(chunk as Uint8Array)
  }
  if (hash.digest('hex') === job.result?.sha256) return
  const message = `The answer of job ${job.id} was damaged on its way, its SHA-256 differs: try again.`
  throw new TransportError({ code: 'bad_response', address: api.httpUrl, status: response.status }, message)
}

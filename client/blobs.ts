/** Modules, inputs and results too large for a message travel by SHA-256 over HTTP. */
import { type Clock, LIMITS, messageOf, type Sha256Hex, sha256Hex, TransportError, toHex } from '../protocol/index.ts'
import type { Fetch } from './fetch.ts'
import { platformClock } from './platform.ts'

/** Lower-case hexadecimal SHA-256 of bytes held in memory. */
export async function sha256Of(bytes: Uint8Array): Promise<Sha256Hex> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return sha256Hex(toHex(new Uint8Array(digest)))
}

/** What is known about the content beforehand. */
export interface UploadOptions {
  /** The content's SHA-256 when it is known already; needed for content that should not be held in memory. */
  sha256?: Sha256Hex
  /** Told how many bytes are on their way, piece by piece; from the beginning when the content has to be sent again. */
  onProgress?(sentBytes: number): void
  /** Told that the coordinator is busy or full for now, in its own words, and when the content will be sent again. */
  onWait?(reason: string, waitMs: number): void
  /** Longest time to wait for a busy coordinator altogether. Default 300 000. */
  waitMaxMs?: number
  /** Default: the platform's. */
  clock?: Clock
  /** How requests are made. Default: the platform's `fetch`. */
  fetch?: Fetch
}

/** Answers that pass: too much of this sender's, too much of everybody's, no room. Each says when to try again. */
const PASSING_STATUSES: readonly number[] = [429, 503, 507]
const WAIT_MAX_MS = 300_000

/**
 * Stores content at the coordinator and returns its name. Content that is there already is not sent again; a coordinator that says when
 * to try again is asked again then.
 * @param httpUrl - the coordinator's HTTP address
 * @param token - a submitter's
 * @param content - bytes, or a `Blob` such as a browser's `File`; up to {@link LIMITS}.blobBytesMax
 * @throws {TransportError} `unreachable`, `refused` (token, size or space), `bad_response`
 */
export async function uploadBlob(
  httpUrl: string,
  token: string,
  content: Uint8Array | Blob,
  options: UploadOptions = {},
): Promise<Sha256Hex> {
  const bytes = content instanceof Blob ? content.size : content.length
  if (bytes > LIMITS.blobBytesMax) {
    const reason = `a blob has at most ${LIMITS.blobBytesMax} bytes and this one has ${bytes}`
    throw refused(httpUrl, `The content was not sent: ${reason}.`, reason)
  }
  const hash = options.sha256 ?? (await sha256Of(content instanceof Blob ? await bytesOf(content) : content))
  const address = blobUrl(httpUrl, hash)
  const ask = requesterOf(options.fetch)
  const found = await ask(address, { method: 'HEAD' })
  if (found.ok) return hash
  const { clock = platformClock, waitMaxMs = WAIT_MAX_MS } = options
  for (let waitedMs = 0; ; ) {
    const { body, headers } = bodyOf(content, bytes, options)
    const put = await ask(address, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', ...headers },
      ...body,
    })
    if (put.ok) return hash
    const reason = await refusal(put)
    const waitMs = waitOf(put)
    if (waitMs === null || waitedMs + waitMs > waitMaxMs) {
      throw refused(address, `The coordinator did not take the blob: ${reason}`, reason)
    }
    options.onWait?.(reason, waitMs)
    await new Promise<void>(resolve => clock.setTimeout(resolve, waitMs))
    waitedMs += waitMs
  }
}

/** The content as `fetch` takes it: as it is, or as a stream that counts, which only Node can send. */
function bodyOf(content: Uint8Array | Blob, bytes: number, { onProgress }: UploadOptions): Content {
  if (onProgress === undefined) return { body: { body: content as Uint8Array<ArrayBuffer> | Blob }, headers: {} }
  let sent = 0
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      sent += chunk.length
      onProgress(sent)
      controller.enqueue(chunk)
    },
  })
  const blob = content instanceof Blob ? content : new Blob([content as Uint8Array<ArrayBuffer>])
  // Without a length it would travel in chunks, and the coordinator could not say beforehand that it does not fit.
  const headers = { 'content-length': String(bytes) }
  return { body: { body: blob.stream().pipeThrough(counter), duplex: 'half' } as RequestInit, headers }
}

/** What goes into a request for its content. */
interface Content {
  readonly body: RequestInit
  readonly headers: Readonly<Record<string, string>>
}

/** How long to wait before the next try; null when another would not help. */
function waitOf({ status, headers }: Response): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return PASSING_STATUSES.includes(status) && seconds >= 0 ? Math.max(1, seconds) * 1_000 : null
}

/** The address of a blob at a coordinator. */
export function blobUrl(httpUrl: string, hash: Sha256Hex): string {
  return `${httpUrl.replace(/\/+$/, '')}/blob/${hash}`
}

/**
 * Fetches a blob and checks it against its name.
 * @param by - how the request is made; default: the platform's `fetch`
 * @throws {TransportError} `unreachable`, or `bad_response` when it is not there or not what was named
 */
export async function fetchBlob(address: string, hash: Sha256Hex, by?: Fetch): Promise<Uint8Array> {
  const response = await requesterOf(by)(address, { method: 'GET' })
  if (!response.ok) {
    const message = `The blob at ${address} cannot be read: ${await refusal(response)}`
    throw new TransportError({ code: 'bad_response', address, status: response.status }, message)
  }
  const bytes = await bytesOf(response).catch((cause: unknown) => {
    throw unreachable(address, cause)
  })
  if ((await sha256Of(bytes)) !== hash) {
    const message = `The bytes at ${address} are not the blob that was named: their SHA-256 differs. Try again.`
    throw new TransportError({ code: 'bad_response', address, status: response.status }, message)
  }
  return bytes
}

async function bytesOf(body: Blob | Response): Promise<Uint8Array> {
  return new Uint8Array(await body.arrayBuffer())
}

function requesterOf(by: Fetch = fetch): Fetch {
  return async (address, init) => {
    try {
      return await by(address, init)
    } catch (cause) {
      throw unreachable(address, cause)
    }
  }
}

function unreachable(address: string, cause: unknown): TransportError {
  const message = `No answer from ${new URL(address).origin}: check the address and that the coordinator runs.`
  return new TransportError({ code: 'unreachable', address }, message, { cause })
}

function refused(address: string, message: string, reason: string): TransportError {
  return new TransportError({ code: 'refused', address, reason }, message)
}

/** The coordinator's own sentence, or the status when there is none. */
async function refusal(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { error?: { message?: unknown } }
    if (typeof body.error?.message === 'string') return body.error.message
  } catch (error) {
    return `HTTP status ${response.status} (${messageOf(error)}).`
  }
  return `HTTP status ${response.status}.`
}

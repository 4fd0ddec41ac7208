/** Gets content by its SHA-256 over HTTP, goes on where a broken transfer stopped, and hands out nothing unchecked. */
import {
  type Clock,
  type HedgerowError,
  LIMITS,
  type Random,
  type Sha256Hex,
  TaskError,
  TransportError,
} from '../../protocol/index.ts'
import { retryDelayMs } from '../link/backoff.ts'
import { type BlobCache, hashOf } from './blob-cache.ts'
import { BlobPart } from './blob-part.ts'
import { blobAddress, type HttpClient, type HttpResponse, httpFailure, httpRefusal } from './http.ts'
import { cancelled, pause } from './pause.ts'

/** A blob, or a part of one. */
export interface BlobWant {
  readonly blob: Sha256Hex
  /** SHA-256 of exactly the bytes wanted; equal to `blob` when the whole is. */
  readonly digest: Sha256Hex
  readonly offset: number
  readonly length: number
}

export interface FetchComponents {
  readonly clock: Clock
  readonly random: Random
  readonly http: HttpClient
  readonly cache: BlobCache
}

/** Tries in a row that bring nothing new. */
const FRUITLESS_TRIES_MAX = 5
/** Complete transfers whose bytes were wrong. */
const WRONG_TRIES_MAX = 3
const RETRY = { firstMs: 500, maxMs: 10_000 }
/** Answers that another try will not change. */
const FINAL_STATUSES: readonly number[] = [400, 401, 403, 404, 410, 416]

/**
 * The bytes wanted: a whole blob from the cache or the region, and kept; a part of one from the region.
 * @param blobUrl - the address that the region announced
 * @throws {TaskError} `no_blob` when they cannot be had, `cancelled`
 */
export async function fetchBlob(
  components: FetchComponents,
  blobUrl: string,
  want: BlobWant,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (want.length > LIMITS.unitInputBytesMax) {
    throw noBlob(want, `it has ${want.length} bytes, and a device holds at most ${LIMITS.unitInputBytesMax}.`)
  }
  const { cache } = components
  const address = blobAddress(blobUrl, want.blob)
  // A part is the input of one lease and hardly ever wanted again: it would wear the card, and push out modules that are.
  if (!isWhole(want)) return new Transfer(components, address, want, BlobPart.unkept()).run(signal)
  const cached = await cache.get(want.digest)
  if (cached !== null) return cached
  const part = cache.part(want.digest, want.length)
  const content = await new Transfer(components, address, want, part).run(signal)
  await cache.finish(want.digest, part, content)
  return content
}

const isWhole = (want: BlobWant): boolean => want.blob === want.digest

class Transfer {
  readonly #components: FetchComponents
  readonly #url: string
  readonly #want: BlobWant
  readonly #part: BlobPart
  readonly #content: Uint8Array
  #held = 0

  constructor(components: FetchComponents, url: string, want: BlobWant, part: BlobPart) {
    this.#components = components
    this.#url = url
    this.#want = want
    this.#part = part
    this.#content = new Uint8Array(want.length)
  }

  async run(signal?: AbortSignal): Promise<Uint8Array> {
    await this.#resume()
    const { clock, random } = this.#components
    for (let fruitless = 0, wrong = 0; ; ) {
      const before = this.#held
      const problem = await this.#tryOnce(signal)
      if (problem === null && hashOf(this.#content) === this.#want.digest) return this.#content
      if (problem === null) {
        // From the beginning: nobody can say which bytes are wrong.
        this.#held = 0
        await this.#part.discard()
        if (++wrong === WRONG_TRIES_MAX) throw noBlob(this.#want, 'what comes is not what was named.')
      } else {
        fruitless = this.#held > before ? 1 : fruitless + 1
        await this.#part.save(this.#content, this.#held)
        if (fruitless > FRUITLESS_TRIES_MAX || isFinal(problem)) throw noBlob(this.#want, problem.message, problem)
      }
      await pause(clock, retryDelayMs(Math.max(1, fruitless), RETRY, random), signal)
    }
  }

  async #resume(): Promise<void> {
    const left = await this.#part.load(this.#want.length)
    this.#content.set(left)
    this.#held = left.length
  }

  /** One request. @returns null once all bytes are there, otherwise what went wrong */
  async #tryOnce(signal: AbortSignal | undefined): Promise<TransportError | null> {
    try {
      if (this.#held < this.#want.length) await this.#receive(await this.#request(signal))
    } catch (thrown) {
      if (!signal?.aborted) return httpFailure(this.#url, thrown)
      await this.#part.save(this.#content, this.#held)
      throw cancelled()
    }
    if (this.#held === this.#want.length) return null
    return new TransportError({ code: 'closed', address: this.#url }, 'The transfer broke off.')
  }

  #request(signal: AbortSignal | undefined): Promise<HttpResponse> {
    const { offset, length } = this.#want
    const range = `bytes=${offset + this.#held}-${offset + length - 1}`
    const headers: Record<string, string> = isWhole(this.#want) && this.#held === 0 ? {} : { range }
    return this.#components.http({ method: 'GET', url: this.#url, headers, signal })
  }

  async #receive(response: HttpResponse): Promise<void> {
    if (response.status === 200 && isWhole(this.#want)) {
      // A server that ignores ranges sends the blob from its beginning.
      if (this.#held > 0) await this.#part.discard()
      this.#held = 0
    } else if (response.status !== 206 || !this.#continues(response)) {
      response.discard()
      throw httpRefusal(this.#url, response.status)
    }
    for await (const chunk of response.body) {
      const fitting = chunk.subarray(0, this.#want.length - this.#held)
      this.#content.set(fitting, this.#held)
      this.#held += fitting.length
      await this.#part.progress(this.#content, this.#held)
      if (fitting.length < chunk.length) break
    }
  }

  #continues(response: HttpResponse): boolean {
    const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
    return start === String(this.#want.offset + this.#held)
  }
}

function isFinal(problem: TransportError): boolean {
  return problem.info.code === 'bad_response' && FINAL_STATUSES.includes(problem.info.status)
}

function noBlob(want: BlobWant, reason: string, cause?: HedgerowError<{ code: string }>): TaskError {
  const message = `The blob ${want.blob.slice(0, 12)}… cannot be had: ${reason}`
  const info = { code: 'no_blob', sha256: want.blob, reason } as const
  return new TaskError(info, message, cause === undefined ? undefined : { cause })
}

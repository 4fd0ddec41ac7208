/** A log over HTTP, such as a running coordinator's under `/log/`. */
import {
  type Clock,
  concatBytes,
  entriesPath,
  fromUtf8,
  HASH_BYTES,
  messageOf,
  TILE_WIDTH,
  TransportError,
  tilePath,
} from '../../protocol/index.ts'
import type { LogSource } from '../source.ts'
import { bundlePrefix } from './bundle-prefix.ts'
import { BUNDLE_BYTES_MAX, CHECKPOINT_BYTES_MAX, TILE_BYTES_MAX } from './sizes.ts'

const TRIES = 4
const RETRY_MS = 250
const TIMEOUT_MS = 30_000

/** What reading over HTTP needs. */
export interface HttpPorts {
  readonly clock: Clock
  readonly fetch: typeof fetch
}

/** An answer that another try may better. */
class Passing extends Error {}

/**
 * A log by its address.
 * @param url - of the coordinator, such as `http://host:8717`, or of the log itself when it ends in `/log`
 */
export function createHttpSource(url: string, ports: HttpPorts): LogSource {
  const base = url.replace(/\/+$/, '').replace(/\/log$/, '')
  const address = `${base}/log`
  const get = (path: string, bytesMax: number) => getWithRetries(`${address}/${path}`, bytesMax, ports)

  /** A part that is not full may have been dropped once it was, so the whole is the next guess. */
  const getPart = async (path: (width: number) => string, width: number, bytesMax: number) => {
    const part = await get(path(width), bytesMax)
    if (part !== null) return { bytes: part, isWhole: false }
    const whole = width === TILE_WIDTH ? null : await get(path(TILE_WIDTH), bytesMax)
    if (whole !== null) return { bytes: whole, isWhole: true }
    throw badResponse(`${address}/${path(width)}`, 404, 'it is not there')
  }

  return {
    name: address,
    checkpoint: async () => {
      const bytes = await get('checkpoint', CHECKPOINT_BYTES_MAX)
      return bytes === null ? null : fromUtf8(bytes)
    },
    size: async () => null,
    tile: async (level, index, width) => {
      const { bytes } = await getPart(w => tilePath(level, index, w), width, TILE_BYTES_MAX)
      return bytes.subarray(0, width * HASH_BYTES)
    },
    entries: async (index, width) => {
      const { bytes, isWhole } = await getPart(w => entriesPath(index, w), width, BUNDLE_BYTES_MAX)
      return isWhole ? bundlePrefix(bytes, width) : bytes
    },
    close: () => {},
  }
}

/** @returns null for a 404 */
async function getWithRetries(url: string, bytesMax: number, ports: HttpPorts): Promise<Uint8Array | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await getOnce(url, bytesMax, ports)
    } catch (error) {
      if (!(error instanceof Passing)) throw error
      if (attempt === TRIES) throw error.cause
      await pause(ports.clock, RETRY_MS * 2 ** (attempt - 1))
    }
  }
}

async function getOnce(url: string, bytesMax: number, { clock, fetch }: HttpPorts): Promise<Uint8Array | null> {
  const stop = new AbortController()
  const timer = clock.setTimeout(() => stop.abort(), TIMEOUT_MS)
  try {
    const response = await fetch(url, { signal: stop.signal })
    const { status } = response
    if (status === 404) {
      await response.body?.cancel()
      return null
    }
    if (status !== 200) {
      await response.body?.cancel()
      const reason = `it answers with the HTTP status ${status}`
      if (status >= 500 || status === 429) throw new Passing('', { cause: refused(url, reason) })
      throw badResponse(url, status, reason)
    }
    return await readBody(url, response, bytesMax)
  } catch (cause) {
    if (cause instanceof TransportError || cause instanceof Passing) throw cause
    throw new Passing('', { cause: unreachable(url, cause) })
  } finally {
    timer.cancel()
  }
}

async function readBody(url: string, response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array
    length += bytes.length
    if (length > bytesMax) throw badResponse(url, response.status, `it is longer than ${bytesMax} bytes`)
    chunks.push(bytes)
  }
  return concatBytes(...chunks)
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise(resolve => {
    clock.setTimeout(resolve, ms)
  })
}

function badResponse(address: string, status: number, reason: string): TransportError {
  const message = `A part of the log cannot be read at ${address}: ${reason}.`
  return new TransportError({ code: 'bad_response', address, status }, message)
}

function refused(address: string, reason: string): TransportError {
  const message = `The log cannot be read now at ${address}: ${reason}. Try again later.`
  return new TransportError({ code: 'refused', address, reason }, message)
}

function unreachable(address: string, cause: unknown): TransportError {
  const message = `No log answers at ${address} (${messageOf(cause)}): check the address, or start the coordinator.`
  return new TransportError({ code: 'unreachable', address }, message, { cause })
}

/** What the commands about a device's own earnings share: its region's address and its signed statements. */
import { join } from 'node:path'
import {
  type EarningsFolder,
  type KnownRegion,
  type LogSource,
  openEarningsFolder,
  openIdentity,
} from '../device/index.ts'
import { encodeStatement, frameAad, regionIdOf, type Statement, sign1, TransportError } from '../protocol/index.ts'
import { systemRandom } from '../protocol/node/index.ts'
import { RefusedError } from './http-request.ts'
import type { Io } from './io.ts'
import { trustAsDevice } from './trust.ts'

/** Where the region answers HTTP: the place of its blobs without their folder. */
export function httpUrlOf({ blobUrl }: Pick<KnownRegion, 'blobUrl'>): string {
  return blobUrl.replace(/\/+$/, '').replace(/\/blob$/, '')
}

/** A region's log over HTTP, as the device in a folder reads it. */
export function httpLog(httpUrl: string, stateDir: string): LogSource {
  trustAsDevice(stateDir, httpUrl)
  return {
    async read(path, bytesMax) {
      const address = `${httpUrl}/log/${path}`
      const response = await asked(address, { headers: { accept: '*/*' } })
      if (response.status === 404) {
        await response.body?.cancel()
        return null
      }
      if (!response.ok || response.body === null) throw badResponse(address, response.status)
      return readUpTo(response.body, bytesMax, () => badResponse(address, response.status))
    },
  }
}

async function readUpTo(
  body: NonNullable<Response['body']>,
  bytesMax: number,
  tooLong: () => Error,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > bytesMax) throw tooLong()
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** What a statement says beside its number. */
export type Statable<S = Statement> = S extends Statement ? Omit<S, 'seq'> : never

/**
 * Signs a statement with the device's key and brings it to the region.
 * The number is the time in seconds where that is larger than the last, so that a device whose folder was put back goes on.
 * @returns what the region answers
 * @throws {RefusedError} with the region's sentence; {@link TransportError} when it cannot be reached
 */
export async function bringStatement(
  io: Io,
  stateDir: string,
  says: Statable,
): Promise<{ device: string; seq: number; text: string }> {
  const earnings: EarningsFolder = openEarningsFolder(stateDir)
  const region = earnings.region()
  const identity = openIdentity(join(stateDir, 'device.key'), systemRandom)
  const context = {
    regionId: regionIdOf(region.regionKey),
    direction: 'up',
    device: identity.id,
    class: 'statement',
  } as const
  const { seq, frame } = earnings.number(Math.floor(io.clock.wallMs() / 1_000), number => {
    return sign1(encodeStatement({ ...says, seq: number } as Statement), frameAad(context), identity.signer)
  })
  const address = `${httpUrlOf(region)}/api/statements/${identity.id}`
  trustAsDevice(stateDir, address)
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await asked(address, { method: 'POST', headers, body: Uint8Array.from(frame) })
  const text = await answerOf(address, response)
  return { device: identity.id, seq, text }
}

async function asked(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init)
  } catch (cause) {
    const message = `The region does not answer at ${address}: try again when it does.`
    throw new TransportError({ code: 'unreachable', address }, message, { cause })
  }
}

async function answerOf(address: string, response: Response): Promise<string> {
  let reply: { text?: unknown; error?: { code: unknown; message: unknown } }
  try {
    reply = (await response.json()) as typeof reply
  } catch (cause) {
    throw badResponse(address, response.status, cause)
  }
  if (reply.error !== undefined) {
    throw new RefusedError({ code: String(reply.error.code), status: response.status }, String(reply.error.message))
  }
  if (!response.ok || typeof reply.text !== 'string') throw badResponse(address, response.status)
  return reply.text
}

function badResponse(address: string, status: number, cause?: unknown): TransportError {
  const message = `What answers at ${address} is not a region's log or its interface (HTTP status ${status}).`
  return new TransportError(
    { code: 'bad_response', address, status },
    message,
    cause === undefined ? undefined : { cause },
  )
}

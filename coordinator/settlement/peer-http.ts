/** Asks another region over HTTP: bounded in time and in bytes, since nobody answers for what stands at the other end. */
import { type Clock, concatBytes, fromUtf8, messageOf, TransportError } from '../../protocol/index.ts'

export interface PeerHttpComponents {
  clock: Pick<Clock, 'setTimeout'>
  fetch: typeof fetch
}

export interface PeerReply {
  readonly status: number
  /** The media type, without its parameters. */
  readonly mediaType: string
  readonly body: string
}

export interface PeerHttp {
  /** @throws {TransportError} `unreachable`, `timeout`, or `bad_response` when the reply is too long or no text */
  get(url: string): Promise<PeerReply>
  /** The same with a body of plain text. */
  post(url: string, body: string): Promise<PeerReply>
  /** Gives up on everything that is under way. */
  close(): void
}

/** A checkpoint with all its cosignatures has 16 KiB at most, a card less. */
const REPLY_BYTES_MAX = 32_768

export function createPeerHttp({ clock, fetch }: PeerHttpComponents, timeoutMs: number): PeerHttp {
  const underWay = new Set<AbortController>()

  const ask = async (url: string, request: RequestInit): Promise<PeerReply> => {
    const controller = new AbortController()
    underWay.add(controller)
    const timer = clock.setTimeout(() => controller.abort(), timeoutMs)
    try {
      // A region stands where it says; being sent elsewhere would let it point at anybody's servers.
      const response = await fetch(url, { ...request, redirect: 'error', signal: controller.signal })
      const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
      return { status: response.status, mediaType, body: await bodyOf(response, url) }
    } catch (cause) {
      if (cause instanceof TransportError) throw cause
      throw controller.signal.aborted ? tooSlow(url, timeoutMs, cause) : unreachable(url, cause)
    } finally {
      timer.cancel()
      underWay.delete(controller)
    }
  }

  return {
    get: url => ask(url, { method: 'GET' }),
    post: (url, body) => ask(url, { method: 'POST', body, headers: { 'content-type': 'text/plain; charset=utf-8' } }),
    close: () => {
      for (const controller of underWay) controller.abort()
    },
  }
}

async function bodyOf(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop early lets go of the connection.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > REPLY_BYTES_MAX)
      throw badResponse(url, response.status, `it answers more than ${REPLY_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  try {
    return fromUtf8(concatBytes(...chunks))
  } catch (cause) {
    throw badResponse(url, response.status, 'its answer is no text', cause)
  }
}

/** The failure of a region that answers, but not as regions do. */
export function badResponse(address: string, status: number, reason: string, cause?: unknown): TransportError {
  const message = `What answers at ${address} does not answer as a region does: ${reason}.`
  return new TransportError({ code: 'bad_response', address, status }, message, { cause })
}

function tooSlow(address: string, timeoutMs: number, cause: unknown): TransportError {
  const message = `${address} did not answer within ${timeoutMs / 1_000} s.`
  return new TransportError({ code: 'timeout', address, timeoutMs }, message, { cause })
}

function unreachable(address: string, cause: unknown): TransportError {
  const reason = messageOf(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause)
  return new TransportError({ code: 'unreachable', address }, `${address} cannot be reached: ${reason}.`, { cause })
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError } from './admin-api.ts'

/** One request and its answer. */
export interface Exchange {
  req: IncomingMessage
  res: ServerResponse
  /** Still percent-encoded. */
  path: string
  query: URLSearchParams
}

/** How much of a body nobody wants is read, so that the sender gets to see the answer, before the connection is cut. */
const UNWANTED_BYTES_MAX = 4 * 1_024 * 1_024

/** Splits the request's target. */
export function exchangeOf(req: IncomingMessage, res: ServerResponse): Exchange {
  const target = req.url ?? '/'
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  return { req, res, path, query: new URLSearchParams(at < 0 ? '' : target.slice(at + 1)) }
}

/**
 * The body as it arrives. A sender that waited for leave (`Expect: 100-continue`) gets it now.
 * Leaving the loop early keeps the connection, for the answer.
 */
export function bodyOf({ req, res }: Exchange): AsyncIterable<Uint8Array> {
  if (req.headers.expect !== undefined) res.writeContinue()
  return req.iterator({ destroyOnReturn: false })
}

/** The size of the body the sender announced, or null when it comes in chunks. */
export function announcedSize({ req }: Exchange): number | null {
  const header = req.headers['content-length']
  return header === undefined ? null : Number(header)
}

/** Answers with JSON. What is left of the request's body is thrown away, up to a bound. */
export function sendJson(
  exchange: Exchange,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const { req, res } = exchange
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`)
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  res.end(bytes)
  if (!req.complete) discardBody(req)
}

function discardBody(req: IncomingMessage): void {
  let seen = 0
  req.on('error', () => {})
  req.on('data', (chunk: Uint8Array) => {
    seen += chunk.length
    if (seen > UNWANTED_BYTES_MAX) req.socket.destroy()
  })
  req.resume()
}

/**
 * Refuses a method this path does not take.
 * @throws {ApiError} `bad_method`, always
 */
export function refuseMethod({ req, res, path }: Exchange, allowed: readonly string[]): never {
  res.setHeader('allow', allowed.join(', '))
  throw new ApiError('bad_method', `${req.method} is not for ${path}: use ${allowed.join(' or ')}.`)
}

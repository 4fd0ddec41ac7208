/** `/api/…`: JSON in, JSON out, for the operator and, about their own jobs, for submitters. */
import type { BlobStore } from '../blobs/index.ts'
import { ApiError } from './admin-api.ts'
import { type ApiRoute, BlobReply, type CoordinatorApi, StreamReply } from './api-route.ts'
import { API_ROUTES } from './api-table.ts'
import { type HttpAuth, principalOf } from './auth.ts'
import { type Exchange, refuseMethod, sendJson } from './exchange.ts'
import { readJson } from './json-body.ts'
import { sendBlob } from './send-blob.ts'
import { sendStream } from './send-stream.ts'

export interface ApiRoutesComponents {
  blobs: BlobStore
  auth: HttpAuth
  /** Asked at each request, so that the server can be made before what it serves. */
  api(): CoordinatorApi
}

/** A specification with its inputs inline; larger ones name blobs. */
const BODY_BYTES_MAX = 4 * 1_024 * 1_024

/** Answers one request for a path below `/api/`. Nothing of a body is read before the asker is known. */
export async function serveApi(components: ApiRoutesComponents, exchange: Exchange): Promise<void> {
  const { req, path, query } = exchange
  const principal = principalOf(req.headers.authorization, components.auth)
  const { route, subject } = routeOf(exchange)
  if (principal.kind !== 'admin' && !route.forSubmitters) {
    throw new ApiError('not_allowed', `${path} is for the operator: use the admin token.`)
  }
  const body = route.method === 'POST' ? await readJson(exchange, BODY_BYTES_MAX) : undefined
  const reply = await route.run({ api: components.api(), principal, subject, query, body })
  if (reply instanceof StreamReply) return sendStream(exchange, reply)
  if (!(reply instanceof BlobReply)) return sendJson(exchange, route.creates ? 201 : 200, reply)
  const headers = { 'content-type': reply.mediaType, 'cache-control': 'private, no-cache' }
  return sendBlob(exchange, components.blobs, reply.sha256, headers)
}

function routeOf(exchange: Exchange): { route: ApiRoute; subject: string } {
  const segments = exchange.path.split('/')
  const matching = API_ROUTES.filter(route => matches(route.path.split('/'), segments))
  const [first] = matching
  if (!first) throw new ApiError('not_found', `There is nothing at ${exchange.path.slice(0, 128)}.`)
  const route = matching.find(({ method }) => method === exchange.req.method)
  if (!route) {
    return refuseMethod(
      exchange,
      matching.map(({ method }) => method),
    )
  }
  const at = route.path.split('/').findIndex(segment => segment.startsWith(':'))
  return { route, subject: decoded(segments[at] ?? '') }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false
  return pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw new ApiError('bad_request', 'The path is not percent-encoded UTF-8.', { cause })
  }
}

/** `/api/…`: JSON in, JSON out, for whoever the table of routes says. */
import type { BlobStore } from '../blobs/index.ts'
import { ApiError } from './admin-api.ts'
import { type ApiRoute, BlobReply, type CoordinatorApi, EventsReply, runRoute, StreamReply } from './api-route.ts'
import { API_ROUTES } from './api-table.ts'
import { noToken, type Principal } from './auth.ts'
import type { Door } from './door/index.ts'
import type { EventStreams } from './event-streams.ts'
import { type Exchange, refuseMethod, sendJson } from './exchange.ts'
import { readJson } from './json-body.ts'
import { sendBlob } from './send-blob.ts'
import { sendStream } from './send-stream.ts'
import type { Role } from './session-api.ts'
import type { SharedReplies } from './shared-replies.ts'

export interface ApiRoutesComponents {
  blobs: BlobStore
  /** Asked at each request, so that the server can be made before what it serves. */
  api(): CoordinatorApi
}

/** What one server keeps for its API. */
export interface ApiRoutesParts extends ApiRoutesComponents {
  door: Door
  events: EventStreams
  shared: SharedReplies
}

/** A specification with its inputs inline; larger ones name blobs. */
const BODY_BYTES_MAX = 4 * 1_024 * 1_024

/** Answers one request for a path below `/api/`. Nothing of a body is read before the asker is known. */
export async function serveApi(parts: ApiRoutesParts, exchange: Exchange): Promise<void> {
  const { req, query } = exchange
  const principal = parts.door.principalOf(exchange)
  const { route, subject } = routeOf(exchange)
  checkRole(route, principal)
  const body = route.method === 'POST' ? await readJson(exchange, BODY_BYTES_MAX) : undefined
  const make = () => runRoute(route, { api: parts.api(), principal, subject, query, body })
  const isShared = principal.role === 'public' && route.sharedMs !== undefined
  const reply = await (isShared ? parts.shared.get(route, req.url ?? '', make) : make())
  if (reply instanceof StreamReply) return sendStream(exchange, reply)
  if (reply instanceof EventsReply) return parts.events.open(exchange, principal)
  if (!(reply instanceof BlobReply)) return sendJson(exchange, route.creates ? 201 : 200, reply)
  const headers = { 'content-type': reply.mediaType, 'cache-control': 'private, no-cache' }
  return sendBlob(exchange, parts.blobs, reply.sha256, headers)
}

function checkRole({ roles }: ApiRoute, principal: Principal): void {
  if (roles.includes(principal.role)) return
  if (principal.role === 'public') throw noToken()
  const others = roles.filter(role => role !== 'operator').map(role => `${TOKEN_OF[role]}, or `)
  throw new ApiError(
    'not_allowed',
    `This is not for ${TOKEN_OF[principal.role]}: use ${others.join('')}${TOKEN_OF.operator}.`,
  )
}

const TOKEN_OF: Readonly<Record<Role, string>> = {
  public: 'nobody',
  owner: "an owner's token",
  submitter: "a submitter's token",
  operator: 'the admin token',
}

function routeOf(exchange: Exchange): { route: ApiRoute; subject: string } {
  const segments = exchange.path.split('/')
  const matching = API_ROUTES.filter(route => matches(route.path.split('/'), segments))
  const [first] = matching
  if (!first) throw new ApiError('not_found', `There is nothing at ${exchange.path.slice(0, 128)}.`)
  const route = matching.find(({ method }) => method === exchange.req.method)
  if (!route) {
    const methods = matching.map(({ method }) => method)
    return refuseMethod(exchange, methods)
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

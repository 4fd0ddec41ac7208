import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { AssertionError, type Clock, messageOf } from '../../protocol/index.ts'
import type { Live } from '../live/index.ts'
import { limitPerAddress } from './address-limit.ts'
import { ApiError } from './admin-api.ts'
import { type ApiRoutesComponents, serveApi } from './api-routes.ts'
import { type HttpAuth, isStill } from './auth.ts'
import { AUTHORITY_PATH, type AuthorityRouteComponents, serveAuthority } from './authority-route.ts'
import { serveBlob } from './blob-routes.ts'
import { Door, type DoorInit } from './door/index.ts'
import { EventStreams } from './event-streams.ts'
import { type Exchange, exchangeOf, sendJson } from './exchange.ts'
import { failureReply } from './failure-reply.ts'
import { type ListenInit, listen, makeSecure } from './listen.ts'
import { LOG_PATH, type LogRoutesComponents, serveLog } from './log-routes.ts'
import { isOperationsPath, type OperationsComponents, serveOperations } from './operations-routes.ts'
import { isPagePath, type PageFiles, servePage } from './page/index.ts'
import { isSensorThingsPath, type SensorThingsRoutesComponents, serveSensorThings } from './sensorthings-routes.ts'
import { SharedReplies } from './shared-replies.ts'
import { STATEMENTS_PATH, type StatementRouteComponents, serveStatement } from './statement-route.ts'
import { serveUpdate, UPDATES_PATH } from './update-routes.ts'
import { UploadSlots } from './upload-slots.ts'
import { serveWitness, WITNESS_PATH, type WitnessRoutesComponents } from './witness-routes.ts'

/** Where the server reports. Fields never hold what a peer sent. */
export interface HttpLog {
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
}

/** The public log, what is watched of others, and what devices state. */
export interface SettlementRoutesComponents
  extends LogRoutesComponents,
    WitnessRoutesComponents,
    StatementRouteComponents {}

export interface HttpComponents extends ApiRoutesComponents, SensorThingsRoutesComponents, AuthorityRouteComponents {
  clock: Clock
  auth: HttpAuth
  settlement: SettlementRoutesComponents
  /** What tells of changes; null where nothing is told. */
  live: Live | null
  /** The page; without files there is none. */
  page: PageFiles
  operations: OperationsComponents
  /** The folder of releases that devices update from; left out where there is none. */
  releasesDir?: string
  log: HttpLog
  /** Counts one refusal; reasons begin with `http:`. */
  count(reason: string): void
}

export interface HttpInit extends ListenInit, DoorInit {
  /** For all headers of a request. Default 10 s. */
  headersTimeoutMs?: number
  /** For a whole request with its body; the largest blob over a slow line. Default 1 h. */
  requestTimeoutMs?: number
  /** For the body of a request that is no blob. Default 60 s. */
  bodyTimeoutMs?: number
  /** Without a byte either way. Default 60 s. */
  idleTimeoutMs?: number
  /** Default 4096. */
  connectionsMax?: number
  /** Default 512: many devices may share one address. */
  connectionsPerAddressMax?: number
}

export interface HttpServer {
  readonly port: number
  /** Stops listening and cuts what is under way; readers resume with ranges. */
  close(): Promise<void>
}

/**
 * Serves the page, blobs, the public log, the administration and `/health`.
 * @throws {TransportError} `port_taken`, or `refused` when the address cannot be listened on
 */
export async function createHttpServer(components: HttpComponents, init: HttpInit): Promise<HttpServer> {
  const { count, log, clock, auth, live } = components
  const door = new Door({ auth, clock }, init)
  const parts: Parts = {
    ...components,
    door,
    uploads: new UploadSlots(),
    events: new EventStreams({ live, count, isCurrent: (header, principal) => isStill(header, principal, auth) }),
    shared: new SharedReplies(() => clock.monotonicMs()),
    bodyTimeoutMs: init.bodyTimeoutMs ?? 60_000,
  }
  const headersTimeout = init.headersTimeoutMs ?? 10_000
  const server = createServer({
    headersTimeout,
    requestTimeout: init.requestTimeoutMs ?? 3_600_000,
    connectionsCheckingInterval: Math.min(headersTimeout, 5_000),
    keepAliveTimeout: 10_000,
  })
  if (init.tls !== undefined) makeSecure(server, init.tls)
  server.timeout = init.idleTimeoutMs ?? 60_000
  server.maxConnections = init.connectionsMax ?? 4_096
  limitPerAddress(server, init.connectionsPerAddressMax ?? 512, () => count('http:address_limit'))
  const latest = new WeakMap<Duplex, ServerResponse>()
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    latest.set(req.socket, res)
    void answer(parts, exchangeOf(req, res))
  }
  server.on('request', handle)
  // Without this, a sender that asks first would be told to go on before anybody looked at its token.
  server.on('checkContinue', handle)
  server.on('drop', () => count('http:connection_limit'))
  server.on('clientError', (error, socket) => {
    // Whoever goes on after a refusal has been counted.
    if (socket.writable) count('http:malformed')
    if (isUnderWay(latest.get(socket))) socket.end(() => socket.destroy())
    else refuseSocket(socket, error)
  })
  const port = await listen(server, init)
  server.on('error', error => log.warn('http_fault', { message: messageOf(error) }))
  return {
    port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
        init.tls?.close()
      }),
  }
}

/** What is given, and what one server keeps for itself. */
interface Parts extends HttpComponents {
  door: Door
  uploads: UploadSlots
  events: EventStreams
  shared: SharedReplies
  bodyTimeoutMs: number
}

const BLOB_PATH = '/blob/'

/** When to try again, by the status of a refusal that will pass. */
const RETRY_AFTER_SECONDS: Readonly<Record<number, string>> = { 429: '2', 503: '5', 507: '60' }

async function answer(components: Parts, exchange: Exchange): Promise<void> {
  const { req, res } = exchange
  components.operations.watch(exchange)
  // Whoever hangs up while an answer is written is no reason to stop; whoever writes it finds out by itself.
  res.on('error', () => {})
  limitBody(components, exchange)
  try {
    components.door.checkOrigin(exchange)
    await route(components, exchange)
  } catch (error) {
    if (error instanceof AssertionError) throw error
    if (req.socket.destroyed || res.headersSent) {
      components.count('http:broken')
      res.destroy()
      return
    }
    const { status, code, message } = failureReply(error)
    components.count(`http:${code}`)
    if (status === 500) components.log.warn('http_failed', { message: messageOf(error) })
    sendJson(exchange, status, { error: { code, message } }, headersOf(status))
  }
}

/** Cuts whoever takes too long over a body. Blobs may take long, and are bounded by their places. */
function limitBody({ clock, count, bodyTimeoutMs }: Parts, { req, path }: Exchange): void {
  if (req.method === 'GET' || req.method === 'HEAD' || path.startsWith(BLOB_PATH)) return
  const timer = clock.setTimeout(() => {
    if (req.complete) return
    count('http:slow_body')
    req.socket.destroy()
  }, bodyTimeoutMs)
  // Not when it is answered: what is left of a refused body may drip as well.
  req.once('close', () => timer.cancel())
}

function headersOf(status: number): Record<string, string> {
  const after = RETRY_AFTER_SECONDS[status]
  if (after !== undefined) return { 'retry-after': after }
  return status === 401 ? { 'www-authenticate': 'Bearer' } : {}
}

async function route(components: Parts, exchange: Exchange): Promise<void> {
  const { path } = exchange
  if (path.startsWith('/api/') || isPagePath(path)) components.door.checkGuest(exchange)
  if (components.page.size > 0 && isPagePath(path)) return servePage(components.page, exchange)
  if (isOperationsPath(path)) {
    const { operations, auth } = components
    return components.door.checkedWhile(exchange, () => serveOperations(operations, auth, exchange))
  }
  if (path.startsWith(BLOB_PATH)) return serveBlob(components, exchange)
  if (path === AUTHORITY_PATH) return serveAuthority(components, exchange)
  if (path.startsWith(LOG_PATH)) return serveLog(components.settlement, exchange)
  if (components.releasesDir !== undefined && path.startsWith(UPDATES_PATH)) {
    return serveUpdate({ releasesDir: components.releasesDir }, exchange)
  }
  if (path.startsWith(WITNESS_PATH)) return serveWitness(components.settlement, exchange)
  if (path.startsWith(STATEMENTS_PATH)) return serveStatement(components.settlement, exchange)
  if (path.startsWith('/api/')) return serveApi(components, exchange)
  if (components.sensorThings !== null && isSensorThingsPath(path)) {
    return serveSensorThings(components.sensorThings, exchange)
  }
  throw new ApiError(
    'not_found',
    'There is nothing here. A coordinator serves its page at / (when it was built), /health, /ready, /metrics, /blob/<sha256>, /log/…, /api/… and, when its data is open, /v1.1.',
  )
}

/** Whether an answer has begun whose request or self is not over: a second answer would be taken for a part of it, or for that to another request. */
function isUnderWay(res: ServerResponse | undefined): boolean {
  return res?.headersSent === true && !(res.writableFinished && res.req.complete)
}

/** Tells the sender of something that is no request what was wrong, if it still listens. */
function refuseSocket(socket: Duplex, error: Error): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const code = 'code' in error ? error.code : null
  const status =
    code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

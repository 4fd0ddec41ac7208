/** `/metrics`: for Prometheus on this machine, and elsewhere for whoever has a token. */
import { EXPOSITION_TYPE } from '../metrics/exposition.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { ApiError } from './admin-api.ts'
import { type HttpAuth, isSameToken, tokenOf } from './auth.ts'
import { type Exchange, refuseMethod } from './exchange.ts'

export interface MetricsRouteComponents {
  metrics: Metrics
  /** Reads metrics and nothing else; see `metrics.token` in the coordinator's folder. */
  metricsToken: string
}

export const METRICS_PATH = '/metrics'

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
/** A page on the web that has pointed its own name at this machine sends that name. */
const LITERAL_HOST = /^(localhost|\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\])(:\d+)?$/i
/** What a proxy on this machine adds: then the asker may be anybody. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via', 'cf-connecting-ip']

/** Answers one scrape. */
export function serveMetrics(
  { metrics, metricsToken }: MetricsRouteComponents,
  { adminToken }: Pick<HttpAuth, 'adminToken'>,
  exchange: Exchange,
): void {
  const { req, res } = exchange
  if (req.method !== 'GET' && req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  checkAsker(exchange, [metricsToken, adminToken])
  const bytes = Buffer.from(metrics.text())
  res.writeHead(200, {
    'content-type': EXPOSITION_TYPE,
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : bytes)
}

/** @throws {ApiError} `no_token` or `bad_token` */
function checkAsker({ req }: Exchange, tokens: readonly string[]): void {
  const { authorization } = req.headers
  if (authorization === undefined) {
    if (isFromHere(req)) return
    throw new ApiError(
      'no_token',
      'Metrics are shown to programs on the coordinator’s own machine, and to whoever sends "Authorization: Bearer <token>" with ' +
        'what is in metrics.token in the coordinator’s folder.',
    )
  }
  const token = tokenOf(authorization)
  if (token === null || !tokens.some(known => isSameToken(token, known))) {
    throw new ApiError('bad_token', 'The token is neither that of metrics.token nor the operator’s.')
  }
}

function isFromHere({ socket, headers }: Exchange['req']): boolean {
  const { host = '' } = headers
  return (
    LOOPBACK.test(socket.remoteAddress ?? '') &&
    LITERAL_HOST.test(host) &&
    FORWARDED.every(name => headers[name] === undefined)
  )
}

/** The certificate of a region's own authority, for browsers and for clients such as `mosquitto_pub --cafile`. */
import { ApiError } from './admin-api.ts'
import { type Exchange, refuseMethod } from './exchange.ts'

export const AUTHORITY_PATH = '/ca.pem'

/** What the route needs; may be left out where there is no TLS. */
export interface AuthorityRouteComponents {
  /** PEM; null where the region is no authority of its own. */
  authorityPem?: (() => string | null) | undefined
}

/**
 * Answers one request for {@link AUTHORITY_PATH}.
 * @throws {ApiError} `not_found` where the region is no authority of its own
 */
export function serveAuthority({ authorityPem }: AuthorityRouteComponents, exchange: Exchange): void {
  const { req, res } = exchange
  if (req.method !== 'GET' && req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  const pem = authorityPem?.() ?? null
  if (pem === null) {
    throw new ApiError(
      'not_found',
      'This region has no authority of its own: it runs without TLS or shows a certificate it was given.',
    )
  }
  res.writeHead(200, {
    // Browsers offer to import it.
    'content-type': 'application/x-x509-ca-cert',
    'content-length': String(Buffer.byteLength(pem)),
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : pem)
}

/** `/api/statements/<device>`: what a device has signed, brought by anybody. Its signature is the right; there is no token. */
import type { TakeStatement } from '../settlement/index.ts'
import { ApiError } from './admin-api.ts'
import { readBytes } from './bytes-body.ts'
import { type Exchange, refuseMethod, sendJson } from './exchange.ts'

export interface StatementRouteComponents {
  takeStatement: TakeStatement
}

/** Where statements are brought. */
export const STATEMENTS_PATH = '/api/statements/'

/** The longest statement and its signature, with room to spare. */
const FRAME_BYTES_MAX = 2_048
const MEDIA_TYPES = ['application/cose', 'application/octet-stream']

/** Answers one request for a path below `/api/statements/`. */
export async function serveStatement({ takeStatement }: StatementRouteComponents, exchange: Exchange): Promise<void> {
  const { req, path } = exchange
  if (req.method !== 'POST') refuseMethod(exchange, ['POST'])
  const mediaType = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!MEDIA_TYPES.includes(mediaType)) {
    throw new ApiError(
      'bad_request',
      `A statement is a signed frame: send it with a Content-Type of ${MEDIA_TYPES.join(' or ')}.`,
    )
  }
  const frame = await readBytes(exchange, FRAME_BYTES_MAX, 'no statement is as long')
  sendJson(exchange, 200, await takeStatement(path.slice(STATEMENTS_PATH.length), frame))
}

/** `/blob/<sha256>`: anybody who knows a blob's name may read it; whoever works or pays here may put one. */
import { LIMITS, type Sha256Hex, sha256Hex } from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/index.ts'
import { ApiError } from './admin-api.ts'
import { checkPut, type HttpAuth } from './auth.ts'
import type { Door } from './door/index.ts'
import { announcedSize, bodyOf, type Exchange, refuseMethod, sendJson } from './exchange.ts'
import { sendBlob } from './send-blob.ts'
import type { UploadSlots } from './upload-slots.ts'

export interface BlobRoutesComponents {
  blobs: BlobStore
  auth: HttpAuth
  door: Door
  uploads: UploadSlots
}

const METHODS = ['GET', 'HEAD', 'PUT', 'OPTIONS']

const READ_HEADERS = {
  'content-type': 'application/octet-stream',
  'cache-control': 'public, max-age=31536000, immutable',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range, etag',
}

/** Answers one request for a path below `/blob/`. */
export async function serveBlob(components: BlobRoutesComponents, exchange: Exchange): Promise<void> {
  const { req, res, path } = exchange
  const hash = blobNamed(path)
  switch (req.method) {
    case 'GET':
    case 'HEAD':
      return sendBlob(exchange, components.blobs, hash, READ_HEADERS)
    case 'PUT':
      return putBlob(components, exchange, hash)
    case 'OPTIONS':
      res.writeHead(204, {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': 'range, if-range, if-none-match',
        'access-control-max-age': '86400',
      })
      res.end()
      return
    default:
      return refuseMethod(exchange, METHODS)
  }
}

function blobNamed(path: string): Sha256Hex {
  const name = path.slice('/blob/'.length)
  if (!/^[0-9a-f]{64}$/.test(name)) {
    throw new ApiError('bad_request', 'A blob is /blob/ and its SHA-256 as 64 lower-case hexadecimal digits.')
  }
  return sha256Hex(name)
}

async function putBlob(
  { blobs, auth, door, uploads }: BlobRoutesComponents,
  exchange: Exchange,
  hash: Sha256Hex,
): Promise<void> {
  const { authorization, 'x-hedgerow-device': device } = exchange.req.headers
  const size = announcedSize(exchange)
  const headers = { authorization, device: device === undefined ? undefined : String(device) }
  const sender = door.checked(exchange, () => checkPut(headers, hash, size, auth))
  if (size !== null && size > LIMITS.blobBytesMax) throw tooLarge()
  const found = blobs.has(hash)
  if (found) return sendJson(exchange, 200, { sha256: hash, bytes: found.size })
  if (!blobs.hasRoom(size ?? 1))
    throw new ApiError(
      'no_space',
      'There is no room left for blobs here: try again later, or ask the operator for some.',
    )
  using _slot = uploads.take(sender)
  const { status, bytes } = await blobs.putStream(bodyOf(exchange), hash, LIMITS.blobBytesMax)
  switch (status) {
    case 'exists':
    case 'created':
      return sendJson(exchange, status === 'created' ? 201 : 200, { sha256: hash, bytes })
    case 'too_large':
      throw tooLarge()
    case 'wrong_hash':
      throw new ApiError(
        'wrong_hash',
        `The ${bytes} bytes that came do not have this SHA-256; nothing was kept. Send them again.`,
      )
  }
}

function tooLarge(): ApiError {
  return new ApiError('too_large', `A blob has at most ${LIMITS.blobBytesMax} bytes: split it.`)
}

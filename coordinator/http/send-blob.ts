import { pipeline } from 'node:stream/promises'
import type { Sha256Hex } from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/index.ts'
import { ApiError } from './admin-api.ts'
import type { Exchange } from './exchange.ts'
import { parseRange } from './ranges.ts'

/** Up to here a part is read at once: a stream costs more than the read. */
const READ_AT_ONCE_BYTES_MAX = 65_536

/**
 * Answers a `GET` or `HEAD` with a blob, or with the part asked for. Content that never changes has its name as its tag.
 * @param headers - the media type and who may keep a copy
 * @throws {ApiError} `not_found` or `bad_range`; an error of the connection when it breaks
 */
export async function sendBlob(
  { req, res }: Exchange,
  blobs: Pick<BlobStore, 'has' | 'read' | 'readStream'>,
  hash: Sha256Hex,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const found = blobs.has(hash)
  if (!found) throw new ApiError('not_found', `There is no blob ${hash} here.`)
  const { size } = found
  const etag = `"${hash}"`
  for (const [name, value] of Object.entries({ ...headers, ...COMMON_HEADERS, etag })) res.setHeader(name, value)
  if (isTagged(req.headers['if-none-match'], etag)) {
    res.writeHead(304).end()
    return
  }
  const condition = req.headers['if-range']
  const wantsPart = req.method === 'GET' && (condition === undefined || condition === etag)
  const range = wantsPart ? parseRange(req.headers.range, size) : null
  if (range === 'unsatisfiable') {
    res.setHeader('content-range', `bytes */${size}`)
    throw new ApiError('bad_range', `The blob has ${size} bytes and none of those asked for.`)
  }
  const { start, end } = range ?? { start: 0, end: size - 1 }
  const length = end - start + 1
  const isSmall = length <= READ_AT_ONCE_BYTES_MAX
  // Read before the head is written, so that a failing disk is still answered with a failure.
  const bytes = isSmall && req.method === 'GET' ? blobs.read(hash, start, length) : null
  if (range) res.setHeader('content-range', `bytes ${start}-${end}/${size}`)
  res.writeHead(range ? 206 : 200, { 'content-length': String(length) })
  if (req.method === 'HEAD') res.end()
  else if (bytes) res.end(bytes)
  else await pipeline(blobs.readStream(hash, { start, end }), res)
}

/** Blobs come from strangers: a browser must neither guess what they are nor run them. */
const COMMON_HEADERS = {
  'accept-ranges': 'bytes',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
}

/** Whether an `If-None-Match` header names a tag. */
export function isTagged(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some(tag => [etag, `W/${etag}`, '*'].includes(tag.trim()))
}

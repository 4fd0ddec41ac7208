/** `/` and `/dashboard/…`: the page, for a browser. */
import { ApiError } from '../admin-api.ts'
import { type Exchange, refuseMethod } from '../exchange.ts'
import { isTagged } from '../send-blob.ts'
import type { Encoding, PageFile } from './page-files.ts'

/** Files by name; empty where no page is served. */
export type PageFiles = ReadonlyMap<string, PageFile>

const ROOT = 'index.html'
/** Where the page's files are. */
export const PAGE_PATH = '/dashboard/'

/**
 * What the page may do: run its own scripts and WebAssembly, and speak to this server. `blob:` is for pictures the page draws itself.
 * Whatever somebody manages to put into a name or a label stays text.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // Asked for each time, answered in a few bytes as long as it is the same.
  'cache-control': 'no-cache',
  vary: 'accept-encoding',
}

/** Whether a path is the page's. */
export function isPagePath(path: string): boolean {
  return path === '/' || path === '/dashboard' || path.startsWith(PAGE_PATH)
}

/**
 * Answers one request for a path of the page.
 * @throws {ApiError} `not_found`
 */
export async function servePage(files: PageFiles, exchange: Exchange): Promise<void> {
  const { req, res, path } = exchange
  const name = path.startsWith(PAGE_PATH) ? path.slice(PAGE_PATH.length) : ''
  const file = files.get(name === '' ? ROOT : name)
  if (file === undefined) throw new ApiError('not_found', 'The page has no such file.')
  if (req.method !== 'GET' && req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  for (const [header, value] of Object.entries(HEADERS)) res.setHeader(header, value)
  const encoding = encodingFor(req.headers['accept-encoding'])
  const content = file.content()
  const packed = encoding === null ? null : await file.compressed(encoding)
  // Each encoding has bytes of its own, and so a tag of its own.
  const etag = packed === null ? content.etag : content.etag.replace(/"$/, `-${encoding}"`)
  res.setHeader('etag', etag)
  if (isTagged(req.headers['if-none-match'], etag)) {
    res.writeHead(304).end()
    return
  }
  const bytes = packed ?? content.bytes
  if (packed !== null && encoding !== null) res.setHeader('content-encoding', encoding)
  res.writeHead(200, { 'content-type': file.mediaType, 'content-length': String(bytes.length) })
  res.end(req.method === 'HEAD' ? undefined : bytes)
}

/** The best encoding that is accepted; null for none. A weight of 0 refuses one. */
function encodingFor(header: string | string[] | undefined): Encoding | null {
  const accepted = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map(part => part.trim().split(/\s*;\s*/))
    .filter(([, weight]) => weight === undefined || Number(weight.replace('q=', '')) > 0)
    .map(([name]) => name)
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : null
}

/** The files of the page, as they were when the coordinator started: what is asked for is looked up by name, never in a folder. */
import { createHash } from 'node:crypto'
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { ConfigError, messageOf } from '../../../protocol/index.ts'

export type Encoding = 'br' | 'gzip'

export interface PageFile {
  readonly mediaType: string
  content(): PageContent
  /** The bytes compressed, made at the first asking and kept; null when that gains nothing. */
  compressed(encoding: Encoding): Promise<Uint8Array | null>
}

/** The bytes of a file and their tag, in quotes. */
export interface PageContent {
  readonly bytes: Uint8Array
  readonly etag: string
}

/** The page is a few megabytes; a folder with more is another. */
const FILES_MAX = 512
const BYTES_MAX = 32 * 1_024 * 1_024
/** Below this the headers are longer. */
const COMPRESSED_BYTES_MIN = 256
/** Smaller than the best by a few percent, and ten times faster. */
const BROTLI_QUALITY = 9

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}
/** They are compressed already. */
const PACKED: readonly string[] = ['image/png', 'font/woff2']

/**
 * Reads a folder with all below it. Names begin without a slash and have slashes between, such as `assets/icon.svg`. Files whose names end in
 * something a page does not consist of, such as source maps, are left out.
 * @throws {ConfigError} `bad_option` when it cannot be read or is too large
 */
export function readPageFiles(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>()
  let bytes = 0
  for (const entry of entriesOf(folder)) {
    const path = join(entry.parentPath, entry.name)
    const mediaType = MEDIA_TYPES[extname(path)]
    if (!entry.isFile() || mediaType === undefined) continue
    const content = readFileSync(path)
    bytes += content.length
    if (files.size === FILES_MAX || bytes > BYTES_MAX) {
      throw badFolder(folder, `it has more than ${FILES_MAX} files or ${BYTES_MAX} bytes`)
    }
    files.set(
      relative(folder, path).replaceAll(sep, '/'),
      pageFile(mediaType, () => content),
    )
  }
  return files
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch (cause) {
    throw badFolder(folder, messageOf(cause))
  }
}

function badFolder(folder: string, reason: string): ConfigError {
  return new ConfigError(
    { code: 'bad_option', path: folder, reason },
    `The page cannot be served from ${folder}: ${reason}. Build it with npm run build.`,
  )
}

/**
 * A file that is read when it is first asked for, and kept.
 * @param read - may throw, and is then asked again the next time
 */
export function pageFile(mediaType: string, read: () => Uint8Array): PageFile {
  let content: PageContent | null = null
  const made = new Map<Encoding, Promise<Uint8Array | null>>()
  const load = (): PageContent => {
    const bytes = read()
    return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
  }
  const get = (): PageContent => (content ??= load())
  return {
    mediaType,
    content: get,
    compressed: encoding => {
      const found = made.get(encoding)
      if (found) return found
      const { bytes } = get()
      const isSmall = bytes.length < COMPRESSED_BYTES_MIN
      const packed = isSmall || PACKED.includes(mediaType) ? Promise.resolve(null) : pack(bytes, encoding)
      made.set(encoding, packed)
      return packed
    },
  }
}

async function pack(bytes: Uint8Array, encoding: Encoding): Promise<Uint8Array | null> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const packed = encoding === 'br' ? await promisify(brotliCompress)(bytes, { params }) : await promisify(gzip)(bytes)
  return packed.length < bytes.length ? packed : null
}

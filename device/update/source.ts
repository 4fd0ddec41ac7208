/** Where updates come from, and the root of trust in them: pinned when the card was made, or fetched once and pinned by its hash. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ConfigError, messageOf, TransportError } from '../../protocol/index.ts'
import { ReleaseError } from '../../protocol/releases/index.ts'
import { type Home, readJson, replaceFile, writeJson } from '../launcher/index.ts'

/** What a person or the card's description said. */
export interface UpdateSource {
  /** The repository's address, ending in `/`; null for what the region offers. */
  readonly url: string | null
  /** SHA-256 of the first root; null when `root.json` came with the card. */
  readonly rootSha256: string | null
}

/** Reads a URL with nothing but TUF metadata and targets below it. */
export type HttpGet = (
  url: string,
  init: { headers?: Record<string, string>; signal: AbortSignal },
) => Promise<Response>

const ROOT_BYTES_MAX = 512_000
const ROOT_TIMEOUT_MS = 60_000

/** The source that was set up; both null when none was. */
export function readSource(home: Home): UpdateSource {
  const { url, rootSha256 } = readJson(home.files, sourcePath(home)) ?? {}
  return {
    url: typeof url === 'string' ? url : null,
    rootSha256: typeof rootSha256 === 'string' && isSha256(rootSha256) ? rootSha256 : null,
  }
}

/**
 * Keeps a source. Another root than before is another source: what was trusted of the old one is forgotten.
 * @throws {ConfigError} `bad_option`
 */
export function writeSource(home: Home, source: UpdateSource): void {
  const { url, rootSha256 } = source
  if (url !== null && !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw badOption('url', `${url} is no address that begins with http:// or https://`)
  }
  if (rootSha256 !== null && !isSha256(rootSha256)) throw badOption('update-root', 'it is 64 hexadecimal digits')
  const before = readSource(home)
  if (rootSha256 !== null && before.rootSha256 !== null && before.rootSha256 !== rootSha256) {
    home.files.remove(join(home.path, 'metadata'))
    home.files.remove(rootPath(home))
  }
  writeJson(home.files, sourcePath(home), { url: url === null ? null : withSlash(url), rootSha256 })
}

/** The repository's address: as set up, else the region's own. */
export function sourceUrl(home: Home): string | null {
  const url = readSource(home).url ?? home.about().updatesUrl
  return url === null ? null : withSlash(url)
}

/**
 * The root that came with the card; fetched, checked against its hash and kept when only that is known.
 * @throws {ReleaseError} `no_trust` or `refused` · {@link TransportError}
 */
export async function pinnedRoot(home: Home, url: string, get: HttpGet): Promise<Uint8Array> {
  const path = rootPath(home)
  const kept = home.files.read(path)
  const { rootSha256 } = readSource(home)
  if (kept !== null && (rootSha256 === null || sha256(kept) === rootSha256)) return kept
  if (rootSha256 === null) {
    const message = `No root of updates is trusted here: put one into ${path}, or name its hash with --update-root.`
    throw new ReleaseError({ code: 'no_trust', path }, message)
  }
  const address = `${url}metadata/1.root.json`
  const root = await fetchSmall(address, get)
  if (sha256(root) !== rootSha256) {
    const reason = `its SHA-256 is ${sha256(root)}, and ${rootSha256} is trusted`
    const message = `The root of updates at ${address} is refused: ${reason}. Check the address and the hash.`
    throw new ReleaseError({ code: 'refused', address, reason }, message)
  }
  replaceFile(home.files, path, root)
  return root
}

async function fetchSmall(address: string, get: HttpGet): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    const response = await get(address, { signal: AbortSignal.timeout(ROOT_TIMEOUT_MS) })
    if (!response.ok || response.body === null) throw badResponse(address, response.status)
    for await (const part of response.body) {
      bytes += part.length
      if (bytes > ROOT_BYTES_MAX) throw badResponse(address, response.status)
      parts.push(part)
    }
  } catch (cause) {
    if (cause instanceof TransportError) throw cause
    throw new TransportError({ code: 'unreachable', address }, `${address} cannot be read: ${messageOf(cause)}.`, {
      cause,
    })
  }
  return Buffer.concat(parts)
}

function badResponse(address: string, status: number): TransportError {
  const message = `${address} answered with ${status} or too much: check the address of updates.`
  return new TransportError({ code: 'bad_response', address, status }, message)
}

function badOption(path: string, reason: string): ConfigError {
  return new ConfigError({ code: 'bad_option', path, reason }, `The option --${path} cannot be used: ${reason}.`)
}

const sourcePath = (home: Home): string => join(home.path, 'source.json')
const rootPath = (home: Home): string => join(home.path, 'root.json')
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)
const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`)

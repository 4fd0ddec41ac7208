/** Fetches an archive: goes on where it was interrupted, takes no byte more than was signed, and keeps only what has the signed hash. */
import { type Clock, messageOf, TransportError } from '../../protocol/index.ts'
import { ReleaseError } from '../../protocol/releases/index.ts'
import type { Files } from '../launcher/index.ts'
import type { HttpGet } from './source.ts'
import type { TrustedRelease } from './trust.ts'

export interface DownloadComponents {
  readonly files: Files
  readonly clock: Clock
  readonly get: HttpGet
}

/** Without a byte; and for all of one run, since a server may send one byte at a time for ever. */
const IDLE_MS = 60_000
const TOTAL_MS = 3_600_000

/**
 * Puts the archive into `path`.
 * @throws {ReleaseError} `refused` when it is not what was signed · {@link TransportError} when the rest has to come another time
 */
export async function download(parts: DownloadComponents, release: TrustedRelease, path: string): Promise<void> {
  const { files, clock } = parts
  const { lengthBytes, sha256, url } = release
  const deadlineMs = clock.monotonicMs() + TOTAL_MS
  if ((files.size(path) ?? 0) > lengthBytes) files.remove(path)
  for (let have = files.size(path) ?? 0; have < lengthBytes; ) {
    await fetchRest(parts, release, path, deadlineMs)
    const now = files.size(path) ?? 0
    if (now <= have)
      throw new TransportError(
        { code: 'closed', address: url },
        `${url} ended before its end: it is asked again later.`,
      )
    have = now
  }
  if (files.sha256(path) === sha256) return
  files.remove(path)
  throw refused(url, 'its SHA-256 is not the one that is signed')
}

/** One request for what is missing. */
async function fetchRest(
  parts: DownloadComponents,
  release: TrustedRelease,
  path: string,
  deadlineMs: number,
): Promise<void> {
  const { files, clock, get } = parts
  const { lengthBytes, url } = release
  const have = files.size(path) ?? 0
  const watch = watchdog(clock, deadlineMs)
  try {
    const headers = { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) }
    const response = await get(url, { headers, signal: watch.signal })
    const goesOn =
      response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${have}-`) === true
    if (response.body === null || (!goesOn && response.status !== 200)) throw badResponse(url, response.status)
    const file = goesOn ? files.append(path, 0o600) : files.create(path, 0o600)
    let bytes = goesOn ? have : 0
    try {
      for await (const part of response.body) {
        watch.alive()
        bytes += part.length
        if (bytes > lengthBytes) throw refused(url, `it has more than the ${lengthBytes} bytes that are signed`)
        file.write(part)
      }
    } finally {
      file.sync()
      file.close()
    }
  } catch (thrown) {
    if (thrown instanceof ReleaseError) {
      files.remove(path)
      throw thrown
    }
    // What came so far stays, and the next request asks for the rest.
    if ((files.size(path) ?? 0) > have) return
    throw thrown instanceof TransportError || !isOfNetwork(thrown) ? thrown : away(url, thrown)
  } finally {
    watch.end()
  }
}

function watchdog(clock: Clock, deadlineMs: number) {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error('no byte came in time'))
  const total = clock.setTimeout(abort, Math.max(0, deadlineMs - clock.monotonicMs()))
  let idle = clock.setTimeout(abort, IDLE_MS)
  return {
    signal: controller.signal,
    alive() {
      idle.cancel()
      idle = clock.setTimeout(abort, IDLE_MS)
    },
    end() {
      idle.cancel()
      total.cancel()
    },
  }
}

/** A full disk has a code of the system and no address. */
function isOfNetwork(thrown: unknown): boolean {
  return !(
    thrown instanceof Error &&
    'syscall' in thrown &&
    'code' in thrown &&
    /^E(NOSPC|ROFS|IO|ACCES|DQUOT)$/.test(String(thrown.code))
  )
}

function away(address: string, cause: unknown): TransportError {
  const message = `${address} cannot be read: ${messageOf(cause)}.`
  return new TransportError({ code: 'unreachable', address }, message, { cause })
}

function badResponse(address: string, status: number): TransportError {
  return new TransportError({ code: 'bad_response', address, status }, `${address} answered with ${status}.`)
}

function refused(address: string, reason: string): ReleaseError {
  const message = `The archive ${address} is refused: ${reason}. Nothing of it was kept.`
  return new ReleaseError({ code: 'refused', address, reason }, message)
}

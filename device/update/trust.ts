/**
 * What the makers of releases have signed, by The Update Framework: refused are older, mixed, frozen, endless and unsigned metadata.
 * tuf-js checks; it works on a copy, and what it accepted replaces what is kept file by file, so that a power cut tears nothing.
 * @see https://theupdateframework.github.io/specification/latest/ §5
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Updater } from 'tuf-js'
import { assert, type Clock, messageOf, TransportError } from '../../protocol/index.ts'
import { ISSUED_FIELD, ReleaseError, type ReleaseFacts, readReleaseFacts } from '../../protocol/releases/index.ts'
import { type Files, type Home, readJson, replaceFile } from '../launcher/index.ts'
import { type HttpGet, pinnedRoot } from './source.ts'

/** A release as it is signed. */
export interface TrustedRelease {
  readonly facts: ReleaseFacts
  /** Where its archive is. */
  readonly url: string
  readonly lengthBytes: number
  readonly sha256: string
}

export interface TrustComponents {
  readonly home: Home
  readonly clock: Clock
  readonly get: HttpGet
  log(sentence: string): void
}

/** In the order in which each is accepted after the one before. */
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const
/** For one file of metadata, however slowly it comes. */
const FETCH_TIMEOUT_MS = 60_000

/**
 * All releases that are signed now.
 * @param url - the repository, ending in `/`
 * @throws {ReleaseError} `refused`, `expired` or `no_trust` · {@link TransportError} `unreachable`
 */
export async function trustedReleases(parts: TrustComponents, url: string): Promise<TrustedRelease[]> {
  const { home, get, log } = parts
  const kept = join(home.path, 'metadata')
  const work = join(home.path, 'metadata.work')
  const pinned = await pinnedRoot(home, url, get)
  try {
    const updater = openUpdater(home.files, { kept, work, pinned, url, log })
    useTime(updater, referenceMs(parts, kept))
    try {
      await updater.refresh()
    } finally {
      keepAccepted(home, work, kept)
    }
    return await releasesOf(updater, { work, url, log })
  } catch (thrown) {
    throw failureOf(thrown, url)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

interface WorkInit {
  readonly kept: string
  readonly work: string
  readonly pinned: Uint8Array
  readonly url: string
  log(sentence: string): void
}

/** With what is kept; from the pinned root on when that cannot be read. */
function openUpdater(files: Files, init: WorkInit): Updater {
  const { kept, work, pinned, url, log } = init
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  for (const role of ROLES) {
    const bytes = files.read(join(kept, `${role}.json`)) ?? (role === 'root' ? pinned : null)
    if (bytes !== null) writeFileSync(join(work, `${role}.json`), bytes)
  }
  const open = () =>
    new Updater({
      metadataDir: work,
      metadataBaseUrl: `${url}metadata`,
      targetDir: work,
      targetBaseUrl: `${url}targets`,
      config: { fetchTimeout: FETCH_TIMEOUT_MS, fetchRetry: 1, maxDelegations: 8, maxRootRotations: 64 },
    })
  try {
    return open()
  } catch (thrown) {
    log(`The kept root of updates cannot be read (${messageOf(thrown)}): the pinned one is used.`)
    writeFileSync(join(work, 'root.json'), pinned)
    return open()
  }
}

/** Now, but never before the newest metadata was made: many boards have no clock until the network gives them one. */
function referenceMs({ home, clock }: TrustComponents, kept: string): number {
  const { signed } = readJson(home.files, join(kept, 'timestamp.json')) ?? {}
  const issued = (signed as Record<string, unknown> | undefined)?.[ISSUED_FIELD]
  return Math.max(clock.wallMs(), typeof issued === 'number' ? issued * 1_000 : 0)
}

/** tuf-js takes the time when it is made, and has no option for it. */
function useTime(updater: Updater, nowMs: number): void {
  const { trustedSet } = updater as unknown as { trustedSet?: { referenceTime?: Date } }
  assert(trustedSet?.referenceTime instanceof Date, 'tuf-js keeps its time where it did')
  trustedSet.referenceTime = new Date(nowMs)
}

/** tuf-js has written only what it accepted, also when it refused what came next. */
function keepAccepted({ files }: Home, work: string, kept: string): void {
  for (const role of ROLES) {
    const bytes = files.read(join(work, `${role}.json`))
    const before = files.read(join(kept, `${role}.json`))
    if (bytes !== null && (before === null || Buffer.compare(bytes, before) !== 0)) {
      replaceFile(files, join(kept, `${role}.json`), bytes)
    }
  }
}

/** The signed list is in the file that was just accepted; each entry is asked of tuf-js again. */
async function releasesOf(
  updater: Updater,
  { work, url, log }: { work: string; url: string; log(sentence: string): void },
): Promise<TrustedRelease[]> {
  const { signed } = JSON.parse(readFileSync(join(work, 'targets.json'), 'utf8')) as { signed: { targets: object } }
  const releases: TrustedRelease[] = []
  for (const path of Object.keys(signed.targets)) {
    const target = await updater.getTargetInfo(path)
    const sha256 = target?.hashes.sha256
    if (target === undefined || sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) continue
    try {
      const facts = readReleaseFacts(path, target.custom)
      releases.push({ facts, sha256, lengthBytes: target.length, url: `${url}targets/${sha256}.${path}` })
    } catch (thrown) {
      // Of a later form, for later versions.
      log(messageOf(thrown))
    }
  }
  return releases
}

const AWAY = /fetch failed|TimeoutError|aborted|terminated|Failed to download|ECONN|ENOTFOUND|EAI_AGAIN/

function failureOf(thrown: unknown, address: string): Error {
  if (thrown instanceof TransportError || thrown instanceof ReleaseError) return thrown
  const reason = messageOf(thrown)
  const cause = { cause: thrown }
  if (/expired/.test(reason)) {
    const message = `What is signed at ${address} has expired (${reason}): it may be held back from this device, or this clock is wrong.`
    return new ReleaseError({ code: 'expired', address, reason }, message, cause)
  }
  if (AWAY.test(reason) || (thrown instanceof Error && thrown.name === 'TimeoutError')) {
    return new TransportError({ code: 'unreachable', address }, `${address} cannot be reached: ${reason}.`, cause)
  }
  const message = `What is signed at ${address} is refused: ${reason}. Nothing was changed.`
  return new ReleaseError({ code: 'refused', address, reason }, message, cause)
}

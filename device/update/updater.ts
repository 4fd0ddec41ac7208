/** Looks for updates, and puts the newest one that this device may have where the launcher finds it. */
import { join } from 'node:path'
import { type Clock, type DeviceId, deviceId, type RegionName, regionName } from '../../protocol/index.ts'
import { ReleaseError } from '../../protocol/releases/index.ts'
import { BASE, type BootState, type Home } from '../launcher/index.ts'
import { chooseRelease, type ReleaseChoice } from './choose-release.ts'
import { download } from './download.ts'
import { install, isInstalled } from './install.ts'
import { lockFolder } from './lock.ts'
import { type HttpGet, sourceUrl } from './source.ts'
import { trustedReleases } from './trust.ts'

export interface UpdaterComponents {
  readonly home: Home
  readonly clock: Clock
  readonly get: HttpGet
  /** This Node's version. */
  readonly node: string
  log(sentence: string): void
}

/** What is there, and what comes. */
export interface UpdateStatus {
  /** The good version here. */
  readonly version: string
  /** The one that is being tried. */
  readonly trying: string | null
  /** The one that starts next. */
  readonly staged: string | null
  readonly bad: BootState['bad']
  readonly source: string | null
}

export interface UpdateOutcome {
  /** The version that this device takes; null when there is none for it. */
  readonly version: string | null
  readonly says: string
}

/** What is known without asking anybody. */
export function updateStatus(home: Home): UpdateStatus {
  const { good, trying, bad } = home.state()
  const version = home.release(good)?.version ?? (good === BASE ? '0.0.0' : good)
  const staged = home.staged()?.version ?? null
  return { version, trying: trying?.version ?? null, staged, bad, source: sourceUrl(home) }
}

/**
 * Says what an update would do, with all that is signed checked anew.
 * @throws what {@link applyUpdate} throws, save for the disk's failures
 */
export async function checkForUpdate(parts: UpdaterComponents): Promise<UpdateOutcome> {
  using _lock = locked(parts.home)
  const { release, says } = await choose(parts)
  return { version: release?.facts.version ?? null, says }
}

/**
 * Downloads, checks and unpacks the newest version for this device; the launcher tries it when the device has finished what it does.
 * Interrupted at any moment it changes nothing of what can be started, and goes on the next time.
 * @throws {ReleaseError} · {@link TransportError} · {@link ConfigError} `in_use` · the system's error when the disk fails
 */
export async function applyUpdate(parts: UpdaterComponents): Promise<UpdateOutcome> {
  const { home } = parts
  using _lock = locked(home)
  const { trying } = home.state()
  if (trying !== null)
    return { version: null, says: `Version ${trying.version} is being tried: nothing else is installed.` }
  const { release, says } = await choose(parts)
  const version = release?.facts.version ?? null
  if (home.staged()?.version !== version) home.stage(null)
  tidy(home, release?.sha256 ?? null, version)
  if (release === null || version === null) return { version, says }
  const archive = join(downloads(home), `${release.sha256}.tgz`)
  if (!isInstalled(home, release)) {
    home.files.makeFolder(downloads(home))
    await download({ files: home.files, clock: parts.clock, get: parts.get }, release, archive)
  }
  await install(home, release, archive)
  home.stage(version)
  home.files.remove(downloads(home))
  return { version, says: `Version ${version} is installed and is tried next.` }
}

async function choose(parts: UpdaterComponents): Promise<ReleaseChoice> {
  const { home, node } = parts
  const url = sourceUrl(home)
  if (url === null) {
    const message =
      'Nobody has said where updates are: name the address with --url, or wait until the device has joined.'
    throw new ReleaseError({ code: 'no_trust', path: home.path }, message)
  }
  const releases = await trustedReleases(parts, url)
  const state = home.state()
  const { device, region } = home.about()
  const isBarred = (version: string) =>
    state.suspect?.version === version || state.bad.some(entry => entry.version === version)
  const { version } = updateStatus(home)
  return chooseRelease(releases, { device: asDevice(device), region: asRegion(region), version, node, isBarred })
}

/** Removes what earlier runs left of other versions. */
function tidy(home: Home, sha256: string | null, version: string | null): void {
  const { files } = home
  for (const name of files.list(downloads(home))) {
    if (name !== `${sha256}.tgz`) files.remove(join(downloads(home), name))
  }
  const releases = join(home.path, 'releases')
  for (const name of files.list(releases)) {
    if (name.endsWith('.partial') && name !== `${version}.partial`) files.remove(join(releases, name))
  }
}

function locked(home: Home): Disposable {
  home.files.makeFolder(home.path)
  const unlock = lockFolder(home.path)
  return { [Symbol.dispose]: unlock }
}

const downloads = (home: Home): string => join(home.path, 'download')

function asDevice(text: string | null): DeviceId | null {
  return attempt(() => (text === null ? null : deviceId(text)))
}

function asRegion(text: string | null): RegionName | null {
  return attempt(() => (text === null ? null : regionName(text)))
}

function attempt<T>(read: () => T | null): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

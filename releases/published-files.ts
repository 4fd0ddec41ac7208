/** The published folder: `metadata/` and `targets/`, which any server of files can serve as they are. */
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConfigError, messageOf } from '../protocol/index.ts'
import {
  type RootContent,
  readRoot,
  readSnapshot,
  readTargets,
  readTimestamp,
  type SignedRelease,
  type Stamp,
} from './metadata.ts'

/** All that is published now. */
export interface Published {
  readonly root: RootContent
  readonly targets: Stamp & { readonly releases: readonly SignedRelease[] }
  readonly targetsBytes: Uint8Array
  /** Whether the newest root's keys signed them; not so after a change of keys that was interrupted. */
  readonly targetsTrusted: boolean
  readonly snapshot: Stamp
  readonly timestamp: Stamp
}

/** Makes the folders. @throws {ConfigError} `bad_option` when something is published there */
export function makeFolders(dir: string): void {
  if (rootVersions(dir).length > 0) {
    const message = `Releases are published in ${dir} already: choose another folder.`
    throw new ConfigError({ code: 'bad_option', path: dir, reason: 'it is in use' }, message)
  }
  for (const name of ['metadata', 'targets']) mkdirSync(join(dir, name), { recursive: true })
}

/**
 * Reads what counts: the newest root, and what follows from the timestamp. Files that an interrupted command left are not looked at.
 * @throws {ConfigError} `not_found` or `damaged`
 */
export function readPublished(dir: string): Published {
  const rootVersion = rootVersions(dir).at(-1)
  if (rootVersion === undefined) {
    const message = `No releases are published in ${dir}: begin with 'hedgerow release init ${dir}'.`
    throw new ConfigError({ code: 'not_found', path: dir }, message)
  }
  try {
    const rootBytes = readMetadata(dir, `${rootVersion}.root`)
    const { snapshotVersion, ...timestamp } = trusting(dir, rootVersion, root =>
      readTimestamp(root, readMetadata(dir, 'timestamp')),
    )
    const snapshotBytes = readMetadata(dir, `${snapshotVersion}.snapshot`)
    const { targetsVersion, ...snapshot } = trusting(dir, rootVersion, root => readSnapshot(root, snapshotBytes))
    const targetsBytes = readMetadata(dir, `${targetsVersion}.targets`)
    const targets = trusting(dir, rootVersion, root => readTargets(root, targetsBytes))
    const targetsTrusted = trusts(() => readTargets(rootBytes, targetsBytes))
    return { root: readRoot(rootBytes), targets, targetsBytes, targetsTrusted, snapshot, timestamp }
  } catch (cause) {
    const reason = messageOf(cause)
    const message = `What is published in ${dir} cannot be read: ${reason}. Put back a copy of it.`
    throw new ConfigError({ code: 'damaged', path: dir, reason }, message, { cause })
  }
}

/** Reads with the newest root, or the one before: a command that changed keys may have been interrupted before all was signed anew. */
function trusting<T>(dir: string, rootVersion: number, read: (root: Uint8Array) => T): T {
  try {
    return read(readMetadata(dir, `${rootVersion}.root`))
  } catch (thrown) {
    if (rootVersion === 1) throw thrown
    return read(readMetadata(dir, `${rootVersion - 1}.root`))
  }
}

function trusts(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

/** Writes metadata under its name, such as `3.snapshot`; on stable storage when it returns. */
export function writeMetadata(dir: string, name: string, bytes: Uint8Array): void {
  const path = metadataPath(dir, name)
  writeFileSync(`${path}.new`, bytes, { flush: true })
  renameSync(`${path}.new`, path)
  syncPath(join(dir, 'metadata'))
}

/** Copies an archive to where devices fetch it. */
export function writeTarget(dir: string, name: string, sourcePath: string): void {
  const path = join(dir, 'targets', name)
  copyFileSync(sourcePath, `${path}.new`)
  syncPath(`${path}.new`)
  renameSync(`${path}.new`, path)
  syncPath(join(dir, 'targets'))
}

function rootVersions(dir: string): number[] {
  try {
    const names = readdirSync(join(dir, 'metadata'))
    const versions = names.flatMap(name => /^([1-9]\d*)\.root\.json$/.exec(name)?.[1] ?? []).map(Number)
    return versions.sort((a, b) => a - b)
  } catch {
    return []
  }
}

function readMetadata(dir: string, name: string): Uint8Array {
  return readFileSync(metadataPath(dir, name))
}

function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const metadataPath = (dir: string, name: string): string => join(dir, 'metadata', `${name}.json`)

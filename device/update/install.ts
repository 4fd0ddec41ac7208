/** Unpacks an archive beside the versions that are there. The last step gives it its name, so that half a version never has one. */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { assert, messageOf } from '../../protocol/index.ts'
import {
  ArchiveReader,
  type ArchiveSink,
  RELEASE_ENTRY,
  RELEASE_LIMITS,
  ReleaseError,
  type ReleaseFacts,
} from '../../protocol/releases/index.ts'
import { FILE_LIST, type Files, type Home, MANIFEST, readJson, type WritableFile } from '../launcher/index.ts'
import type { TrustedRelease } from './trust.ts'

/** Left for the device's own records. */
const SPARE_BYTES = 32 * 1024 * 1024
/** Tar's headers and padding, and the largest bomb that is unpacked before it is seen. */
const STREAM_BYTES_MAX = 2 * RELEASE_LIMITS.unpackedBytesMax

/**
 * Installs a version, all of it on stable storage when this resolves. A version that is there already stays.
 * @throws {ReleaseError} `bad_archive`, `wrong_target` or `no_space`; the system's error when the disk fails
 */
export async function install(home: Home, release: TrustedRelease, archivePath: string): Promise<void> {
  const { files } = home
  const { facts, sha256 } = release
  const folder = home.folder(facts.version)
  if (isInstalled(home, release)) return
  const draft = `${folder}.partial`
  files.remove(draft)
  home.discard(facts.version)
  files.makeFolder(draft)
  checkRoom(files, draft, facts)
  const writer = new FolderWriter(files, draft)
  try {
    await unpack(archivePath, writer, facts)
    checkPackage(files, draft, facts)
    if ([MANIFEST, FILE_LIST].some(name => Object.hasOwn(writer.hashes, name)))
      throw wrong(facts, 'it has files of the updater')
  } catch (thrown) {
    writer.abandon()
    files.remove(draft)
    throw thrown
  }
  writer.record(FILE_LIST, writer.hashes)
  writer.record(MANIFEST, { version: facts.version, sha256 })
  writer.syncFolders()
  files.rename(draft, folder)
  files.syncFolder(dirname(folder))
}

/** Whether exactly this archive was unpacked there, whole. */
export function isInstalled(home: Home, { facts, sha256 }: TrustedRelease): boolean {
  const manifest = readJson(home.files, join(home.folder(facts.version), MANIFEST))
  return home.release(facts.version) !== null && manifest?.sha256 === sha256
}

async function unpack(archivePath: string, sink: ArchiveSink, facts: ReleaseFacts): Promise<void> {
  const reader = new ArchiveReader(sink)
  let bytes = 0
  const stream = createReadStream(archivePath).pipe(createGunzip())
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > STREAM_BYTES_MAX) throw wrong(facts, 'it does not end')
      reader.push(chunk)
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_')) {
      throw wrong(facts, `it is not a gzip file (${messageOf(thrown)})`)
    }
    throw thrown
  }
  const count = reader.finish()
  if (count.files !== facts.files || count.bytes !== facts.unpackedBytes) {
    throw wrong(facts, `${count.files} files with ${count.bytes} bytes are in it, and others are signed`)
  }
}

function checkRoom(files: Files, path: string, { unpackedBytes }: ReleaseFacts): void {
  const neededBytes = unpackedBytes + SPARE_BYTES
  const freeBytes = files.freeBytes(path)
  if (freeBytes >= neededBytes) return
  const message = `There is no room for the update: it needs ${neededBytes} bytes in ${path}, and ${freeBytes} are free.`
  throw new ReleaseError({ code: 'no_space', path, neededBytes, freeBytes }, message)
}

function checkPackage(files: Files, draft: string, facts: ReleaseFacts): void {
  const { name, version } = readJson(files, join(draft, 'package.json')) ?? {}
  if (name !== 'hedgerow' || version !== facts.version) throw wrong(facts, 'it holds another package or version')
  if (files.size(join(draft, RELEASE_ENTRY)) === null) throw wrong(facts, `${RELEASE_ENTRY} is not in it`)
}

function wrong({ version }: ReleaseFacts, reason: string): ReleaseError {
  const message = `Version ${version} is not installed: ${reason}.`
  return new ReleaseError({ code: 'wrong_target', version, reason }, message)
}

/** Files below one folder, each on stable storage when it ends. */
class FolderWriter implements ArchiveSink {
  /** SHA-256 by path. */
  readonly hashes: Record<string, string> = {}
  readonly #files: Files
  readonly #root: string
  readonly #folders = new Set<string>()
  #open: { path: string; file: WritableFile; hash: Hash } | null = null

  constructor(files: Files, root: string) {
    this.#files = files
    this.#root = root
    this.#folders.add(root)
  }

  file(path: string, executable: boolean): void {
    this.#need(dirname(join(this.#root, path)))
    const file = this.#files.create(join(this.#root, path), executable ? 0o755 : 0o644)
    this.#open = { path, file, hash: createHash('sha256') }
  }

  data(bytes: Uint8Array): void {
    assert(this.#open !== null, 'bytes come within a file')
    this.#open.file.write(bytes)
    this.#open.hash.update(bytes)
  }

  end(): void {
    assert(this.#open !== null, 'a file has begun')
    const { path, file, hash } = this.#open
    file.sync()
    file.close()
    this.#open = null
    this.hashes[path] = hash.digest('hex')
  }

  /** Writes a file of ours as JSON. */
  record(path: string, value: unknown): void {
    this.file(path, false)
    this.data(Buffer.from(`${JSON.stringify(value)}\n`))
    this.end()
  }

  /** Puts all names on stable storage. */
  syncFolders(): void {
    for (const folder of this.#folders) this.#files.syncFolder(folder)
  }

  /** Lets go of a file that will not be finished. */
  abandon(): void {
    this.#open?.file.close()
    this.#open = null
  }

  #need(folder: string): void {
    if (this.#folders.has(folder)) return
    this.#need(dirname(folder))
    this.#files.makeFolder(folder)
    this.#folders.add(folder)
  }
}

/** The disk as the launcher and the updater use it, so that a test can stop it after any step. Synchronous: the order of writes is the point. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** A file that is being written. */
export interface WritableFile {
  write(bytes: Uint8Array): void
  /** Puts what was written on stable storage. */
  sync(): void
  close(): void
}

export interface Files {
  /** Null when there is no such file, or it cannot be read. */
  read(path: string): Uint8Array | null
  /** The names in a folder, sorted; none when it is not there. */
  list(path: string): readonly string[]
  /** Bytes of a file, or null when there is none. */
  size(path: string): number | null
  isFolder(path: string): boolean
  /** Lower-case hexadecimal; null when there is no such file, or it cannot be read. */
  sha256(path: string): string | null
  /** Bytes that this user may still write there. */
  freeBytes(path: string): number
  /** With those above it. */
  makeFolder(path: string): void
  /** Empty, whatever was there. */
  create(path: string, mode: number): WritableFile
  append(path: string, mode: number): WritableFile
  rename(from: string, to: string): void
  /** A file or a folder with all in it; nothing when it is not there. */
  remove(path: string): void
  /** Puts the names in a folder on stable storage. */
  syncFolder(path: string): void
}

const HASH_CHUNK_BYTES = 1 << 18

/** The real disk. */
export const nodeFiles: Files = {
  read: path => orNull(() => new Uint8Array(readFileSync(path))),
  list: path => orNull(() => readdirSync(path).sort()) ?? [],
  size: path => orNull(() => statSync(path))?.size ?? null,
  isFolder: path => orNull(() => statSync(path).isDirectory()) ?? false,
  sha256: path => orNull(() => hashFile(path)),
  freeBytes: path => {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  },
  makeFolder: path => {
    mkdirSync(path, { recursive: true, mode: 0o755 })
  },
  create: (path, mode) => writable(openSync(path, 'w', mode)),
  append: (path, mode) => writable(openSync(path, 'a', mode)),
  rename: renameSync,
  remove: path => rmSync(path, { recursive: true, force: true }),
  syncFolder: path => {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  },
}

/**
 * Replaces a file so that at any moment either the old or the new content is there whole, and the new one is on stable storage at the end.
 * @throws the system's error when the disk is full or read-only; the old content is then still there
 */
export function replaceFile(files: Files, path: string, bytes: Uint8Array): void {
  const draft = `${path}.new`
  files.makeFolder(dirname(path))
  const file = files.create(draft, 0o644)
  try {
    file.write(bytes)
    file.sync()
  } finally {
    file.close()
  }
  files.rename(draft, path)
  files.syncFolder(dirname(path))
}

/** The object in a JSON file; null when there is none, or it is something else. */
export function readJson(files: Files, path: string): Readonly<Record<string, unknown>> | null {
  const bytes = files.read(path)
  if (bytes === null) return null
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** {@link replaceFile} with JSON. */
export function writeJson(files: Files, path: string, value: unknown): void {
  replaceFile(files, path, Buffer.from(`${JSON.stringify(value)}\n`))
}

/** Removes a folder so that a part of it never looks like the whole. */
export function discardFolder(files: Files, path: string): void {
  if (!files.isFolder(path)) return
  const gone = `${path}.gone`
  files.remove(gone)
  files.rename(path, gone)
  files.syncFolder(dirname(path))
  files.remove(gone)
}

/** Whether a file is there. */
export const exists = (files: Files, ...parts: string[]): boolean => files.size(join(...parts)) !== null

function writable(file: number): WritableFile {
  return {
    write: bytes => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    },
    sync: () => fsyncSync(file),
    close: () => closeSync(file),
  }
}

function hashFile(path: string): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    const chunk = new Uint8Array(HASH_CHUNK_BYTES)
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) hash.update(chunk.subarray(0, read))
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}

function orNull<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}

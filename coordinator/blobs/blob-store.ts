import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { assert, type Sha256Hex, sha256Hex } from '../../protocol/index.ts'
import { blobFailure } from './blob-failure.ts'
import { BlobFolder, type Swept } from './blob-folder.ts'
import { type BlobWriter, createBlobWriter } from './blob-writer.ts'
import { type PutOutcome, receiveBlob } from './incoming.ts'
import { PartDigests } from './part-digests.ts'
import { readPart } from './read-part.ts'

export interface BlobStore {
  /** The size of a stored blob, or null. */
  has(hash: Sha256Hex): { size: number } | null
  /**
   * Stores bytes held in memory; on stable storage when it returns.
   * @throws {ConfigError} `no_space`, or `bad_option` when the folder cannot be written
   */
  put(bytes: Uint8Array): Sha256Hex
  /** Starts a blob that is made here piece by piece, of which little is held in memory. */
  writer(): BlobWriter
  /**
   * Stores bytes as they arrive, if they turn out to be the blob that was named; on stable storage when it resolves.
   * Reads no more than `bytesMax` and one chunk.
   * @throws whatever the source throws, and as `put` does; nothing is stored then
   */
  putStream(source: AsyncIterable<Uint8Array>, hash: Sha256Hex, bytesMax: number): Promise<PutOutcome>
  /**
   * Reads a part of a blob into memory, or all of it. Blocks, so it is for small parts.
   * @throws {ConfigError} `not_found`, or `damaged` when the blob ends before the part does
   */
  read(hash: Sha256Hex, offset?: number, length?: number): Uint8Array
  /**
   * The SHA-256 of exactly a part of a blob; at once when it was asked for before, otherwise read in the background.
   * @returns a promise that rejects with {@link ConfigError} `not_found`, or `damaged` when the blob ends before the part does
   */
  digestOf(hash: Sha256Hex, offset: number, length: number): Uint8Array | Promise<Uint8Array>
  /** Streams the bytes from `start` to `end`, both included, or all. The stream fails when the blob is not there. */
  readStream(hash: Sha256Hex, range?: { start: number; end: number }): Readable
  /** Where a blob is, or would be. */
  path(hash: Sha256Hex): string
  /** Whether so many bytes more fit the quota and the disk now. */
  hasRoom(bytes: number): boolean
  /**
   * Deletes blobs that nothing names, were written before a wall time, and that nobody asked for since the last sweep.
   * @throws {ConfigError} when the folder cannot be read or written
   */
  sweep(isNamed: (hash: Sha256Hex) => boolean, writtenBeforeMs: number): Promise<Swept>
  /** Bytes of all blobs, and of those under way. */
  usedBytes(): number
}

export interface BlobStoreOptions {
  /** Most bytes of blobs to keep; without it, as many as the disk holds. */
  quotaBytes?: number
  /** The disk is not filled further than this: a database that cannot grow stops the region. Default 256 MiB. */
  diskReserveBytes?: number
}

const DISK_RESERVE_BYTES = 256 * 1_048_576

/**
 * Opens a folder of blobs, each a file named by its SHA-256 that appears whole or not at all: it is written beside its place,
 * synced, and renamed. What an earlier process left unfinished is deleted.
 * @param dir - made when it is not there; only one process may write to it
 * @throws {ConfigError} `no_space`, or `bad_option` when the folder cannot be written
 */
export function openBlobStore(dir: string, options: BlobStoreOptions = {}): BlobStore {
  const folder = new BlobFolder(dir, {
    quotaBytes: options.quotaBytes ?? Number.POSITIVE_INFINITY,
    diskReserveBytes: options.diskReserveBytes ?? DISK_RESERVE_BYTES,
  })
  const digests = new PartDigests(hash => folder.path(hash))
  return {
    has: hash => folder.has(hash),

    put(bytes) {
      const hash = sha256Hex(createHash('sha256').update(bytes).digest('hex'))
      if (folder.has(hash)) return hash
      const writer = createBlobWriter(folder)
      try {
        writer.write(bytes)
        return writer.finish().sha256
      } finally {
        writer.abort()
      }
    },

    writer: () => createBlobWriter(folder),

    putStream: (source, hash, bytesMax) => receiveBlob(folder, source, hash, bytesMax),

    read(hash, offset = 0, length) {
      assert(offset >= 0 && (length ?? 0) >= 0, 'a part begins in its blob and goes forward')
      return readPart(folder.path(hash), hash, offset, length)
    },

    digestOf: (hash, offset, length) => digests.get(hash, offset, length),
    readStream: (hash, range) => createReadStream(folder.path(hash), range ?? {}),
    path: hash => folder.path(hash),
    hasRoom: bytes => folder.hasRoom(bytes),
    sweep: (isNamed, writtenBeforeMs) =>
      folder.sweep(isNamed, writtenBeforeMs).catch((error: unknown) => {
        throw blobFailure(error, dir)
      }),
    usedBytes: () => folder.usedBytes,
  }
}

import { createHash } from 'node:crypto'
import { closeSync, fsync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { assert, type Sha256Hex, sha256Hex } from '../../protocol/index.ts'
import { blobFailure } from './blob-failure.ts'
import type { BlobFolder } from './blob-folder.ts'

const fsyncLater = promisify(fsync)

/** Bytes that are held before a file is made for them: most answers and bills are shorter, and many are stored already. */
const HELD_BYTES_MAX = 65_536

/** A blob being made here, piece by piece; its name is known only at the end. */
export interface BlobWriter {
  /**
   * Adds bytes, which are the caller's again afterwards.
   * @throws {ConfigError} `no_space`, or `bad_option` when the folder cannot be written; call `abort` then
   */
  write(bytes: Uint8Array): void
  /**
   * Brings what was written so far to stable storage in the background, so that little is left for `finish` to wait for. Does nothing
   * while that is a blob which is stored already.
   * @throws {ConfigError} as `write` does
   */
  flush(): Promise<void>
  /** Stores what was written; on stable storage when it returns. Throws as `write` does. */
  finish(): { sha256: Sha256Hex; size: number }
  /** Forgets what was written. After `finish` it does nothing. */
  abort(): void
}

/** Starts a blob in the folder. */
export function createBlobWriter(folder: BlobFolder): BlobWriter {
  const path = folder.newTempPath()
  const hasher = createHash('sha256')
  let held: Uint8Array[] = []
  let file: number | null = null
  let size = 0
  let ended = false

  const close = () => {
    if (file !== null) closeSync(file)
    file = null
  }
  const abort = () => {
    if (ended) return
    ended = true
    held = []
    if (file !== null) {
      close()
      rmSync(path, { force: true })
    }
    folder.release(size)
  }
  const writeAll = (target: number, bytes: Uint8Array) => {
    for (let written = 0; written < bytes.length; ) written += writeSync(target, bytes, written)
  }
  /** The file, with all that was held. */
  const toFile = (): number => {
    if (file !== null) return file
    file = openSync(path, 'wx', 0o600)
    for (const bytes of held) writeAll(file, bytes)
    held = []
    return file
  }
  const nameSoFar = () => sha256Hex(hasher.copy().digest('hex'))
  const guarded = <T>(step: () => T): T => {
    assert(!ended, 'a blob is written before it is finished')
    try {
      return step()
    } catch (error) {
      throw blobFailure(error, folder.dir)
    }
  }

  return {
    write: bytes =>
      guarded(() => {
        folder.reserve(bytes.length)
        size += bytes.length
        hasher.update(bytes)
        if (file === null && size <= HELD_BYTES_MAX) held.push(bytes.slice())
        else writeAll(toFile(), bytes)
      }),

    flush: async () => {
      try {
        if (folder.has(nameSoFar())) return
        await fsyncLater(toFile())
      } catch (error) {
        throw blobFailure(error, folder.dir)
      }
    },

    finish: () =>
      guarded(() => {
        const sha256 = nameSoFar()
        if (folder.has(sha256)) {
          abort()
          return { sha256, size }
        }
        fsyncSync(toFile())
        close()
        folder.publish(path, sha256)
        ended = true
        return { sha256, size }
      }),

    abort,
  }
}

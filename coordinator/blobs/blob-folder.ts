import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Sha256Hex } from '../../protocol/index.ts'
import { blobFailure, noRoom } from './blob-failure.ts'

const TEMP = 'incoming'
const PREFIX = /^[0-9a-f]{2}$/
const NAME = /^[0-9a-f]{64}$/

/** Where blobs lie, `<first two digits>/<SHA-256>`, with unfinished ones in `incoming`; and how much room is left. */
export class BlobFolder {
  readonly dir: string
  private readonly quotaBytes: number
  private readonly temp: string
  private used: number
  private temps = 0

  /**
   * Opens or makes the folder, deletes what is unfinished and adds up what is there.
   * @throws {ConfigError} `no_space`, or `bad_option` when it cannot be written
   */
  constructor(dir: string, quotaBytes: number) {
    this.dir = dir
    this.quotaBytes = quotaBytes
    this.temp = join(dir, TEMP)
    try {
      rmSync(this.temp, { recursive: true, force: true })
      mkdirSync(this.temp, { recursive: true, mode: 0o700 })
      accessSync(this.temp, constants.W_OK | constants.X_OK)
      this.used = sumOfSizes(dir)
    } catch (error) {
      throw blobFailure(error, dir)
    }
  }

  /** Bytes of all blobs, and of those under way. */
  get usedBytes(): number {
    return this.used
  }

  has(hash: Sha256Hex): { size: number } | null {
    const stats = statSync(this.path(hash), { throwIfNoEntry: false })
    return stats ? { size: stats.size } : null
  }

  path(hash: Sha256Hex): string {
    return join(this.dir, hash.slice(0, 2), hash)
  }

  /** A path no other unfinished blob has. */
  newTempPath(): string {
    return join(this.temp, String(this.temps++))
  }

  hasRoom(bytes: number): boolean {
    return this.used + bytes <= this.quotaBytes
  }

  /**
   * Counts bytes before they are written, so that blobs under way side by side cannot pass the quota together.
   * @throws {ConfigError} `no_space` when the quota has no room for them
   */
  reserve(bytes: number): void {
    if (!this.hasRoom(bytes)) throw noRoom(this.dir, this.quotaBytes)
    this.used += bytes
  }

  /** Takes bytes back that were counted and are not kept. */
  release(bytes: number): void {
    this.used -= bytes
  }

  /**
   * Gives a finished, synced file its name, and syncs the name.
   * @throws {ConfigError} `no_space`, or `bad_option` when it cannot be written
   */
  publish(tempPath: string, hash: Sha256Hex): void {
    const path = this.path(hash)
    try {
      const made = mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      if (made !== undefined) syncFolder(this.dir)
      renameSync(tempPath, path)
      syncFolder(dirname(path))
    } catch (error) {
      throw blobFailure(error, this.dir)
    }
  }
}

/** A new name survives power loss only once its folder is synced. */
function syncFolder(dir: string): void {
  const file = openSync(dir, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function sumOfSizes(dir: string): number {
  let sum = 0
  for (const prefix of readdirSync(dir).filter(name => PREFIX.test(name))) {
    for (const name of readdirSync(join(dir, prefix)).filter(name => NAME.test(name))) {
      sum += statSync(join(dir, prefix, name)).size
    }
  }
  return sum
}

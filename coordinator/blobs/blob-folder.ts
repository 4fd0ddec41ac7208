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
  statfsSync,
  statSync,
} from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Sha256Hex, sha256Hex } from '../../protocol/index.ts'
import { blobFailure, noDisk, noRoom } from './blob-failure.ts'

const TEMP = 'incoming'
const PREFIX = /^[0-9a-f]{2}$/
const NAME = /^[0-9a-f]{64}$/

/** What a sweep has deleted. */
export interface Swept {
  readonly blobs: number
  readonly bytes: number
}

/** How much blobs may take. */
export interface BlobBounds {
  /** Of all blobs together. */
  readonly quotaBytes: number
  /** Of the disk, left free for what else is written to it. */
  readonly diskReserveBytes: number
}

/** Where blobs lie, `<first two digits>/<SHA-256>`, with unfinished ones in `incoming`; and how much room is left. */
export class BlobFolder {
  readonly dir: string
  private readonly bounds: BlobBounds
  private readonly temp: string
  private used: number
  /** Blobs that somebody asked for since the last sweep. */
  private asked = new Set<Sha256Hex>()
  private temps = 0

  /**
   * Opens or makes the folder, deletes what is unfinished and adds up what is there.
   * @throws {ConfigError} `no_space`, or `bad_option` when it cannot be written
   */
  constructor(dir: string, bounds: BlobBounds) {
    this.dir = dir
    this.bounds = bounds
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
    if (stats === undefined) return null
    this.asked.add(hash)
    return { size: stats.size }
  }

  /**
   * Deletes old blobs that nothing names, a folder at a time so that everything else goes on meanwhile. Whoever is about to name a
   * blob asks for it first, so what was asked for since the last sweep stays.
   * @param writtenBeforeMs - wall time; younger ones stay, since what will name them may be under way
   */
  async sweep(isNamed: (hash: Sha256Hex) => boolean, writtenBeforeMs: number): Promise<Swept> {
    const askedBefore = this.asked
    this.asked = new Set()
    const swept = { blobs: 0, bytes: 0 }
    for (const prefix of (await readdir(this.dir)).filter(name => PREFIX.test(name))) {
      for (const name of (await readdir(join(this.dir, prefix))).filter(name => NAME.test(name))) {
        const hash = sha256Hex(name)
        if (isNamed(hash)) continue
        const { mtimeMs, size } = await stat(this.path(hash))
        // Nothing can come between these two lines and the deletion.
        if (mtimeMs >= writtenBeforeMs || askedBefore.has(hash) || this.asked.has(hash)) continue
        rmSync(this.path(hash))
        this.release(size)
        swept.blobs += 1
        swept.bytes += size
      }
    }
    return swept
  }

  path(hash: Sha256Hex): string {
    return join(this.dir, hash.slice(0, 2), hash)
  }

  /** A path no other unfinished blob has. */
  newTempPath(): string {
    return join(this.temp, String(this.temps++))
  }

  hasRoom(bytes: number): boolean {
    return this.fitsQuota(bytes) && this.fitsDisk(bytes)
  }

  /**
   * Counts bytes before they are written, so that blobs under way side by side cannot pass the quota together.
   * @throws {ConfigError} `no_space` when the quota or the disk has no room for them
   */
  reserve(bytes: number): void {
    if (!this.fitsQuota(bytes)) throw noRoom(this.dir, this.bounds.quotaBytes)
    if (!this.fitsDisk(bytes)) throw noDisk(this.dir, this.bounds.diskReserveBytes)
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

  private fitsQuota(bytes: number): boolean {
    return this.used + bytes <= this.bounds.quotaBytes
  }

  private fitsDisk(bytes: number): boolean {
    const { bavail, bsize } = statfsSync(this.dir)
    return bavail * bsize - bytes >= this.bounds.diskReserveBytes
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

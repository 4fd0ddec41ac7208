/**
 * A folder of content by its SHA-256, so that a job's module is fetched once. Bounded: what was used longest ago goes first.
 * Nothing is trusted: content is hashed whenever it is read, so a worn card costs a transfer and never a wrong result.
 */
import { createHash } from 'node:crypto'
import { promises as files, mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Sha256Hex } from '../../protocol/index.ts'
import { BlobPart } from './blob-part.ts'

export interface BlobCacheInit {
  readonly folder: string
  /** Bytes kept at most, complete content and parts together. */
  readonly quotaBytes: number
}

interface Entry {
  /** Of a part: what the complete content will take. */
  readonly bytes: number
  /** Wall-clock of the last use; only compared with each other. */
  usedMs: number
}

/** Rewriting a time stamp wears the card; one an hour keeps the order good enough over restarts. */
const TOUCH_EVERY_MS = 3_600_000
const PART = '.part'
const NAME = /^[0-9a-f]{64}(\.part)?$/

export class BlobCache {
  readonly #folder: string
  readonly #quotaBytes: number
  readonly #clock: Clock
  #entries: Map<string, Entry> | null = null
  #bytes = 0

  constructor(components: { readonly clock: Clock }, init: BlobCacheInit) {
    this.#clock = components.clock
    this.#folder = init.folder
    this.#quotaBytes = init.quotaBytes
  }

  /** Bytes that the folder takes, parts counted as if complete. */
  get bytes(): number {
    this.#open()
    return this.#bytes
  }

  /** The content, or null when it is not here or no longer what it was. */
  async get(sha256: Sha256Hex): Promise<Uint8Array | null> {
    if (!this.#open().has(sha256)) return null
    const content = await files.readFile(this.#path(sha256)).catch(() => null)
    if (content === null || hashOf(content) !== sha256) {
      this.#remove(sha256)
      return null
    }
    await this.#touch(sha256)
    return content
  }

  /**
   * Opens the part file of content that is to be fetched, and makes room for it.
   * @param bytes - of the complete content; when that exceeds the quota nothing is kept
   */
  part(sha256: Sha256Hex, bytes: number): BlobPart {
    const name = sha256 + PART
    const fits = bytes <= this.#quotaBytes
    const known = this.#open().get(name)
    if (known?.bytes !== bytes) {
      if (known) this.#forget(name)
      if (fits) {
        this.#makeRoom(bytes)
        this.#add(name, bytes, this.#clock.wallMs())
      }
    }
    return new BlobPart(this.#path(name), fits)
  }

  /** Turns a complete, checked part into content. */
  async finish(sha256: Sha256Hex, part: BlobPart, content: Uint8Array): Promise<void> {
    const kept = await part.finish(content, this.#path(sha256))
    this.#forget(sha256 + PART)
    if (kept && !this.#open().has(sha256)) this.#add(sha256, content.length, this.#clock.wallMs())
  }

  #makeRoom(bytes: number): void {
    if (this.#bytes + bytes <= this.#quotaBytes) return
    const oldestFirst = [...this.#open()].sort(([, a], [, b]) => a.usedMs - b.usedMs)
    for (const [name] of oldestFirst) {
      if (this.#bytes + bytes <= this.#quotaBytes) return
      this.#remove(name)
    }
  }

  #add(name: string, bytes: number, usedMs: number): void {
    this.#entries?.set(name, { bytes, usedMs })
    this.#bytes += bytes
  }

  #forget(name: string): void {
    const entry = this.#entries?.get(name)
    if (entry === undefined) return
    this.#entries?.delete(name)
    this.#bytes -= entry.bytes
  }

  #remove(name: string): void {
    this.#forget(name)
    removeFile(this.#path(name))
  }

  async #touch(name: string): Promise<void> {
    const entry = this.#entries?.get(name)
    const now = this.#clock.wallMs()
    if (entry === undefined || Math.abs(now - entry.usedMs) < TOUCH_EVERY_MS) return
    entry.usedMs = now
    await files.utimes(this.#path(name), now / 1000, now / 1000).catch(() => {})
  }

  /** Reads the folder at first use: an idle device need not. */
  #open(): Map<string, Entry> {
    if (this.#entries !== null) return this.#entries
    this.#entries = new Map()
    for (const { name, bytes, usedMs } of filesOf(this.#folder)) this.#add(name, bytes, usedMs)
    this.#makeRoom(0)
    return this.#entries
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

/** Lower-case hexadecimal SHA-256. */
export function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** What is in the folder, made when missing. Without a usable folder there is nothing, and nothing will be kept. */
function filesOf(folder: string): ({ name: string } & Entry)[] {
  try {
    mkdirSync(folder, { recursive: true })
    const names = readdirSync(folder).filter(name => NAME.test(name))
    return names.map(name => {
      const { size, mtimeMs } = statSync(join(folder, name))
      return { name, bytes: size, usedMs: mtimeMs }
    })
  } catch {
    return []
  }
}

/** A file that is gone already, or that another user owns, is as good as removed: it is not counted any more. */
function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch {}
}

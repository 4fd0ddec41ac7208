/**
 * The public log: every entry is a leaf of an append-only tree (RFC 9162 §2.1), kept as tiles of 256 hashes as C2SP tlog-tiles has them.
 * Entries are written in the transaction of the rows they speak of, so the log can neither lack nor invent one.
 */
import {
  assert,
  concatBytes,
  encodeEntry,
  Frontier,
  HASH_BYTES,
  type Hash,
  LOG_ENTRY_BYTES_MAX,
  type LogEntry,
  leafHash,
  subtreeRoot,
  TILE_WIDTH,
  type TreeHead,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Store } from '../store/rows.ts'

export type LogStore = Pick<Store, 'entryCount' | 'entries' | 'tile'>

export class Log {
  private readonly hash: Hash
  private readonly store: LogStore
  /** Of each level, the hashes that do not fill a tile yet. */
  private readonly partial: Uint8Array[][] = []
  private count: number

  constructor(store: LogStore, hash: Hash) {
    this.store = store
    this.hash = hash
    this.count = store.entryCount()
    this.restore()
  }

  /** Entries appended so far; the last few may not be committed yet. */
  get size(): number {
    return this.count
  }

  /** The state of the tree. */
  head(): TreeHead {
    // What fills no tile is one last, smaller subtree of the level above it.
    let rest: Uint8Array | null = null
    for (const hashes of this.partial) {
      if (hashes.length === 0 && rest === null) continue
      const frontier = new Frontier(this.hash)
      for (const hash of rest === null ? hashes : [...hashes, rest]) frontier.append(hash)
      rest = frontier.root()
    }
    return { size: this.count, root: rest ?? new Frontier(this.hash).root() }
  }

  /** Appends entries in this order; the rows go into the batch. */
  append(entries: readonly LogEntry[], batch: Batch): void {
    for (const entry of entries) {
      const bytes = encodeEntry(entry)
      assert(
        bytes.length <= LOG_ENTRY_BYTES_MAX,
        `an entry of the log is no larger than a bundle can hold: ${entry.type}`,
      )
      batch.write({ table: 'entry', row: { index: this.count, bytes } })
      this.count++
      this.push(0, leafHash(this.hash, bytes), batch)
    }
  }

  /**
   * The first hashes of a tile.
   * @param width - 1..256
   * @returns null when there are not so many
   */
  tile(level: number, index: number, width: number): Uint8Array | null {
    const stored = this.store.tile(level, index)
    if (stored !== null) return stored.subarray(0, width * HASH_BYTES)
    const hashes = this.partial[level] ?? []
    const isLast = index === Math.floor(this.count / TILE_WIDTH ** level / TILE_WIDTH)
    return isLast && width <= hashes.length ? concatBytes(...hashes.slice(0, width)) : null
  }

  private push(level: number, hash: Uint8Array, batch: Batch): void {
    const hashes = this.level(level)
    hashes.push(hash)
    if (hashes.length < TILE_WIDTH) return
    const index = Math.floor(this.count / TILE_WIDTH ** (level + 1)) - 1
    const tile = concatBytes(...hashes)
    batch.write({ table: 'tile', row: { level, index, hashes: tile } })
    this.partial[level] = []
    this.push(level + 1, subtreeRoot(this.hash, tile, 0, TILE_WIDTH), batch)
  }

  private restore(): void {
    const start = this.count - (this.count % TILE_WIDTH)
    const last = this.store.entries(start, this.count)
    assert(last.length === this.count - start, 'the log has no gaps')
    this.partial[0] = last.map(bytes => leafHash(this.hash, bytes))
    for (let level = 1; TILE_WIDTH ** level <= this.count; level++) {
      const nodes = Math.floor(this.count / TILE_WIDTH ** level)
      const hashes = this.level(level)
      for (let index = nodes - (nodes % TILE_WIDTH); index < nodes; index++) {
        const tile = this.store.tile(level - 1, index)
        assert(tile, `tile ${index} of level ${level - 1} is kept with the entries below it`)
        hashes.push(subtreeRoot(this.hash, tile, 0, TILE_WIDTH))
      }
    }
  }

  private level(level: number): Uint8Array[] {
    let hashes = this.partial[level]
    if (!hashes) {
      hashes = []
      this.partial[level] = hashes
    }
    return hashes
  }
}

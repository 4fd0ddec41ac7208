/** Builds the tree over entries again and gives every tile of it, from the bottom up. */
import { Frontier, HASH_BYTES, type Hash, leafHash, nodeHash, TILE_WIDTH } from '../../protocol/index.ts'

/** A tile as it follows from the entries. */
export interface BuiltTile {
  readonly level: number
  readonly index: number
  readonly width: number
  readonly hashes: Uint8Array
}

/** Takes entries one by one; keeps one unfinished tile of each level, 8 KiB each. */
export class TreeBuilder {
  private readonly hash: Hash
  private readonly levels: Uint8Array[][] = []
  /** Full tiles of each level so far. */
  private readonly done: number[] = []
  private count = 0

  constructor(hash: Hash) {
    this.hash = hash
  }

  get size(): number {
    return this.count
  }

  /** @returns the tiles that the entry completes, the lowest first */
  append(entry: Uint8Array): BuiltTile[] {
    this.count++
    return this.push(0, leafHash(this.hash, entry))
  }

  /** The tiles that are not full, the lowest first. */
  partialTiles(): BuiltTile[] {
    return this.levels.flatMap((hashes, level) => {
      return hashes.length === 0 ? [] : [tileOf(level, this.done[level] ?? 0, hashes)]
    })
  }

  /** The root of the tree as it is. */
  root(): Uint8Array {
    const peaks = this.levels.toReversed().flatMap(hashes => this.peaksOf(hashes))
    return new Frontier(this.hash, this.count, peaks).root()
  }

  private push(level: number, node: Uint8Array): BuiltTile[] {
    this.levels[level] ??= []
    const hashes = this.levels[level]
    hashes.push(node)
    if (hashes.length < TILE_WIDTH) return []
    const index = this.done[level] ?? 0
    this.done[level] = index + 1
    this.levels[level] = []
    return [tileOf(level, index, hashes), ...this.push(level + 1, this.fold(hashes))]
  }

  /** Roots of the full subtrees over these hashes, the largest first. */
  private peaksOf(hashes: readonly Uint8Array[]): Uint8Array[] {
    const peaks: Uint8Array[] = []
    let at = 0
    for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
      if (at + width > hashes.length) continue
      peaks.push(this.fold(hashes.slice(at, at + width)))
      at += width
    }
    return peaks
  }

  /** The root over a power of two of hashes. */
  private fold(hashes: readonly Uint8Array[]): Uint8Array {
    let row = hashes
    while (row.length > 1) {
      const above: Uint8Array[] = []
      for (let i = 0; i < row.length; i += 2) {
        above.push(nodeHash(this.hash, row[i] as Uint8Array, row[i + 1] as Uint8Array))
      }
      row = above
    }
    return row[0] as Uint8Array
  }
}

function tileOf(level: number, index: number, hashes: readonly Uint8Array[]): BuiltTile {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES)
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * HASH_BYTES)
  return { level, index, width: hashes.length, hashes: bytes }
}

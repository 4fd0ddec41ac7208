/** What is read of the tree that the log has written: tiles, bundles, proofs, and the roots of its earlier states. */
import {
  assert,
  consistencyPath,
  encodeBundle,
  HASH_BYTES,
  type Hash,
  inclusionPath,
  type NodeReader,
  nodeHash,
  TILE_WIDTH,
  tileWidth,
  treeRoot,
} from '../../protocol/index.ts'
import type { Store } from '../store/rows.ts'
import type { Log } from './log.ts'

/** Levels of the tree in one tile. */
const TILE_LEVELS = 8
/** Larger than the number of nodes of any level: 2^45 entries would fill a tape robot. */
const LEVEL_STRIDE = 2 ** 45
/** About 3 MB; the proofs of one checkpoint's receipts share most of their nodes. */
const NODES_MAX = 16_384
/** Half a megabyte. */
const TILES_MAX = 64

export class LogReader {
  private readonly log: Pick<Log, 'size' | 'tile'>
  private readonly store: Pick<Store, 'entries' | 'entry'>
  private readonly hash: Hash
  private readonly nodes = new Map<number, Uint8Array>()
  private readonly tiles = new Map<string, Uint8Array>()
  private readonly read: NodeReader = (level, index) => this.node(level, index)

  constructor(log: Pick<Log, 'size' | 'tile'>, store: Pick<Store, 'entries' | 'entry'>, hash: Hash) {
    this.log = log
    this.store = store
    this.hash = hash
  }

  /** Entries there are; signed or not. */
  get size(): number {
    return this.log.size
  }

  /** The root of the tree as it was with so many entries, worked out from the tiles. */
  rootAt(size: number): Uint8Array {
    assert(size <= this.size, 'the root is of a state that has been')
    return treeRoot(this.hash, this.read, size)
  }

  /** Hashes that prove an entry to be in the tree of so many. */
  inclusion(index: number, size: number): Uint8Array[] {
    return inclusionPath(this.hash, this.read, index, size)
  }

  /** Hashes that prove the tree of `second` entries to begin with that of `first`. */
  consistency(first: number, second: number): Uint8Array[] {
    return consistencyPath(this.hash, this.read, first, second)
  }

  /** The first `width` hashes of a tile, or null when the tree of `size` entries does not have them. */
  tile(level: number, index: number, width: number, size: number): Uint8Array | null {
    return width <= tileWidth(level, index, size) ? this.log.tile(level, index, width) : null
  }

  /** The first `width` entries of a bundle, or null when there are not so many among `size`. */
  bundle(index: number, width: number, size: number): Uint8Array | null {
    const from = index * TILE_WIDTH
    return width <= tileWidth(0, index, size) ? encodeBundle(this.store.entries(from, from + width)) : null
  }

  /** The bytes of an entry. */
  entry(index: number): Uint8Array {
    const bytes = this.store.entry(index)
    assert(bytes, 'every entry below the size of the log is kept')
    return bytes
  }

  /** The root of a full subtree of 2^level entries. It never changes, so those asked for last are remembered. */
  private node(level: number, index: number): Uint8Array {
    if (level % TILE_LEVELS === 0) return this.tileHash(level / TILE_LEVELS, index)
    const key = level * LEVEL_STRIDE + index
    const known = this.nodes.get(key)
    if (known !== undefined) return known
    const node = nodeHash(this.hash, this.node(level - 1, 2 * index), this.node(level - 1, 2 * index + 1))
    if (this.nodes.size >= NODES_MAX) this.nodes.clear()
    this.nodes.set(key, node)
    return node
  }

  private tileHash(level: number, index: number): Uint8Array {
    const at = index % TILE_WIDTH
    const hashes = this.tileWith(level, (index - at) / TILE_WIDTH, at + 1)
    return hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)
  }

  /** At least the first `width` hashes of a tile. One that was too short when it was read last has grown. */
  private tileWith(level: number, index: number, width: number): Uint8Array {
    const name = `${level}/${index}`
    const known = this.tiles.get(name)
    if (known !== undefined && known.length >= width * HASH_BYTES) return known
    const hashes = this.log.tile(level, index, TILE_WIDTH) ?? this.log.tile(level, index, width)
    assert(hashes, 'nodes are asked for below the size of the log only')
    if (this.tiles.size >= TILES_MAX) this.tiles.clear()
    this.tiles.set(name, hashes)
    return hashes
  }
}

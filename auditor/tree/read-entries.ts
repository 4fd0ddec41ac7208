/** Reads a log's entries bundle by bundle, and compares the tree over them with the tiles of the source. */
import { decodeBundle, equalBytes, HASH_BYTES, type Hash, TILE_WIDTH } from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import { AHEAD, type LogSource } from '../source.ts'
import { inOrder } from './ahead.ts'
import { type BuiltTile, TreeBuilder } from './tree-builder.ts'

/** The entries of one bundle, and the source's hashes of them. */
interface Fetched {
  readonly entries: Uint8Array[]
  readonly hashes: Uint8Array | null
}

/** An entry's bytes at its place. */
export interface RawEntry {
  readonly index: number
  readonly bytes: Uint8Array
}

/**
 * All entries of a log of `size` entries in order.
 * @param atSize - called after the entry that makes the tree so large
 * @returns the entries of one bundle after the other
 * @throws whatever the source throws when it cannot be read
 */
export async function* readEntries(
  source: LogSource,
  size: number,
  hash: Hash,
  problems: Problems,
  atSize: (tree: TreeBuilder) => void,
): AsyncGenerator<RawEntry[]> {
  const tree = new TreeBuilder(hash)
  atSize(tree)
  const bundles = Math.ceil(size / TILE_WIDTH)
  const fetchBundle = (index: number) => fetchOne(source, index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH))
  for await (const { entries, hashes } of inOrder(bundles, AHEAD, fetchBundle)) {
    const raw: RawEntry[] = []
    for (const bytes of entries) {
      raw.push({ index: tree.size, bytes })
      const tiles = tree.append(bytes)
      if (tree.size === size) tiles.push(...tree.partialTiles())
      for (const tile of tiles) await compare(source, tile, hashes, problems)
      atSize(tree)
    }
    yield raw
  }
}

async function fetchOne(source: LogSource, index: number, width: number): Promise<Fetched> {
  const [bundle, hashes] = await Promise.all([source.entries(index, width), source.tile(0, index, width)])
  return { entries: decodeBundle(bundle, width), hashes }
}

/** @param level0 - the source's tile of the bundle at hand */
async function compare(
  source: LogSource,
  built: BuiltTile,
  level0: Uint8Array | null,
  problems: Problems,
): Promise<void> {
  const { level, index, width, hashes } = built
  const found = level === 0 ? level0 : await source.tile(level, index, width)
  if (found === null || equalBytes(found, hashes)) return
  const at = firstDifference(found, hashes)
  const place = `hash ${at} of tile ${index} of level ${level}`
  const entry = level === 0 ? index * TILE_WIDTH + at : null
  const whose = entry === null ? 'what is below it' : `entry ${entry}`
  problems.add('tree.tile', entry, `The ${place} of ${source.name} is not the hash of ${whose}.`)
}

function firstDifference(found: Uint8Array, expected: Uint8Array): number {
  const width = expected.length / HASH_BYTES
  for (let i = 0; i < width; i++) {
    const [from, to] = [i * HASH_BYTES, (i + 1) * HASH_BYTES]
    if (!equalBytes(found.subarray(from, to), expected.subarray(from, to))) return i
  }
  return width
}

/** Tiles (C2SP tlog-tiles): the tree as files of up to 256 hashes, from which anybody computes any proof. */
import { concatBytes } from '../bytes.ts'
import { assert, ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { HASH_BYTES, type Hash, nodeHash } from './hash.ts'
import type { NodeReader } from './proofs.ts'

/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256
/** Levels of the tree from one row of tiles to the next. */
const TILE_HEIGHT = 8
/** A bundle gives the length of an entry in two bytes. */
export const LOG_ENTRY_BYTES_MAX: number = LIMITS.logEntryBytesMax

/** What a path below a log's address names. `width` is {@link TILE_WIDTH} for whole tiles and bundles. */
export type LogPath =
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'tile'; readonly level: number; readonly index: number; readonly width: number }
  | { readonly kind: 'entries'; readonly index: number; readonly width: number }

/**
 * The path of a tile, such as `tile/0/x001/234.p/5`.
 * @param level - of tiles: level 1 holds the roots of full tiles of level 0
 * @param width - hashes in it, 1..256
 * @see spec/clauses.md [LOG-4.1]
 */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${placePath(index, width)}`
}

/**
 * The path of a bundle of entries.
 * @see spec/clauses.md [LOG-4.1]
 */
export function entriesPath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${placePath(index, width)}`
}

function placePath(index: number, width: number): string {
  assert(Number.isSafeInteger(index) && index >= 0, 'a tile has a place')
  assert(Number.isInteger(width) && width >= 1 && width <= TILE_WIDTH, 'a tile has 1 to 256 hashes')
  let path = digits(index)
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    path = `x${digits(rest)}/${path}`
  return width === TILE_WIDTH ? path : `${path}.p/${width}`
}

function digits(index: number): string {
  return `${index % 1_000}`.padStart(3, '0')
}

/**
 * What a path names, or null when it names nothing of a log. Each thing has one path.
 * @param path - below the log's address, without a slash before it
 */
export function parseLogPath(path: string): LogPath | null {
  if (path === 'checkpoint') return { kind: 'checkpoint' }
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (match === null) return null
  const index = Number((match[2] ?? '').replaceAll(/[x/]/g, ''))
  const width = match[3] === undefined ? TILE_WIDTH : Number(match[3])
  if (!Number.isSafeInteger(index) || width < 1 || width > TILE_WIDTH) return null
  if (match[1] === 'entries') return entriesPath(index, width) === path ? { kind: 'entries', index, width } : null
  const level = Number(match[1])
  return level <= 63 && tilePath(level, index, width) === path ? { kind: 'tile', level, index, width } : null
}

/** How many hashes tile `index` of a level has in a tree of `size` entries; 0 when it has no such tile. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH
  return Math.max(0, Math.min(TILE_WIDTH, hashes))
}

/**
 * Reads the roots of full subtrees from tiles.
 * @param tile - gives a tile of a tree of `size` entries: `width` hashes of 32 bytes, end to end
 */
export function tileNodeReader(
  hash: Hash,
  tile: (level: number, index: number, width: number) => Uint8Array,
  size: number,
): NodeReader {
  return (level, index) => {
    const place = placeOf(level, index, size)
    const hashes = tile(place.level, place.index, place.width)
    if (hashes.length !== place.width * HASH_BYTES) {
      throw damaged(`a tile has ${hashes.length} bytes instead of ${place.width * HASH_BYTES}`)
    }
    return subtreeRoot(hash, hashes, place.at, place.count)
  }
}

/** A tile and how much of it there is. */
export interface TilePlace {
  readonly level: number
  readonly index: number
  readonly width: number
}

/**
 * The tiles of a tree of `size` entries that a proof is made of, so that they can be fetched before it is made.
 * @param prove - makes the proof with the reader that it is given; what comes of it is of no use yet
 */
export function tilesFor(size: number, prove: (read: NodeReader) => unknown): TilePlace[] {
  const places = new Map<string, TilePlace>()
  prove((level, index) => {
    const { level: tileLevel, index: tileIndex, width } = placeOf(level, index, size)
    places.set(`${tileLevel}/${tileIndex}`, { level: tileLevel, index: tileIndex, width })
    return new Uint8Array(HASH_BYTES)
  })
  return [...places.values()]
}

/** Where the root of a full subtree is made from: `count` hashes of a tile, the first of them at `at`. */
function placeOf(
  level: number,
  index: number,
  size: number,
): TilePlace & { readonly at: number; readonly count: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT)
  const count = 2 ** (level % TILE_HEIGHT)
  const first = index * count
  const tileIndex = Math.floor(first / TILE_WIDTH)
  const width = tileWidth(tileLevel, tileIndex, size)
  const at = first - tileIndex * TILE_WIDTH
  assert(at + count <= width, 'only full subtrees of the tree are read')
  return { level: tileLevel, index: tileIndex, width, at, count }
}

/**
 * The root of a full subtree over hashes of a tile.
 * @param at - the first of them
 * @param count - how many of them, a power of two
 */
export function subtreeRoot(hash: Hash, hashes: Uint8Array, at: number, count: number): Uint8Array {
  if (count === 1) return hashes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES)
  const half = count / 2
  return nodeHash(hash, subtreeRoot(hash, hashes, at, half), subtreeRoot(hash, hashes, at + half, half))
}

/**
 * A bundle: each entry behind its length in two bytes, big-endian.
 * @see spec/clauses.md [LOG-4.1]
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap(entry => {
      assert(entry.length <= LOG_ENTRY_BYTES_MAX, 'an entry fits a bundle')
      return [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]
    }),
  )
}

/**
 * The entries of a bundle, as views of it.
 * @param count - how many there must be
 * @throws {ProtocolError} `bad_proof` when there are more, fewer, or parts of one
 */
export function decodeBundle(bytes: Uint8Array, count: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const start = at + 2
    at = start + ((bytes[at] as number) << 8) + (bytes[at + 1] ?? 0)
    if (start > bytes.length || at > bytes.length) throw damaged('a bundle of entries ends inside one')
    entries.push(bytes.subarray(start, at))
  }
  if (entries.length !== count) throw damaged(`a bundle holds ${entries.length} entries instead of ${count}`)
  return entries
}

function damaged(reason: string): ProtocolError {
  return new ProtocolError({ code: 'bad_proof', reason }, `The log serves something damaged: ${reason}.`)
}

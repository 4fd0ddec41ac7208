/** Proofs about RFC 9162 trees, made of the roots of full subtrees and checked without them. */
import { equalBytes } from '../bytes.ts'
import { assert } from '../errors.ts'
import { badProof, emptyRoot, HASH_BYTES, type Hash, nodeHash, type TreeHead } from './hash.ts'

/** Gives the root of the full subtree of 2^level entries number `index`. */
export type NodeReader = (level: number, index: number) => Uint8Array

/** What an inclusion proof is about. */
export interface Inclusion {
  /** Place of the entry, from 0. */
  readonly index: number
  readonly size: number
  readonly root: Uint8Array
  /** The entry's leaf hash. */
  readonly leaf: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** What a consistency proof is about: that the first tree is the beginning of the second. */
export interface Consistency {
  readonly first: TreeHead
  readonly second: TreeHead
  readonly path: readonly Uint8Array[]
}

/** The root of the first `size` entries. */
export function treeRoot(hash: Hash, read: NodeReader, size: number): Uint8Array {
  return size === 0 ? emptyRoot(hash) : rangeRoot(hash, read, 0, size)
}

/**
 * The proof that entry `index` is in the tree of the first `size` entries (RFC 9162 §2.1.3.1).
 * @param index - below `size`
 */
export function inclusionPath(hash: Hash, read: NodeReader, index: number, size: number): Uint8Array[] {
  assert(index >= 0 && index < size, 'an inclusion proof is of an entry of the tree')
  const path: Uint8Array[] = []
  for (let from = 0, to = size; to - from > 1; ) {
    const middle = from + splitOf(to - from)
    if (index < middle) {
      path.push(rangeRoot(hash, read, middle, to))
      to = middle
    } else {
      path.push(rangeRoot(hash, read, from, middle))
      from = middle
    }
  }
  return path.reverse()
}

/**
 * The proof that the first `first` entries begin the tree of the first `second` (RFC 9162 §2.1.4.1).
 * @param first - at most `second`; the proof is empty for 0, which begins every tree, and when both are equal
 */
export function consistencyPath(hash: Hash, read: NodeReader, first: number, second: number): Uint8Array[] {
  assert(first >= 0 && first <= second, 'a consistency proof is from a tree to a later one')
  if (first === 0) return []
  const path: Uint8Array[] = []
  let [from, to] = [0, second]
  while (first < to) {
    const middle = from + splitOf(to - from)
    if (first <= middle) {
      path.push(rangeRoot(hash, read, middle, to))
      to = middle
    } else {
      path.push(rangeRoot(hash, read, from, middle))
      from = middle
    }
  }
  // What begins at 0 is the first tree itself, whose root the verifier has.
  if (from > 0) path.push(rangeRoot(hash, read, from, to))
  return path.reverse()
}

/**
 * States that an entry is in a tree (RFC 9162 §2.1.3.2).
 * @throws {ProtocolError} `bad_proof`
 * @see spec/clauses.md [LOG-2.2]
 */
export function verifyInclusion(hash: Hash, inclusion: Inclusion): void {
  if (equalBytes(rootOfInclusion(hash, inclusion), inclusion.root)) return
  throw badProof('it leads to another root, so the entry is not at this place of the tree')
}

/**
 * The root to which an inclusion proof leads; the entry is in the tree of that root.
 * @throws {ProtocolError} `bad_proof` when it cannot be a proof for a tree of that size
 */
export function rootOfInclusion(hash: Hash, { index, size, leaf, path }: Omit<Inclusion, 'root'>): Uint8Array {
  if (!isSize(size) || !isSize(index) || index >= size) throw badProof('its entry is not in a tree of that size')
  checkHashes([leaf, ...path])
  let [place, last, node] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) throw badProof('it has more hashes than the tree has levels')
    if (place % 2 === 1 || place === last) {
      node = nodeHash(hash, sibling, node)
      for (; place % 2 === 0 && place !== 0; last = half(last)) place = half(place)
    } else node = nodeHash(hash, node, sibling)
    place = half(place)
    last = half(last)
  }
  if (last !== 0) throw badProof('it has fewer hashes than the tree has levels')
  return node
}

/**
 * States that the first tree is the beginning of the second (RFC 9162 §2.1.4.2). A tree without entries begins every tree, so a
 * proof from it proves nothing and is refused.
 * @throws {ProtocolError} `bad_proof`
 * @see spec/clauses.md [LOG-2.3]
 */
export function verifyConsistency(hash: Hash, { first, second, path }: Consistency): void {
  if (!isSize(first.size) || !isSize(second.size) || first.size === 0 || first.size > second.size) {
    throw badProof('it is not from a tree with entries to one at least as large')
  }
  if (first.size === second.size) {
    if (path.length > 0) throw badProof('two trees of one size need no hashes')
    if (!equalBytes(first.root, second.root)) throw badProof('two trees of one size have different roots')
    return
  }
  checkHashes(path)
  let [place, last] = [first.size - 1, second.size - 1]
  for (; place % 2 === 1; last = half(last)) place = half(place)
  // A first tree that is a full subtree of the second begins the way up itself.
  const [begin, ...siblings] = place === 0 ? [first.root, ...path] : path
  if (begin === undefined) throw badProof('it has no hashes')
  checkHashes([begin])
  let [firstNode, secondNode] = [begin, begin]
  for (const sibling of siblings) {
    if (last === 0) throw badProof('it has more hashes than the tree has levels')
    if (place % 2 === 1 || place === last) {
      firstNode = nodeHash(hash, sibling, firstNode)
      secondNode = nodeHash(hash, sibling, secondNode)
      for (; place % 2 === 0 && place !== 0; last = half(last)) place = half(place)
    } else secondNode = nodeHash(hash, secondNode, sibling)
    place = half(place)
    last = half(last)
  }
  if (last !== 0) throw badProof('it has fewer hashes than the tree has levels')
  if (!equalBytes(firstNode, first.root)) throw badProof('it leads to another first root')
  if (!equalBytes(secondNode, second.root)) throw badProof('it leads to another second root')
}

/** The root over entries `from`..`to` (exclusive), where `from` is a multiple of the largest full subtree in between. */
function rangeRoot(hash: Hash, read: NodeReader, from: number, to: number): Uint8Array {
  const width = to - from
  const split = splitOf(width)
  if (width === 1) return read(0, from)
  if (split * 2 === width) return read(levelOf(width), from / width)
  return nodeHash(hash, rangeRoot(hash, read, from, from + split), rangeRoot(hash, read, from + split, to))
}

/** The largest power of two below `width`, or 1. */
function splitOf(width: number): number {
  let split = 1
  while (split * 2 < width) split *= 2
  return split
}

/** The n of a width of 2^n. */
function levelOf(width: number): number {
  let level = 0
  for (let power = 1; power < width; power *= 2) level += 1
  return level
}

function half(value: number): number {
  return Math.floor(value / 2)
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some(({ length }) => length !== HASH_BYTES)) throw badProof(`a hash does not have ${HASH_BYTES} bytes`)
}

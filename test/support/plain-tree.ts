/** The tree of RFC 9162 as its definition says it, with every hash computed anew: slow, and easy to see through. */
import { type Hash, leafHash, type NodeReader, nodeHash } from '../../protocol/merkle/index.ts'

/** MTH of §2.1.1 over leaf hashes. */
export function plainRoot(hash: Hash, leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) return hash(new Uint8Array())
  if (leaves.length === 1) return only
  const k = splitOf(leaves.length)
  return nodeHash(hash, plainRoot(hash, leaves.slice(0, k)), plainRoot(hash, leaves.slice(k)))
}

/** PATH of §2.1.3.1. */
export function plainPath(hash: Hash, m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return []
  const k = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return m < k
    ? [...plainPath(hash, m, left), plainRoot(hash, right)]
    : [...plainPath(hash, m - k, right), plainRoot(hash, left)]
}

/** PROOF and SUBPROOF of §2.1.4.1. */
export function plainProof(hash: Hash, m: number, leaves: readonly Uint8Array[], whole = true): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [plainRoot(hash, leaves)]
  const k = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return m <= k
    ? [...plainProof(hash, m, left, whole), plainRoot(hash, right)]
    : [...plainProof(hash, m - k, right, false), plainRoot(hash, left)]
}

/** Leaf hashes of so many different entries. */
export function leavesOf(hash: Hash, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => leafHash(hash, Uint8Array.of(i >> 8, i & 255)))
}

/** Reads full subtrees of leaves, each computed once. */
export function plainReader(hash: Hash, leaves: readonly Uint8Array[]): NodeReader {
  const known = new Map<string, Uint8Array>()
  const read: NodeReader = (level, index) => {
    const name = `${level}/${index}`
    const node = known.get(name) ?? make(level, index)
    known.set(name, node)
    return node
  }
  const make = (level: number, index: number): Uint8Array => {
    const leaf =
      level === 0 ? leaves[index] : nodeHash(hash, read(level - 1, index * 2), read(level - 1, index * 2 + 1))
    if (leaf === undefined) throw new Error(`There is no leaf ${index}.`)
    return leaf
  }
  return read
}

/** The largest power of two below n. */
function splitOf(n: number): number {
  return 2 ** Math.ceil(Math.log2(n) - 1)
}

/**
 * The tree over what every payee has had to get, as OpenZeppelin's `StandardMerkleTree` builds it for the types
 * `['uint256', 'address', 'address', 'uint256']`, so that wallets, auditors and the contract know it.
 */
import { assert, concatBytes } from '../../../protocol/index.ts'
import type { ChainTerms } from '../config.ts'
import { keccak256 } from './keccak.ts'
import { addressWord, uintWord } from './words.ts'

/** What one payee has had to get in all, in base units of the token. */
export interface TreeLeaf {
  /** `0x…` in lower case; each once. */
  readonly payee: string
  readonly cumulative: bigint
}

/** A root, and the proof of each leaf under it. */
export interface PayoutTree {
  readonly root: Uint8Array
  /** The siblings from the leaf up. */
  proof(payee: string): Uint8Array[]
}

/**
 * Builds the tree. In what order the leaves are given makes no difference.
 * @param leaves - at least one
 */
export function payoutTree(terms: Pick<ChainTerms, 'chainId' | 'contract'>, leaves: readonly TreeLeaf[]): PayoutTree {
  assert(leaves.length > 0, 'a tree has a leaf')
  const hashed = leaves.map(leaf => ({ payee: leaf.payee, hash: leafHash(terms, leaf) }))
  hashed.sort((a, b) => compare(a.hash, b.hash))
  // Node i has the children 2i+1 and 2i+2; the leaves stand at the end, the first of them last.
  const nodes: Uint8Array[] = new Array(2 * leaves.length - 1)
  const places = new Map<string, number>()
  hashed.forEach(({ payee, hash }, i) => {
    nodes[nodes.length - 1 - i] = hash
    places.set(payee, nodes.length - 1 - i)
  })
  assert(places.size === leaves.length, 'a payee has one leaf, or one of two would hide the other')
  for (let i = leaves.length - 2; i >= 0; i--) nodes[i] = pairHash(at(nodes, 2 * i + 1), at(nodes, 2 * i + 2))
  return {
    root: at(nodes, 0),
    proof(payee) {
      const siblings: Uint8Array[] = []
      const place = places.get(payee)
      assert(place !== undefined, 'proofs are of payees in the tree')
      for (let i = place; i > 0; i = (i - 1) >> 1) siblings.push(at(nodes, i % 2 === 0 ? i - 1 : i + 1))
      return siblings
    },
  }
}

/** Hashed twice, so that no 64 bytes of a leaf pass for a pair of nodes. */
function leafHash({ chainId, contract }: Pick<ChainTerms, 'chainId' | 'contract'>, { payee, cumulative }: TreeLeaf) {
  const words = concatBytes(uintWord(chainId), addressWord(contract), addressWord(payee), uintWord(cumulative))
  return keccak256(keccak256(words))
}

/** The smaller one first, so that a proof need not say which side a sibling is on. */
function pairHash(a: Uint8Array, b: Uint8Array): Uint8Array {
  return keccak256(compare(a, b) < 0 ? concatBytes(a, b) : concatBytes(b, a))
}

/** Order of two hashes as numbers. */
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function at(nodes: readonly Uint8Array[], index: number): Uint8Array {
  const node = nodes[index]
  assert(node !== undefined, 'a tree has all its nodes')
  return node
}

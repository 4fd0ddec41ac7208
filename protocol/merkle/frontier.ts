/** The right edge of a growing tree: all that is needed to append to it and to know its root. */
import { assert } from '../errors.ts'
import { emptyRoot, type Hash, nodeHash } from './hash.ts'

/**
 * An append-only tree that keeps only the roots of its full subtrees, at most 53 of them. Appending costs two hashes on average.
 * @see spec/clauses.md [LOG-1.1] [LOG-2.1]
 */
export class Frontier {
  readonly #hash: Hash
  readonly #peaks: Uint8Array[]
  #size: number

  /**
   * @param size - entries in the tree so far
   * @param peaks - the roots of its full subtrees, the largest first: one for each bit of the size that is set
   */
  constructor(hash: Hash, size = 0, peaks: readonly Uint8Array[] = []) {
    assert(Number.isSafeInteger(size) && size >= 0, 'a tree has a whole number of entries')
    assert(peaks.length === onesOf(size), 'a tree has one full subtree for each bit of its size')
    this.#hash = hash
    this.#size = size
    this.#peaks = [...peaks]
  }

  get size(): number {
    return this.#size
  }

  /** Roots of the full subtrees, the largest first. */
  get peaks(): readonly Uint8Array[] {
    return this.#peaks
  }

  /** Adds the next entry by its leaf hash. */
  append(leaf: Uint8Array): void {
    let node = leaf
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#peaks.pop()
      assert(left !== undefined, 'every bit of the size has its subtree')
      node = nodeHash(this.#hash, left, node)
    }
    this.#peaks.push(node)
    this.#size += 1
  }

  /** The root of the tree as it is; costs a hash for each full subtree but one. */
  root(): Uint8Array {
    let root = this.#peaks.at(-1)
    if (root === undefined) return emptyRoot(this.#hash)
    for (let i = this.#peaks.length - 2; i >= 0; i--) root = nodeHash(this.#hash, this.#peaks[i] as Uint8Array, root)
    return root
  }
}

function onesOf(size: number): number {
  let ones = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}

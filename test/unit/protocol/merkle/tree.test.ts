/** Trees of all sizes up to 300, against the definitions of RFC 9162. */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../../protocol/bytes.ts'
import {
  consistencyPath,
  Frontier,
  inclusionPath,
  leafHash,
  nodeHash,
  portableSha256,
  tileNodeReader,
  tileWidth,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../../../protocol/merkle/index.ts'
import { nodeSha256 as hash } from '../../../../protocol/node/index.ts'
import { leavesOf, plainPath, plainProof, plainReader, plainRoot } from '../../../support/plain-tree.ts'

const SIZE_MAX = 300
const leaves = leavesOf(hash, SIZE_MAX)
const read = plainReader(hash, leaves)
const roots = Array.from({ length: SIZE_MAX + 1 }, (_, size) => plainRoot(hash, leaves.slice(0, size)))
const head = (size: number) => ({ size, root: roots[size] ?? new Uint8Array() })
const leafOf = (index: number) => leaves[index] ?? new Uint8Array()
const hexes = (path: readonly Uint8Array[]) => path.map(toHex)
const badProof = expect.objectContaining({ code: 'bad_proof' })

describe('the hashes', () => {
  it('are those of RFC 9162, alike from both machines [LOG-2.1]', () => {
    expect(toHex(roots[0] ?? new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    // RFC 6962's own test data (certificate-transparency, merkletree tests): the empty leaf, and a node of two of them.
    const empty = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
    for (const each of [hash, portableSha256]) {
      expect(toHex(leafHash(each, new Uint8Array()))).toBe(empty)
      expect(toHex(nodeHash(each, fromHex(empty), fromHex(empty)))).toBe(toHex(each(fromHex(`01${empty}${empty}`))))
    }
  })
})

describe('a frontier', () => {
  it('has the root of every size, started anew or not [LOG-1.1] [LOG-2.1]', () => {
    let frontier = new Frontier(hash)
    for (let size = 0; size <= SIZE_MAX; size++) {
      expect([frontier.size, toHex(frontier.root())]).toEqual([size, toHex(head(size).root)])
      if (size % 7 === 0) frontier = new Frontier(hash, frontier.size, frontier.peaks)
      frontier.append(leafOf(size))
    }
  })

  it('has its peaks from the largest to the smallest', () => {
    const frontier = new Frontier(hash)
    for (const leaf of leaves.slice(0, 7)) frontier.append(leaf)
    expect(hexes(frontier.peaks)).toEqual(hexes([read(2, 0), read(1, 2), read(0, 6)]))
  })

  it('does not begin with peaks of another size', () => {
    expect(() => new Frontier(hash, 3, [leafOf(0)])).toThrow('one full subtree for each bit')
    expect(() => new Frontier(hash, 0.5)).toThrow('whole number')
  })
})

describe('a proof of inclusion', () => {
  it('of every entry of every tree is the one of the definition, and is accepted [LOG-2.2]', () => {
    for (let size = 1; size <= SIZE_MAX; size++) {
      const { root } = head(size)
      expect(toHex(treeRoot(hash, read, size))).toBe(toHex(root))
      for (let index = 0; index < size; index++) {
        const path = inclusionPath(hash, read, index, size)
        // The definition itself costs a whole tree each time.
        if (size <= 40) expect(hexes(path)).toEqual(hexes(plainPath(hash, index, leaves.slice(0, size))))
        verifyInclusion(hash, { index, size, root, leaf: leafOf(index), path })
      }
    }
  })

  it('is refused for another entry, place, size or root, and when a hash is missing, added or changed [LOG-2.2]', () => {
    for (const [index, size] of [
      [0, 1],
      [0, 2],
      [5, 8],
      [6, 7],
      [12, 13],
      [255, 300],
    ] as const) {
      const path = inclusionPath(hash, read, index, size)
      const good = { index, size, root: head(size).root, leaf: leafOf(index), path }
      const wrong = [
        { ...good, leaf: leafOf(index + 1) },
        { ...good, root: leafHash(hash, good.root) },
        { ...good, index: index ^ 1 },
        { ...good, index: size },
        { ...good, index: -1 },
        { ...good, index: index + 0.5 },
        { ...good, size: size * 2 },
        { ...good, size: 2 ** 53 },
        { ...good, path: path.slice(1) },
        { ...good, path: [...path, good.root] },
        { ...good, path: path.map((node, i) => (i === 0 ? leafHash(hash, node) : node)) },
        { ...good, path: path.map((node, i) => (i === 0 ? node.subarray(1) : node)) },
        { ...good, leaf: good.leaf.subarray(1) },
      ].filter(({ path: other }, i) => path.length > 0 || (i !== 8 && i !== 10 && i !== 11) || other.length > 0)
      for (const proof of wrong) expect(() => verifyInclusion(hash, proof)).toThrow(badProof)
    }
  })

  it('is not made of an entry outside the tree', () => {
    expect(() => inclusionPath(hash, read, 5, 5)).toThrow('an entry of the tree')
  })
})

describe('a proof of consistency', () => {
  it('between any two trees is the one of the definition, and is accepted [LOG-2.3]', () => {
    for (let second = 1; second <= SIZE_MAX; second++) {
      for (let first = 1; first <= second; first++) {
        const path = consistencyPath(hash, read, first, second)
        if (second <= 40) expect(hexes(path)).toEqual(hexes(plainProof(hash, first, leaves.slice(0, second))))
        verifyConsistency(hash, { first: head(first), second: head(second), path })
      }
    }
  })

  it('is refused for other roots and sizes, and when a hash is missing, added or changed [LOG-2.3]', () => {
    for (const [one, two] of [
      [1, 2],
      [3, 7],
      [4, 7],
      [6, 8],
      [8, 8],
      [100, 300],
      [256, 300],
    ] as const) {
      const path = consistencyPath(hash, read, one, two)
      const good = { first: head(one), second: head(two), path }
      const wrong = [
        { ...good, first: { ...head(one), root: leafOf(0).map(byte => byte ^ 1) } },
        { ...good, second: { ...head(two), root: leafOf(0).map(byte => byte ^ 1) } },
        { ...good, first: head(two + 1), second: head(two) },
        { ...good, first: head(0) },
        { ...good, path: [...path, leafOf(0)] },
        { ...good, first: head(one), second: head(two * 2 <= SIZE_MAX ? two * 2 : 299) },
        ...(path.length === 0
          ? []
          : [
              { ...good, path: path.slice(1) },
              { ...good, path: [] },
              { ...good, path: path.map((node, i) => (i === 0 ? leafHash(hash, node) : node)) },
              { ...good, path: path.map((node, i) => (i === 0 ? node.subarray(1) : node)) },
            ]),
      ]
      for (const proof of wrong) expect(() => verifyConsistency(hash, proof)).toThrow(badProof)
    }
  })

  it('from a tree without entries is empty, and proves nothing [LOG-2.3]', () => {
    expect(consistencyPath(hash, read, 0, 9)).toEqual([])
    expect(() => verifyConsistency(hash, { first: head(0), second: head(9), path: [] })).toThrow(badProof)
    expect(() => consistencyPath(hash, read, 9, 8)).toThrow('to a later one')
  })
})

describe('tiles', () => {
  it('give the same proofs as the whole tree [LOG-2.2] [LOG-2.3] [LOG-4.1]', () => {
    for (const size of [1, 2, 3, 255, 256, 257, 300]) {
      const tile = (level: number, index: number, width: number) => {
        expect(width).toBe(tileWidth(level, index, size))
        const nodes = Array.from({ length: width }, (_, i) => read(level * 8, index * 256 + i))
        return new Uint8Array(Buffer.concat(nodes))
      }
      const tiled = tileNodeReader(hash, tile, size)
      expect(toHex(treeRoot(hash, tiled, size))).toBe(toHex(head(size).root))
      for (const index of [0, size >> 1, size - 1]) {
        expect(hexes(inclusionPath(hash, tiled, index, size))).toEqual(hexes(inclusionPath(hash, read, index, size)))
        const first = index + 1
        expect(hexes(consistencyPath(hash, tiled, first, size))).toEqual(
          hexes(consistencyPath(hash, read, first, size)),
        )
      }
    }
  })
})

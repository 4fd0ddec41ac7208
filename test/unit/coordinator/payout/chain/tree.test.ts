import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payoutTree } from '../../../../../coordinator/payout/chain/index.ts'
import { toHex } from '../../../../../protocol/index.ts'

const TYPES = ['uint256', 'address', 'address', 'uint256']
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytes => `0x${toHex(bytes)}`)
const leaf = fc.record({ payee: address, cumulative: fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 2n ** 256n - 1n)) })
const leaves = fc.uniqueArray(leaf, { minLength: 1, maxLength: 40, selector: ({ payee }) => payee })
const hex = (bytes: Uint8Array) => `0x${toHex(bytes)}`

test("a tree has the root and the proofs of OpenZeppelin's, whatever the order of its leaves [PAY-8.1]", () => {
  fc.assert(
    fc.property(leaves, fc.integer({ min: 1, max: 2 ** 32 }), address, (made, chainId, contract) => {
      const values = made.map(({ payee, cumulative }) => [`${chainId}`, contract, payee, `${cumulative}`])
      const expected = StandardMerkleTree.of(values, TYPES)
      const tree = payoutTree({ chainId, contract }, made)
      expect(hex(tree.root)).toBe(expected.root)
      made.forEach(({ payee }, i) => {
        expect(tree.proof(payee).map(hex)).toEqual(expected.getProof(i))
      })
      expect(hex(payoutTree({ chainId, contract }, [...made].reverse()).root)).toBe(expected.root)
    }),
    { numRuns: 200 },
  )
})

test('a payee has one leaf', () => {
  const twice = { payee: `0x${'1'.repeat(40)}`, cumulative: 1n }
  const terms = { chainId: 1, contract: `0x${'2'.repeat(40)}` }
  expect(() => payoutTree(terms, [twice, { ...twice, cumulative: 2n }])).toThrow('one leaf')
  expect(() => payoutTree(terms, [])).toThrow('a leaf')
})

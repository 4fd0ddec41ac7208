import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes, fromHex } from '../../../../protocol/bytes.ts'
import {
  byteStringBytes,
  encode,
  encodeSequence,
  iterateSequence,
  writeByteString,
} from '../../../../protocol/cbor/index.ts'

test.each([0, 1, 23, 24, 255, 256, 65_535, 65_536, 200_000])(
  'a byte string of %i bytes is written as encode writes it',
  length => {
    const bytes = new Uint8Array(length).fill(7)
    const target = new Uint8Array(byteStringBytes(length) + 2)
    expect(writeByteString(target, 1, bytes)).toBe(target.length - 1)
    expect(target.subarray(1, -1)).toEqual(encode(bytes))
    expect([target[0], target.at(-1)]).toEqual([0, 0])
  },
)

test('a sequence is its items, end to end', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), items => {
      const sequence = encodeSequence(items)
      expect(sequence).toEqual(concatBytes(...items.map(item => encode(item))))
      expect(iterateSequence(sequence)).toEqual(items)
    }),
  )
})

test('the empty sequence has no items', () => {
  expect(encodeSequence([])).toEqual(new Uint8Array(0))
  expect(iterateSequence(new Uint8Array(0))).toEqual([])
})

test.each([
  ['4101 01', 'value', 2],
  ['4101 6161', 'value', 2],
  ['4101 4200', 'truncated', 3],
  ['5801 01', 'non_minimal', 0],
  ['5f4101ff', 'indefinite', 0],
])('refuses %s', (hex, reason, offset) => {
  const bytes = fromHex(hex.replaceAll(' ', ''))
  expect(() => iterateSequence(bytes)).toThrow(expect.objectContaining({ info: { code: 'bad_cbor', reason, offset } }))
})

test('refuses more items than it is told to take', () => {
  expect(() => iterateSequence(fromHex('404040'), 2)).toThrow('too many items')
})

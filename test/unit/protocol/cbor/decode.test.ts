import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../../../protocol/bytes.ts'
import { type CborValue, decode, encode } from '../../../../protocol/cbor/index.ts'

test.each<[string, CborValue]>([
  ['1a00010000', 65_536],
  ['1b0000000100000000', 2 ** 32],
  ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['1b0020000000000000', 2n ** 53n],
  ['1bffffffffffffffff', 2n ** 64n - 1n],
  ['3affffffff', -(2 ** 32)],
  ['3b0000000100000000', -(2 ** 32) - 1],
  ['3b001ffffffffffffe', Number.MIN_SAFE_INTEGER],
  ['3b001fffffffffffff', -(2n ** 53n)],
  ['3bffffffffffffffff', -(2n ** 64n)],
  ['821b0000000100000000f6', [2 ** 32, null]],
  ['a11b00000001000000001b0020000000000000', new Map([[2 ** 32, 2n ** 53n]])],
  ['a1695f5f70726f746f5f5f00', new Map([['__proto__', 0]])],
  ['6461efbbbf', 'a\ufeff'],
  ['83f4f5f6', [false, true, null]],
])('%s', (hex, value) => {
  expect(decode(fromHex(hex))).toEqual(value)
})

test('byte strings are plain views of the input, also of a Buffer', () => {
  const input = Buffer.from(encode([Uint8Array.of(1, 2, 3)]))
  const [bytes] = decode(input) as Uint8Array[]
  expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  expect(bytes?.buffer).toBe(input.buffer)
  expect(toHex(bytes ?? new Uint8Array())).toBe('010203')
})

test('the input gets no property and is not changed', () => {
  const input = encode([1, 'text', new Uint8Array(4)])
  const copy = Uint8Array.from(input)
  decode(input)
  expect(Object.keys(input)).toEqual(Object.keys(copy))
  expect(input).toEqual(copy)
})

test('a view into a larger buffer is read by its own bounds', () => {
  expect(decode(fromHex('ffff820102ff').subarray(2, 5))).toEqual([1, 2])
})

test('texts of every length around the decoder’s short paths', () => {
  for (let length = 0; length < 200; length++) {
    for (const text of ['x'.repeat(length), 'é'.repeat(length), `${'x'.repeat(length)}水`]) {
      expect(decode(encode([text, text]))).toEqual([text, text])
    }
  }
})

test('whatever skim refuses never reaches the decoder, and the bounds are passed on', () => {
  expect(() => decode(fromHex('c24101'))).toThrow('tags are not allowed')
  expect(() => decode(fromHex('d9dfff8318698161610a'))).toThrow('tags are not allowed')
  expect(() => decode(fromHex('8101'), { maxDepth: 0 })).toThrow('nested too deeply')
})

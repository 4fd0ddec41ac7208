import { describe, expect, test } from 'vitest'
import { toHex } from '../../../../protocol/bytes.ts'
import { type CborValue, encode, skim } from '../../../../protocol/cbor/index.ts'
import { LIMITS } from '../../../../protocol/limits.ts'

test.each<[CborValue, string]>([
  [0, '00'],
  [-0, '00'],
  [23, '17'],
  [24, '1818'],
  [256, '190100'],
  [65_536, '1a00010000'],
  [2 ** 32, '1b0000000100000000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
  [-1, '20'],
  [-25, '3818'],
  [-(2 ** 32), '3affffffff'],
  [-(2 ** 32) - 1, '3b0000000100000000'],
  [5n, '05'],
  [-500n, '3901f3'],
  [2n ** 64n - 1n, '1bffffffffffffffff'],
  [-(2n ** 64n), '3bffffffffffffffff'],
  ['', '60'],
  ['ü水𐅑', '69c3bce6b0b4f0908591'],
  [Uint8Array.of(1, 2), '420102'],
  [Buffer.from([1, 2]), '420102'],
  [true, 'f5'],
  [false, 'f4'],
  [null, 'f6'],
  [[], '80'],
  [[1, [2, [3]]], '82018202' + '8103'],
  [new Map(), 'a0'],
])('%o', (value, hex) => {
  expect(toHex(encode(value))).toBe(hex)
})

test('map keys are written in bytewise order of their encodings, whatever the order of insertion', () => {
  const map = new Map<number | string, CborValue>([
    ['aa', 1],
    [-1, 2],
    ['b', 3],
    [100, 4],
    [-2, 5],
    [1, 6],
    [10, 7],
    ['', 8],
  ])
  expect(toHex(encode(map))).toBe('a801060a0718640420022105600861620362616101')
})

test('what it returns is its own memory, exactly as long as the encoding', () => {
  const bytes = encode([1, 'a'])
  expect(bytes.buffer.byteLength).toBe(bytes.length)
  expect(encode([2, 'b'])).not.toEqual(bytes)
  expect(toHex(bytes)).toBe('82016161')
})

describe('refuses', () => {
  const nested = (depth: number): CborValue => (depth === 0 ? 0 : [nested(depth - 1)])
  const cyclic: unknown[] = []
  cyclic.push(cyclic)

  test.each<[string, unknown, string, number]>([
    ['a fraction', 1.5, 'float', 0],
    ['NaN', Number.NaN, 'float', 0],
    ['an infinity', Number.POSITIVE_INFINITY, 'float', 0],
    ['an unsafe integer', 2 ** 53, 'value', 0],
    ['a bigint of 65 bits', 2n ** 64n, 'value', 0],
    ['a negative bigint of 65 bits', -(2n ** 64n) - 1n, 'value', 0],
    ['undefined', [1, undefined], 'value', 2],
    ['a hole', new Array(2), 'value', 1],
    ['an object', { a: 1 }, 'value', 0],
    ['a date', new Date(0), 'value', 0],
    ['another typed array', new Uint16Array(2), 'value', 0],
    ['a function', () => 0, 'value', 0],
    ['a lone surrogate', ['\ud800'], 'utf8', 1],
    ['a byte order mark', '\ufeffa', 'byte_order_mark', 0],
    ['a byte string as key', new Map([[Uint8Array.of(1), 1]]), 'key_type', 1],
    ['a fraction as key', new Map([[0.5, 1]]), 'float', 1],
    [
      'one key as number and as bigint',
      new Map<number | bigint, number>([
        [1, 1],
        [1n, 2],
      ]),
      'duplicate_key',
      3,
    ],
    ['nesting that skim refuses', nested(LIMITS.cborDepthMax + 1), 'depth', 8],
    ['a cycle', cyclic, 'depth', 8],
    ['more items than skim allows', new Array(LIMITS.cborItemsMax).fill(0), 'items', 262_149],
  ])('%s', (_what, value, reason, offset) => {
    expect(() => encode(value as CborValue)).toThrow(
      expect.objectContaining({ name: 'ProtocolError', info: { code: 'bad_cbor', reason, offset } }),
    )
  })

  test('and the next encoding is not harmed', () => {
    expect(() => encode([1, [undefined]] as unknown as CborValue)).toThrow()
    expect(toHex(encode([1]))).toBe('8101')
  })
})

test('the deepest and the longest that it writes pass skim', () => {
  const deep = Array.from({ length: LIMITS.cborDepthMax }).reduce<CborValue>(inner => [inner], 0)
  expect(() => skim(encode(deep))).not.toThrow()
  expect(() => skim(encode(new Array(LIMITS.cborItemsMax - 1).fill(0)))).not.toThrow()
})

import { describe, expect, test } from 'vitest'
import { fromHex } from '../../../../protocol/bytes.ts'
import { type CborBounds, type CborFault, skim } from '../../../../protocol/cbor/index.ts'
import { LIMITS } from '../../../../protocol/limits.ts'

const refuses = (hex: string, reason: CborFault, offset: number, bounds?: CborBounds) =>
  expect(() => skim(fromHex(hex.replaceAll(' ', '')), bounds)).toThrow(
    expect.objectContaining({ name: 'ProtocolError', info: { code: 'bad_cbor', reason, offset } }),
  )

describe('accepts', () => {
  test.each([
    [
      'the smallest and largest of each integer width',
      '90 00 17 1818 18ff 190100 19ffff 1a00010000 1affffffff 1b0000000100000000 1bffffffffffffffff 20 37 3818 390100 3a00010000 3bffffffffffffffff',
    ],
    ['strings', '83 40 4401020304 6449455446'],
    ['UTF-8 of every length', '84 62c280 63e0a080 63efbfbf 64f48fbfbf'],
    ['U+FEFF that does not begin a text', '6461efbbbf'],
    ['the three simple values', '83 f4 f5 f6'],
    ['maps with ascending keys of integers and texts', 'a6 00f6 1818f6 20f6 3818f6 6162f6 626161f6'],
    ['depth 8', '8181818181818180'],
    ['empty containers', '82 80 a0'],
  ])('%s', (_what, hex) => {
    expect(() => skim(fromHex(hex.replaceAll(' ', '')))).not.toThrow()
  })
})

describe('refuses', () => {
  test.each<[string, string, CborFault, number]>([
    ['nothing', '', 'truncated', 0],
    ['a head without its argument', '1901', 'truncated', 0],
    ['a string beyond the input', '44010203', 'truncated', 1],
    ['an announced array of 4 billion', '9affffffff00', 'truncated', 0],
    ['an announced map of 2^64-1', 'bbffffffffffffffff', 'truncated', 0],
    ['an announced string of 2^64-1', '5bffffffffffffffff', 'truncated', 9],
    ['an array that ends early', '830102', 'truncated', 0],
    ['an inner item that ends early', '828100', 'truncated', 3],
    ['a map without its last value', 'a100', 'truncated', 0],
    ['two items', '0000', 'trailing', 1],
    ['a reserved head', '811c', 'reserved', 1],
    ['a reserved simple', 'fc', 'reserved', 0],
    ['an indefinite string', '5f4101ff', 'indefinite', 0],
    ['an indefinite array', '9fff', 'indefinite', 0],
    ['an indefinite map', 'bfff', 'indefinite', 0],
    ['a lone break', 'ff', 'indefinite', 0],
    ['a tag', 'c000', 'tag', 0],
    ['a bignum', 'c24101', 'tag', 0],
    ['a half float', 'f93c00', 'float', 0],
    ['a float', 'fa47c35000', 'float', 0],
    ['a NaN', 'fb7ff8000000000000', 'float', 0],
    ['undefined', 'f7', 'simple', 0],
    ['simple(16)', 'f0', 'simple', 0],
    ['simple(255)', 'f8ff', 'simple', 0],
    ['a two-byte 0', '1800', 'non_minimal', 0],
    ['a two-byte 23', '1817', 'non_minimal', 0],
    ['a three-byte 255', '1900ff', 'non_minimal', 0],
    ['a five-byte 65535', '1a0000ffff', 'non_minimal', 0],
    ['a nine-byte 2^32-1', '1b00000000ffffffff', 'non_minimal', 0],
    ['a two-byte -1', '3800', 'non_minimal', 0],
    ['a string length too long', '580101', 'non_minimal', 0],
    ['an array length too long', '980100', 'non_minimal', 0],
    ['depth 9', '818181818181818180', 'depth', 8],
    ['overlong UTF-8 of 2', '62c0ae', 'utf8', 1],
    ['overlong UTF-8 of 3', '63e09f80', 'utf8', 1],
    ['overlong UTF-8 of 4', '64f08f8080', 'utf8', 1],
    ['a surrogate', '63eda080', 'utf8', 1],
    ['beyond U+10FFFF', '64f4908080', 'utf8', 1],
    ['a continuation byte alone', '6180', 'utf8', 1],
    ['a character that ends early', '6261c3', 'utf8', 2],
    ['a character that continues wrongly', '64f09f9861', 'utf8', 1],
    ['byte 0xff in a text', '61ff', 'utf8', 1],
    ['a byte order mark', '63efbbbf', 'byte_order_mark', 1],
    ['keys out of order', 'a2 02f6 01f6', 'key_order', 3],
    ['a longer text before a shorter', 'a2 626161f6 6162f6', 'key_order', 5],
    ['a repeated integer key', 'a2 01f6 01f6', 'duplicate_key', 3],
    ['a repeated text key', 'a2 6161f6 6161f6', 'duplicate_key', 4],
    ['a byte string as key', 'a1 4101 f6', 'key_type', 1],
    ['an array as key', 'a1 80 f6', 'key_type', 1],
    ['null as key', 'a1 f6 f6', 'key_type', 1],
  ])('%s', (_what, hex, reason, offset) => {
    refuses(hex, reason, offset)
  })

  test('what goes beyond the bounds it is given', () => {
    refuses('8101', 'depth', 0, { maxDepth: 0 })
    expect(() => skim(fromHex('01'), { maxDepth: 0 })).not.toThrow()
    refuses('820101', 'items', 0, { maxItems: 2 })
    expect(() => skim(fromHex('820101'), { maxItems: 3 })).not.toThrow()
    refuses('8281018101', 'items', 3, { maxItems: 4 })
    refuses('820101', 'size', 0, { maxBytes: 2 })
    expect(() => skim(fromHex('820101'), { maxBytes: 3 })).not.toThrow()
  })

  test('one item more than the protocol allows', () => {
    const array = (count: number) => {
      const bytes = new Uint8Array(5 + count)
      bytes[0] = 0x9a
      new DataView(bytes.buffer).setUint32(1, count)
      return bytes
    }
    expect(() => skim(array(LIMITS.cborItemsMax - 1))).not.toThrow()
    expect(() => skim(array(LIMITS.cborItemsMax))).toThrow('too many items')
  })

  test('a megabyte of nested arrays and of bignum, without touching more than their first bytes', () => {
    refuses('81'.repeat(1 << 20), 'depth', LIMITS.cborDepthMax)
    refuses(`c25a000fffff${'ff'.repeat(0xfffff)}`, 'tag', 0)
  })
})

test('a view into a larger buffer is read by its own bounds', () => {
  const bytes = fromHex('ff820102ff')
  expect(() => skim(bytes.subarray(1, 4))).not.toThrow()
  expect(() => skim(bytes.subarray(1, 3))).toThrow('ends inside')
})

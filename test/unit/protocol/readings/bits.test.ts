import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../../protocol/bytes.ts'
import { BitReader, BitWriter, bitLength } from '../../../../protocol/readings/bits.ts'

const wide = fc.oneof(fc.nat(70_000), fc.integer({ min: 0, max: 2 ** 50 }))

type Item = { kind: 'bits' | 'gamma' | 'number' | 'zeros'; value: number; width: number }
const items: fc.Arbitrary<Item[]> = fc.array(
  fc.oneof(
    fc
      .integer({ min: 0, max: 53 })
      .chain(width =>
        fc.integer({ min: 0, max: Math.max(0, 2 ** width - 1) }).map((value): Item => ({ kind: 'bits', value, width })),
      ),
    fc.integer({ min: 1, max: 4_096 }).map((value): Item => ({ kind: 'gamma', value, width: 0 })),
    wide.map((value): Item => ({ kind: 'number', value, width: 0 })),
    fc.nat(19).map((value): Item => ({ kind: 'zeros', value, width: 0 })),
  ),
  { maxLength: 200 },
)

test('whatever was written is read, in the order it was written', () => {
  fc.assert(
    fc.property(items, list => {
      const writer = new BitWriter()
      for (const { kind, value, width } of list) {
        if (kind === 'bits') writer.bits(value, width)
        else if (kind === 'zeros') writer.zerosAndOne(value)
        else writer[kind](value)
      }
      const reader = new BitReader(writer.finish())
      for (const { kind, value, width } of list) {
        if (kind === 'bits') expect(reader.bits(width)).toBe(value)
        else if (kind === 'zeros') expect(reader.zeros(20)).toBe(value)
        else expect(reader[kind](2 ** 50)).toBe(value)
      }
      reader.finish()
    }),
  )
})

describe('one byte form', () => {
  test('bits stand highest first, and zeros fill the last byte [READ-3.8]', () => {
    const writer = new BitWriter()
    writer.bits(0b101, 3)
    writer.bits(0x1_2345_6789, 36)
    expect(toHex(writer.finish())).toBe('a2468acf12')
  })

  test('gamma codes and numbers are as short as they are said to be [READ-3.2] [READ-3.3]', () => {
    const hexOf = (write: (bits: BitWriter) => void) => {
      const bits = new BitWriter()
      write(bits)
      return toHex(bits.finish())
    }
    expect(hexOf(bits => bits.gamma(1))).toBe('80')
    expect(hexOf(bits => bits.gamma(5))).toBe('28')
    expect(hexOf(bits => bits.number(0))).toBe('00')
    expect(hexOf(bits => bits.number(4))).toBe('09')
  })

  test('the length of a number is that of its binary digits', () => {
    expect([0, 1, 2, 255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 50].map(bitLength)).toEqual([0, 1, 2, 8, 9, 32, 33, 51])
  })
})

describe('hostile bytes', () => {
  const all = (byte: number) => new BitReader(new Uint8Array(4).fill(byte))

  test('the end is the end', () => {
    expect(() => new BitReader(new Uint8Array()).bits(1)).toThrow('its columns must not end inside a column')
    expect(() => all(0).bits(33)).toThrow('must not end')
    expect(() => all(0).number(10)).not.toThrow()
    expect(() => new BitReader(Uint8Array.of(0xff)).number(2 ** 50)).toThrow('must not hold a number above')
    expect(() => new BitReader(Uint8Array.of(0x00)).zeros(20)).toThrow('must not end')
    expect(() => new BitReader(Uint8Array.of(0x01)).gamma(4_096)).toThrow('must not end')
  })

  test('runs and numbers have their bounds', () => {
    expect(() => all(0).gamma(4_096)).toThrow('must not hold a run of more than 4096 readings')
    expect(() => new BitReader(Uint8Array.of(0x28)).gamma(4)).toThrow('must not hold a run of more than 4 readings')
    expect(() => new BitReader(Uint8Array.of(0x09)).number(3)).toThrow('must not hold a number above 3')
  })

  test('nothing but zero bits may be left, and less than a byte of them [READ-3.8]', () => {
    const leaving =
      (count: number, ...bytes: number[]) =>
      () => {
        const reader = new BitReader(Uint8Array.from(bytes))
        reader.bits(count)
        reader.finish()
      }
    expect(leaving(3, 0xe0)).not.toThrow()
    expect(leaving(8, 0xe0)).not.toThrow()
    expect(leaving(3, 0xe1)).toThrow('must be filled up with zero bits')
    expect(leaving(3, 0xe0, 0)).toThrow('must end with the last column')
    expect(leaving(8, 0xe0, 0)).toThrow('must end with the last column')
  })
})

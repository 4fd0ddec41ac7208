import type { NumericRow } from './numeric.ts'
import { Trap } from './values.ts'

const u32 = (a: number): number => a >>> 0
const s64 = (a: bigint): bigint => BigInt.asIntN(64, a)
const u64 = (a: bigint): bigint => BigInt.asUintN(64, a)
const bit = (condition: boolean): number => (condition ? 1 : 0)

const I32_MIN = -0x8000_0000
const I64_MIN = -0x8000_0000_0000_0000n

function divide32(a: number, b: number): number {
  if (b === 0) throw new Trap('divide_by_zero')
  if (a === I32_MIN && b === -1) throw new Trap('integer_overflow')
  return (a / b) | 0
}

function divide64(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Trap('divide_by_zero')
  if (a === I64_MIN && b === -1n) throw new Trap('integer_overflow')
  return a / b
}

function nonZero<T extends number | bigint>(b: T): T {
  if (Number(b) === 0) throw new Trap('divide_by_zero')
  return b
}

const binary = (a: bigint): string => u64(a).toString(2).padStart(64, '0')
const ones = (digits: string): number => [...digits].filter(digit => digit === '1').length

function leadingZeros(a: bigint): bigint {
  const first = binary(a).indexOf('1')
  return BigInt(first < 0 ? 64 : first)
}

function trailingZeros(a: bigint): bigint {
  const last = binary(a).lastIndexOf('1')
  return BigInt(last < 0 ? 64 : 63 - last)
}

function trailingZeros32(a: number): number {
  return a === 0 ? 32 : 31 - Math.clz32(a & -a)
}

const rotate32 = (a: number, by: number): number => (by === 0 ? a : (a << by) | (a >>> (32 - by)))

function rotate64(a: bigint, by: bigint): bigint {
  const unsigned = u64(a)
  return s64((unsigned << by) | (unsigned >> (64n - by)))
}

/** Rows of the instructions on integers alone. */
export const integerInstructions: readonly NumericRow[] = [
  [0x45, 'i:i', (a: number) => bit(a === 0)],
  [0x46, 'ii:i', (a: number, b: number) => bit(a === b)],
  [0x47, 'ii:i', (a: number, b: number) => bit(a !== b)],
  [0x48, 'ii:i', (a: number, b: number) => bit(a < b)],
  [0x49, 'ii:i', (a: number, b: number) => bit(u32(a) < u32(b))],
  [0x4a, 'ii:i', (a: number, b: number) => bit(a > b)],
  [0x4b, 'ii:i', (a: number, b: number) => bit(u32(a) > u32(b))],
  [0x4c, 'ii:i', (a: number, b: number) => bit(a <= b)],
  [0x4d, 'ii:i', (a: number, b: number) => bit(u32(a) <= u32(b))],
  [0x4e, 'ii:i', (a: number, b: number) => bit(a >= b)],
  [0x4f, 'ii:i', (a: number, b: number) => bit(u32(a) >= u32(b))],
  [0x50, 'I:i', (a: bigint) => bit(a === 0n)],
  [0x51, 'II:i', (a: bigint, b: bigint) => bit(a === b)],
  [0x52, 'II:i', (a: bigint, b: bigint) => bit(a !== b)],
  [0x53, 'II:i', (a: bigint, b: bigint) => bit(a < b)],
  [0x54, 'II:i', (a: bigint, b: bigint) => bit(u64(a) < u64(b))],
  [0x55, 'II:i', (a: bigint, b: bigint) => bit(a > b)],
  [0x56, 'II:i', (a: bigint, b: bigint) => bit(u64(a) > u64(b))],
  [0x57, 'II:i', (a: bigint, b: bigint) => bit(a <= b)],
  [0x58, 'II:i', (a: bigint, b: bigint) => bit(u64(a) <= u64(b))],
  [0x59, 'II:i', (a: bigint, b: bigint) => bit(a >= b)],
  [0x5a, 'II:i', (a: bigint, b: bigint) => bit(u64(a) >= u64(b))],

  [0x67, 'i:i', (a: number) => Math.clz32(a)],
  [0x68, 'i:i', trailingZeros32],
  [0x69, 'i:i', (a: number) => ones(u32(a).toString(2))],
  [0x6a, 'ii:i', (a: number, b: number) => (a + b) | 0],
  [0x6b, 'ii:i', (a: number, b: number) => (a - b) | 0],
  [0x6c, 'ii:i', (a: number, b: number) => Math.imul(a, b)],
  [0x6d, 'ii:i', divide32],
  [0x6e, 'ii:i', (a: number, b: number) => Math.trunc(u32(a) / u32(nonZero(b))) | 0],
  [0x6f, 'ii:i', (a: number, b: number) => (a % nonZero(b)) | 0],
  [0x70, 'ii:i', (a: number, b: number) => (u32(a) % u32(nonZero(b))) | 0],
  [0x71, 'ii:i', (a: number, b: number) => a & b],
  [0x72, 'ii:i', (a: number, b: number) => a | b],
  [0x73, 'ii:i', (a: number, b: number) => a ^ b],
  [0x74, 'ii:i', (a: number, b: number) => a << (b & 31)],
  [0x75, 'ii:i', (a: number, b: number) => a >> (b & 31)],
  [0x76, 'ii:i', (a: number, b: number) => (a >>> (b & 31)) | 0],
  [0x77, 'ii:i', (a: number, b: number) => rotate32(a, b & 31)],
  [0x78, 'ii:i', (a: number, b: number) => rotate32(a, -b & 31)],

  [0x79, 'I:I', leadingZeros],
  [0x7a, 'I:I', trailingZeros],
  [0x7b, 'I:I', (a: bigint) => BigInt(ones(binary(a)))],
  [0x7c, 'II:I', (a: bigint, b: bigint) => s64(a + b)],
  [0x7d, 'II:I', (a: bigint, b: bigint) => s64(a - b)],
  [0x7e, 'II:I', (a: bigint, b: bigint) => s64(a * b)],
  [0x7f, 'II:I', divide64],
  [0x80, 'II:I', (a: bigint, b: bigint) => s64(u64(a) / u64(nonZero(b)))],
  [0x81, 'II:I', (a: bigint, b: bigint) => a % nonZero(b)],
  [0x82, 'II:I', (a: bigint, b: bigint) => s64(u64(a) % u64(nonZero(b)))],
  [0x83, 'II:I', (a: bigint, b: bigint) => a & b],
  [0x84, 'II:I', (a: bigint, b: bigint) => a | b],
  [0x85, 'II:I', (a: bigint, b: bigint) => a ^ b],
  [0x86, 'II:I', (a: bigint, b: bigint) => s64(a << (b & 63n))],
  [0x87, 'II:I', (a: bigint, b: bigint) => a >> (b & 63n)],
  [0x88, 'II:I', (a: bigint, b: bigint) => s64(u64(a) >> (b & 63n))],
  [0x89, 'II:I', (a: bigint, b: bigint) => rotate64(a, b & 63n)],
  [0x8a, 'II:I', (a: bigint, b: bigint) => rotate64(a, -b & 63n)],

  [0xa7, 'I:i', (a: bigint) => Number(BigInt.asIntN(32, a))],
  [0xac, 'i:I', (a: number) => BigInt(a)],
  [0xad, 'i:I', (a: number) => BigInt(u32(a))],
  [0xc0, 'i:i', (a: number) => (a << 24) >> 24],
  [0xc1, 'i:i', (a: number) => (a << 16) >> 16],
  [0xc2, 'I:I', (a: bigint) => BigInt.asIntN(8, a)],
  [0xc3, 'I:I', (a: bigint) => BigInt.asIntN(16, a)],
  [0xc4, 'I:I', (a: bigint) => BigInt.asIntN(32, a)],
]

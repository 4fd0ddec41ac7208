import { bitsOf, copySign, floatOf } from './float-bits.ts'
import type { NumericRow } from './numeric.ts'
import { Trap } from './values.ts'

const f32 = Math.fround
const bit = (condition: boolean): number => (condition ? 1 : 0)
const isNegative = (a: number): boolean => a < 0 || Object.is(a, -0)

/** Rounds to the nearest whole number, ties to the even one. */
function nearest(a: number): number {
  if (!Number.isFinite(a) || Math.abs(a) >= 2 ** 52) return a
  const floor = Math.floor(a)
  const difference = a - floor
  const rounded = difference > 0.5 || (difference === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
  return rounded === 0 && isNegative(a) ? -0 : rounded
}

/** The whole number within a float, which must lie between `low` and `high`, both excluded. */
function truncate(a: number, low: number, high: number): number {
  if (!(a > low && a < high)) throw new Trap('integer_overflow')
  return Math.trunc(a)
}

/** The nearest whole number that an integer type holds; 0 for a NaN. `high` is the first number above the type. */
function saturate(a: number, low: bigint, high: bigint): bigint {
  if (Number.isNaN(a)) return 0n
  if (a <= Number(low)) return low
  return a >= Number(high) ? high - 1n : BigInt(Math.trunc(a))
}

/** Rounds once: an integer of over 53 bits keeps its top bits and a last one that says whether any below was set. */
function toFloat32(a: bigint): number {
  const size = a < 0n ? -a : a
  if (size < 2n ** 53n) return f32(Number(a))
  const sticky = (size & 0x7ffn) === 0n ? 0n : 1n
  const rounded = f32(Number((size >> 11n) | sticky) * 2 ** 11)
  return a < 0n ? -rounded : rounded
}

const toInt = (a: bigint): number => Number(BigInt.asIntN(32, a))
const toLong = (a: bigint): bigint => BigInt.asIntN(64, a)
const unsigned = (a: bigint): bigint => BigInt.asUintN(64, a)

const [I32_LOW, I32_HIGH, U32_HIGH] = [-(2n ** 31n), 2n ** 31n, 2n ** 32n] as const
const [I64_LOW, I64_HIGH, U64_HIGH] = [-(2n ** 63n), 2n ** 63n, 2n ** 64n] as const

const truncI32 = (a: number): number => truncate(a, -(2 ** 31) - 1, 2 ** 31) | 0
const truncU32 = (a: number): number => truncate(a, -1, 2 ** 32) | 0
/** Below the least i64 there is no float before the one 2^11 further down. */
const truncI64 = (a: number): bigint => BigInt(truncate(a, -(2 ** 63) - 2 ** 11, 2 ** 63))
const truncU64 = (a: number): bigint => toLong(BigInt(truncate(a, -1, 2 ** 64)))

const comparisons = (first: number, letter: 'f' | 'F'): NumericRow[] => [
  [first, `${letter}${letter}:i`, (a: number, b: number) => bit(a === b)],
  [first + 1, `${letter}${letter}:i`, (a: number, b: number) => bit(a !== b)],
  [first + 2, `${letter}${letter}:i`, (a: number, b: number) => bit(a < b)],
  [first + 3, `${letter}${letter}:i`, (a: number, b: number) => bit(a > b)],
  [first + 4, `${letter}${letter}:i`, (a: number, b: number) => bit(a <= b)],
  [first + 5, `${letter}${letter}:i`, (a: number, b: number) => bit(a >= b)],
]

/** Sums, products, quotients and roots of f32 in double precision, rounded once more, are correctly rounded (Figueroa 1995). */
const arithmetic = (first: number, letter: 'f' | 'F', bytes: 4 | 8, round: (a: number) => number): NumericRow[] => [
  [first, `${letter}:${letter}`, (a: number) => Math.abs(a)],
  [first + 1, `${letter}:${letter}`, (a: number) => -a],
  [first + 2, `${letter}:${letter}`, (a: number) => Math.ceil(a)],
  [first + 3, `${letter}:${letter}`, (a: number) => Math.floor(a)],
  [first + 4, `${letter}:${letter}`, (a: number) => Math.trunc(a)],
  [first + 5, `${letter}:${letter}`, nearest],
  [first + 6, `${letter}:${letter}`, (a: number) => round(Math.sqrt(a))],
  [first + 7, `${letter}${letter}:${letter}`, (a: number, b: number) => round(a + b)],
  [first + 8, `${letter}${letter}:${letter}`, (a: number, b: number) => round(a - b)],
  [first + 9, `${letter}${letter}:${letter}`, (a: number, b: number) => round(a * b)],
  [first + 10, `${letter}${letter}:${letter}`, (a: number, b: number) => round(a / b)],
  [first + 11, `${letter}${letter}:${letter}`, (a: number, b: number) => Math.min(a, b)],
  [first + 12, `${letter}${letter}:${letter}`, (a: number, b: number) => Math.max(a, b)],
  [first + 13, `${letter}${letter}:${letter}`, (a: number, b: number) => copySign(a, bitsOf(b, bytes), bytes)],
]

/** Rows of the instructions with floats in them. */
export const floatInstructions: readonly NumericRow[] = [
  ...comparisons(0x5b, 'f'),
  ...comparisons(0x61, 'F'),
  ...arithmetic(0x8b, 'f', 4, f32),
  ...arithmetic(0x99, 'F', 8, a => a),

  [0xa8, 'f:i', truncI32],
  [0xa9, 'f:i', truncU32],
  [0xaa, 'F:i', truncI32],
  [0xab, 'F:i', truncU32],
  [0xae, 'f:I', truncI64],
  [0xaf, 'f:I', truncU64],
  [0xb0, 'F:I', truncI64],
  [0xb1, 'F:I', truncU64],
  [0xb2, 'i:f', (a: number) => f32(a)],
  [0xb3, 'i:f', (a: number) => f32(a >>> 0)],
  [0xb4, 'I:f', toFloat32],
  [0xb5, 'I:f', (a: bigint) => toFloat32(unsigned(a))],
  [0xb6, 'F:f', (a: number) => f32(a)],
  [0xb7, 'i:F', (a: number) => a],
  [0xb8, 'i:F', (a: number) => a >>> 0],
  [0xb9, 'I:F', (a: bigint) => Number(a)],
  [0xba, 'I:F', (a: bigint) => Number(unsigned(a))],
  [0xbb, 'f:F', (a: number) => a],
  [0xbc, 'f:i', (a: number) => toInt(bitsOf(a, 4))],
  [0xbd, 'F:I', (a: number) => toLong(bitsOf(a, 8))],
  [0xbe, 'i:f', (a: number) => floatOf(BigInt(a >>> 0), 4)],
  [0xbf, 'I:F', (a: bigint) => floatOf(a, 8)],

  [0xfc00, 'f:i', (a: number) => toInt(saturate(a, I32_LOW, I32_HIGH))],
  [0xfc01, 'f:i', (a: number) => toInt(saturate(a, 0n, U32_HIGH))],
  [0xfc02, 'F:i', (a: number) => toInt(saturate(a, I32_LOW, I32_HIGH))],
  [0xfc03, 'F:i', (a: number) => toInt(saturate(a, 0n, U32_HIGH))],
  [0xfc04, 'f:I', (a: number) => saturate(a, I64_LOW, I64_HIGH)],
  [0xfc05, 'f:I', (a: number) => toLong(saturate(a, 0n, U64_HIGH))],
  [0xfc06, 'F:I', (a: number) => saturate(a, I64_LOW, I64_HIGH)],
  [0xfc07, 'F:I', (a: number) => toLong(saturate(a, 0n, U64_HIGH))],
]

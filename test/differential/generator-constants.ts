import { sleb } from '../support/wasm-module.ts'
import type { Choices } from './choices.ts'
import type { TypeLetter } from './values.ts'

const INTS: readonly number[] = [0, 1, -1, 2, 3, 7, 8, 31, 32, 63, 64, 100, 255, 256, 1_024, 65_535, 65_536]
const EDGE_INTS: readonly number[] = [2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1, 0x7f7f_7f7f, -128, -32_768, 0x0102_0304]
const EDGE_LONGS: readonly bigint[] = [
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 32n,
  2n ** 31n,
  -(2n ** 31n) - 1n,
  2n ** 53n + 1n,
  0x0102_0304_0506_0708n,
  0x7fff_ff7f_ffff_ffffn,
]
/** Zeros, ones, halves, bounds of the integers, the smallest and largest, infinities, and NaNs quiet and signalling, of both signs. */
const F32_BITS: readonly number[] = [
  0, 0x8000_0000, 0x3f80_0000, 0xbf80_0000, 0x3f00_0000, 0x3fc0_0000, 0x4020_0000, 0x4f00_0000, 0xcf00_0000,
  0x4f80_0000, 0x5f00_0000, 0xdf00_0000, 0x5f80_0000, 0x0000_0001, 0x007f_ffff, 0x0080_0000, 0x7f7f_ffff, 0x7f80_0000,
  0xff80_0000, 0x7fc0_0000, 0xffc0_0000, 0x7fa0_0001, 0xff80_0001, 0x7fff_ffff, 0x4b80_0001, 0x40e0_0000,
]
const F64_BITS: readonly bigint[] = [
  0n,
  0x8000_0000_0000_0000n,
  0x3ff0_0000_0000_0000n,
  0xbff0_0000_0000_0000n,
  0x3fe0_0000_0000_0000n,
  0x4004_0000_0000_0000n,
  0x41df_ffff_ffc0_0000n,
  0x41e0_0000_0000_0000n,
  0xc1e0_0000_0020_0000n,
  0x41f0_0000_0000_0000n,
  0x43e0_0000_0000_0000n,
  0xc3e0_0000_0000_0000n,
  0x43f0_0000_0000_0000n,
  0x0000_0000_0000_0001n,
  0x000f_ffff_ffff_ffffn,
  0x0010_0000_0000_0000n,
  0x7fef_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x7ff8_0000_0000_0000n,
  0xfff8_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  0xfff4_0000_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x36a0_0000_0000_0000n,
  0x47ef_ffff_f000_0000n,
  0x4018_0000_0000_0000n,
]

/** An instruction that gives a constant of a type: mostly a telling one, else any. References are null. */
export function constantBytes(choices: Choices, type: TypeLetter): number[] {
  switch (type) {
    case 'i':
      return [0x41, ...sleb(drawInt(choices))]
    case 'I':
      return [0x42, ...sleb64(drawLong(choices))]
    case 'f': {
      const bits = choices.chance(75) ? choices.pick(F32_BITS) : Number(randomBits(choices, 4))
      return [0x43, ...littleEndian(BigInt(bits), 4)]
    }
    case 'F':
      return [0x44, ...littleEndian(choices.chance(75) ? choices.pick(F64_BITS) : randomBits(choices, 8), 8)]
    case 'r':
      return [0xd0, 0x70]
    case 'e':
      return [0xd0, 0x6f]
  }
}

function drawInt(choices: Choices): number {
  const kind = choices.below(10)
  if (kind < 7) return choices.pick(INTS)
  return kind < 9 ? choices.pick(EDGE_INTS) : Number(BigInt.asIntN(32, randomBits(choices, 4)))
}

function drawLong(choices: Choices): bigint {
  const kind = choices.below(10)
  if (kind < 6) return BigInt(choices.pick(INTS))
  return kind < 9 ? choices.pick(EDGE_LONGS) : BigInt.asIntN(64, randomBits(choices, 8))
}

function randomBits(choices: Choices, bytes: number): bigint {
  let bits = 0n
  for (let count = 0; count < bytes; count++) bits = (bits << 8n) | BigInt(choices.byte())
  return bits
}

const littleEndian = (bits: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, at) => Number((bits >> BigInt(8 * at)) & 0xffn))

/** Signed LEB128 of 64 bits. */
export function sleb64(value: bigint): number[] {
  const low = Number(value & 0x7fn)
  const rest = value >> 7n
  const last = (rest === 0n && low < 64) || (rest === -1n && low >= 64)
  return last ? [low] : [low | 128, ...sleb64(rest)]
}

/** Unsigned LEB128 in five bytes, as linkers leave room for numbers they learn late. */
export function paddedLeb(value: number): number[] {
  return [0, 7, 14, 21, 28].map((shift, place) => (Math.floor(value / 2 ** shift) % 128) | (place < 4 ? 128 : 0))
}

/** Letters of the float types. */
export type FloatLetter = 'f' | 'F'

/** The constant of the one width or of the other, by its bits. */
export const floatConstant = (type: FloatLetter, single: number, double: bigint): number[] =>
  type === 'f' ? [0x43, ...littleEndian(BigInt(single), 4)] : [0x44, ...littleEndian(double, 8)]

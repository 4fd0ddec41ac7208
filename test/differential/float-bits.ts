/**
 * Where the bits of a float show, and which ones do. A NaN there is the canonical one, unless the instruction right before it gave bits that are
 * the same everywhere: then those show.
 * @see spec/metering.md [NAN-1.1]
 */
const CANONICAL_32 = 0x7fc0_0000n
const CANONICAL_64 = 0x7ff8_0000_0000_0000n

/** `f32.store`, `i32.reinterpret_f32` and the sign of `f32.copysign` show 4 bytes, their f64 forms 8. */
const SHOWS: ReadonlyMap<number, 4 | 8> = new Map([
  [0x38, 4],
  [0xbc, 4],
  [0x98, 4],
  [0x39, 8],
  [0xbd, 8],
  [0xa6, 8],
])

/** Loads, constants, reinterpretations of integers, and conversions of integers. */
const KEEPS: ReadonlySet<number> = new Set([
  ...[0x2a, 0x2b, 0x43, 0x44, 0xbe, 0xbf],
  ...[0xb2, 0xb3, 0xb4, 0xb5, 0xb7, 0xb8, 0xb9, 0xba],
])

/** Bytes of the float whose bits an instruction shows; undefined when it shows none. */
export function shownBytes(opcode: number): 4 | 8 | undefined {
  return SHOWS.get(opcode)
}

/** Whether a float that the instruction gives has the same bits everywhere. */
export function keepsBits(opcode: number): boolean {
  return KEEPS.has(opcode)
}

/** The bits of a float, a NaN being the canonical one. */
export function bitsOf(value: number, bytes: 4 | 8): bigint {
  if (Number.isNaN(value)) return bytes === 4 ? CANONICAL_32 : CANONICAL_64
  const view = new DataView(new ArrayBuffer(8))
  if (bytes === 4) {
    view.setFloat32(0, value)
    return BigInt(view.getUint32(0))
  }
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

/** The float of some bits, without a NaN's payload. */
export function floatOf(bits: bigint, bytes: 4 | 8): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt.asUintN(64, bits))
  return bytes === 4 ? view.getFloat32(4) : view.getFloat64(0)
}

/** The magnitude of one float with the sign bit of another's bits. */
export function copySign(value: number, signBits: bigint, bytes: 4 | 8): number {
  const negative = signBits >> BigInt(8 * bytes - 1) !== 0n
  return negative ? -Math.abs(value) : Math.abs(value)
}

/** Writes the DER that certificates are made of. It reads nothing: what others send is parsed by OpenSSL alone. */
import { concatBytes, utf8 } from '../../protocol/index.ts'

/** Universal tags of X.690 §8 that certificates use. */
const TAG = {
  boolean: 1,
  integer: 2,
  bits: 3,
  octets: 4,
  oid: 6,
  utf8: 12,
  utcTime: 23,
  time: 24,
  sequence: 48,
  set: 49,
}
/** RFC 5280 §4.1.2.5: from this year on dates are written with four digits. */
const GENERALIZED_FROM_YEAR = 2050

/** A value with its tag and length. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts)
  return concatBytes(Uint8Array.of(tag), lengthOf(content.length), content)
}

/** `[number]` around a value that keeps its own tag. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => tagged(0xa0 | number, ...parts)

/** `[number]` in place of a primitive value's tag. */
export const implicit = (number: number, content: Uint8Array): Uint8Array => tagged(0x80 | number, content)

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tagged(TAG.sequence, ...parts)
export const set = (...parts: readonly Uint8Array[]): Uint8Array => tagged(TAG.set, ...parts)
export const octets = (content: Uint8Array): Uint8Array => tagged(TAG.octets, content)
export const text = (content: string): Uint8Array => tagged(TAG.utf8, utf8(content))
export const yes = (): Uint8Array => tagged(TAG.boolean, Uint8Array.of(0xff))

/** A number that is not negative, as big-endian bytes. */
export function integer(bigEndian: Uint8Array): Uint8Array {
  const first = bigEndian.findIndex(byte => byte !== 0)
  const digits = first < 0 ? Uint8Array.of(0) : bigEndian.subarray(first)
  // A leading one bit would mean a negative number.
  return tagged(TAG.integer, ...((digits[0] ?? 0) > 127 ? [Uint8Array.of(0)] : []), digits)
}

/** A bit string; `unusedBits` at its end, 0..7, do not count. */
export function bits(content: Uint8Array, unusedBits = 0): Uint8Array {
  return tagged(TAG.bits, Uint8Array.of(unusedBits), content)
}

/** An object identifier such as `2.5.29.17`. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(TAG.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** A moment, to the second. */
export function time(ms: number): Uint8Array {
  const date = new Date(ms)
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < GENERALIZED_FROM_YEAR
    ? tagged(TAG.utcTime, utf8(digits.slice(2)))
    : tagged(TAG.time, utf8(digits))
}

function base128(value: number): number[] {
  const digits = [value & 127]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(128 | (rest & 127))
  return digits
}

function lengthOf(bytes: number): Uint8Array {
  if (bytes < 128) return Uint8Array.of(bytes)
  if (bytes < 256) return Uint8Array.of(0x81, bytes)
  return Uint8Array.of(0x82, bytes >> 8, bytes & 255)
}

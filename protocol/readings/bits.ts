/** Bits laid end to end, most significant first, and the codes for whole numbers that columns are made of. */
import { badColumns } from './refuse-columns.ts'

/** Bits that fit beside seven left over from before in the 31 that a number's bit operations keep positive. */
const CHUNK_BITS = 24
const CHUNK = 2 ** CHUNK_BITS
/** Bits of the field that holds the length of a {@link BitWriter.number}. */
const LENGTH_BITS = 6
const BYTES_AT_FIRST = 256

/** Bits of `value` without its leading zeros; 0 has none. Up to 2^53-1. */
export function bitLength(value: number): number {
  const high = Math.floor(value / 2 ** 32)
  return high === 0 ? 32 - Math.clz32(value) : 64 - Math.clz32(high)
}

/** Collects bits. */
export class BitWriter {
  #bytes = new Uint8Array(BYTES_AT_FIRST)
  #at = 0
  #held = 0
  #heldBits = 0

  /** The low `count` bits of a value below 2^`count`, `count` of 0..53. */
  bits(value: number, count: number): void {
    if (count <= CHUNK_BITS) this.#put(value, count)
    else {
      const high = Math.floor(value / CHUNK)
      this.bits(high, count - CHUNK_BITS)
      this.#put(value - high * CHUNK, CHUNK_BITS)
    }
  }

  /** `count` bits of 0, at most 24, and after them a 1. */
  zerosAndOne(count: number): void {
    this.#put(0, count)
    this.#put(1, 1)
  }

  /** Elias's gamma code of 1..2^24-1: as many zeros as bits follow the first 1, and the value. */
  gamma(value: number): void {
    const length = bitLength(value)
    this.#put(0, length - 1)
    this.#put(value, length)
  }

  /** A number of 0..2^53-2: six bits tell how many follow the leading 1 of its successor, then these. */
  number(value: number): void {
    const length = bitLength(value + 1) - 1
    this.#put(length, LENGTH_BITS)
    this.bits(value + 1 - 2 ** length, length)
  }

  /** All bits, and zeros up to a whole byte. */
  finish(): Uint8Array {
    if (this.#heldBits > 0) this.#put(0, 8 - this.#heldBits)
    return this.#bytes.slice(0, this.#at)
  }

  #put(value: number, count: number): void {
    if (this.#at + 4 > this.#bytes.length) this.#grow()
    let held = (this.#held << count) | value
    let heldBits = this.#heldBits + count
    while (heldBits >= 8) {
      heldBits -= 8
      this.#bytes[this.#at++] = held >> heldBits
    }
    held &= (1 << heldBits) - 1
    this.#held = held
    this.#heldBits = heldBits
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2)
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }
}

/** Takes bits in the order they were written. Every method refuses to read past the end. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at = 0
  #held = 0
  #heldBits = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** A value of `count` bits, 0..53. */
  bits(count: number): number {
    if (count <= CHUNK_BITS) return this.#take(count)
    const high = this.bits(count - CHUNK_BITS)
    return high * CHUNK + this.#take(CHUNK_BITS)
  }

  /** How many zeros stand before a 1, which is taken too unless `max` zeros came first; `max` is at most 24. */
  zeros(max: number): number {
    if (this.#heldBits < max) this.#fill()
    // The held bits moved to the top, so that what precedes the first 1 can be counted.
    const leading = this.#heldBits === 0 ? 32 : Math.clz32(this.#held << (32 - this.#heldBits))
    if (leading >= max && this.#heldBits >= max) {
      this.#drop(max)
      return max
    }
    if (leading >= this.#heldBits) throw badColumns('must not end inside a column')
    this.#drop(leading + 1)
    return leading
  }

  /** The reverse of {@link BitWriter.gamma}. */
  gamma(max: number): number {
    const length = this.zeros(bitLength(max))
    const value = 2 ** length + (length < bitLength(max) ? this.#take(length) : 0)
    if (value > max) throw badColumns(`must not hold a run of more than ${max} readings`)
    return value
  }

  /** The reverse of {@link BitWriter.number}. */
  number(max: number): number {
    const length = this.#take(LENGTH_BITS)
    if (length > 52) throw badColumns(`must not hold a number above ${max}`)
    const value = 2 ** length + this.bits(length) - 1
    if (value > max) throw badColumns(`must not hold a number above ${max}`)
    return value
  }

  /** States that nothing is left but zeros up to a whole byte. */
  finish(): void {
    const left = this.#heldBits + (this.#bytes.length - this.#at) * 8
    if (left >= 8) throw badColumns('must end with the last column')
    if (this.#take(left) !== 0) throw badColumns('must be filled up with zero bits')
  }

  #take(count: number): number {
    if (this.#heldBits < count) this.#fill()
    if (this.#heldBits < count) throw badColumns('must not end inside a column')
    const value = (this.#held >>> (this.#heldBits - count)) & ((1 << count) - 1)
    this.#heldBits -= count
    return value
  }

  #drop(count: number): void {
    this.#heldBits -= count
  }

  /** Holds at least 25 bits, or all there are. */
  #fill(): void {
    while (this.#heldBits <= CHUNK_BITS && this.#at < this.#bytes.length) {
      this.#held = (this.#held << 8) | (this.#bytes[this.#at++] ?? 0)
      this.#heldBits += 8
    }
  }
}

import { type TypeLetter, VALUE_TYPES } from './values.ts'

/** Reads the binary format of modules that are known to be valid. It shares no code with `protocol/metering`, so that both cannot be wrong alike. */
export class ByteReader {
  readonly bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  byte(): number {
    const value = this.bytes[this.at++]
    if (value === undefined) throw new Error('a valid module does not end here')
    return value
  }

  u32(): number {
    return Number(BigInt.asUintN(32, this.#leb()))
  }

  s32(): number {
    return Number(BigInt.asIntN(32, this.s64()))
  }

  s64(): bigint {
    const start = this.at
    const value = this.#leb()
    const bits = (this.at - start) * 7
    return bits >= 64 ? BigInt.asIntN(64, value) : BigInt.asIntN(bits, value)
  }

  /** A little-endian number of `length` bytes, unsigned. */
  bits(length: number): bigint {
    return this.take(length).reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n)
  }

  take(length: number): Uint8Array {
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.u32()))
  }

  type(): TypeLetter {
    const letter = VALUE_TYPES.get(this.byte())
    if (letter === undefined) throw new Error(`no value type at byte ${this.at - 1}`)
    return letter
  }

  vector<T>(item: (index: number) => T): T[] {
    const count = this.u32()
    return Array.from({ length: count }, (_, index) => item(index))
  }

  #leb(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
}

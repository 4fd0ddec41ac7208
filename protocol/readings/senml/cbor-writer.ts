/** The CBOR that SenML needs and this protocol's own does not have: numbers that are no integers. Shortest form of everything. */
import { utf8 } from '../../bytes.ts'

const BYTES_AT_FIRST = 1_024
/** Bytes of the longest head, and of the longest number with its initial byte. */
const HEAD_BYTES_MAX = 9

/** Collects CBOR items. */
export class CborWriter {
  #bytes = new Uint8Array(BYTES_AT_FIRST)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  /** The head of an array of `count` items, which are to follow. */
  array(count: number): void {
    this.#head(4, count)
  }

  /** The head of a map of `count` pairs, which are to follow. */
  map(count: number): void {
    this.#head(5, count)
  }

  text(text: string): void {
    this.#string(3, utf8(text))
  }

  data(bytes: Uint8Array): void {
    this.#string(2, bytes)
  }

  boolean(value: boolean): void {
    this.#room(1)
    this.#bytes[this.#at++] = value ? 0xf5 : 0xf4
  }

  /** A finite number: as an integer when it is a safe one, else as the shortest float that is this very double. */
  number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value < 0) this.#head(1, -1 - value)
      else this.#head(0, value)
    } else if (Math.fround(value) === value) this.#float32(value)
    else {
      this.#room(HEAD_BYTES_MAX)
      this.#view.setUint8(this.#at, 0xfb)
      this.#view.setFloat64(this.#at + 1, value)
      this.#at += 9
    }
  }

  /** Everything written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  #float32(value: number): void {
    this.#room(HEAD_BYTES_MAX)
    if (Math.f16round(value) === value) {
      this.#view.setUint8(this.#at, 0xf9)
      this.#view.setFloat16(this.#at + 1, value)
      this.#at += 3
    } else {
      this.#view.setUint8(this.#at, 0xfa)
      this.#view.setFloat32(this.#at + 1, value)
      this.#at += 5
    }
  }

  #string(major: number, bytes: Uint8Array): void {
    this.#head(major, bytes.length)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #head(major: number, argument: number): void {
    this.#room(HEAD_BYTES_MAX)
    const initial = major << 5
    if (argument < 24) this.#bytes[this.#at++] = initial | argument
    else if (argument < 2 ** 8) {
      this.#view.setUint16(this.#at, ((initial | 24) << 8) | argument)
      this.#at += 2
    } else if (argument < 2 ** 16) {
      this.#bytes[this.#at] = initial | 25
      this.#view.setUint16(this.#at + 1, argument)
      this.#at += 3
    } else if (argument < 2 ** 32) {
      this.#bytes[this.#at] = initial | 26
      this.#view.setUint32(this.#at + 1, argument)
      this.#at += 5
    } else {
      this.#bytes[this.#at] = initial | 27
      this.#view.setBigUint64(this.#at + 1, BigInt(argument))
      this.#at += 9
    }
  }

  #room(count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count))
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

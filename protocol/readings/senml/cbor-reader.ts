/**
 * Reads the CBOR of other people's SenML: any length of heads, floats of every width, decimal fractions (tag 4). What no SenML may hold
 * is refused: indefinite lengths, other tags where a value is expected, more depth than an unknown field can need.
 */
import { fromUtf8 } from '../../bytes.ts'
import { LIMITS } from '../../limits.ts'
import { badSenml } from './record.ts'

const MAJOR_TAG = 6
const MAJOR_SIMPLE = 7
const TAG_DECIMAL_FRACTION = 4
/** Beyond it a power of ten leaves the doubles. */
const DECIMAL_EXPONENT_MAX = 400

/** A cursor over CBOR items. Every method refuses what does not stand there as `bad_message`. */
export class CborReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Opens an array; there is a byte at least for each of its items. */
  array(): number {
    return this.#container(4, 1, 'an array')
  }

  /** Opens a map. */
  map(): number {
    return this.#container(5, 2, 'a map')
  }

  /** A map's key: an integer or a text. */
  key(): number | string {
    const major = this.#major()
    if (major === 0 || major === 1) return this.#integer()
    if (major === 3) return this.#text()
    throw this.#fault('must have keys that are integers or texts')
  }

  /** A value of whatever kind: number, text, boolean or bytes; anything else is passed over and given as undefined. */
  value(): number | string | boolean | Uint8Array | undefined {
    const major = this.#major()
    if (major === 0 || major === 1) return this.#integer()
    if (major === 2) return this.#string().slice()
    if (major === 3) return this.#text()
    if (major === MAJOR_SIMPLE) return this.#simple()
    if (major === MAJOR_TAG) return this.#tagged()
    this.skip()
    return undefined
  }

  /** Passes one item, whatever it is. */
  skip(depthLeft: number = LIMITS.cborDepthMax): void {
    if (depthLeft === 0) throw this.#fault('is nested too deeply')
    const major = this.#major()
    if (major === 2 || major === 3) this.#string()
    else if (major === MAJOR_SIMPLE) this.#simple()
    else if (major === 4 || major === 5) {
      const items = major === 4 ? this.array() : this.map() * 2
      for (let i = 0; i < items; i++) this.skip(depthLeft - 1)
    } else {
      this.#argument()
      if (major === MAJOR_TAG) this.skip(depthLeft - 1)
    }
  }

  /** States that nothing is left. */
  finish(): void {
    if (this.#at !== this.#bytes.length) throw this.#fault('must end with the array')
  }

  #major(): number {
    const initial = this.#bytes[this.#at]
    if (initial === undefined) throw this.#fault('must not end inside an item')
    return initial >> 5
  }

  #container(major: number, bytesAnItem: number, name: string): number {
    if (this.#major() !== major) throw this.#fault(`must have ${name} there`)
    const count = this.#argument()
    if (count * bytesAnItem > this.#bytes.length - this.#at) throw this.#fault('must not end inside an item')
    return count
  }

  /** The argument of the head here; beyond 2^53 the nearest double. */
  #argument(): number {
    const info = (this.#bytes[this.#at] ?? 0) & 31
    this.#at += 1
    if (info < 24) return info
    if (info > 27) throw this.#fault('must have definite lengths')
    const start = this.#at
    this.#need(1 << (info - 24))
    if (info === 24) return this.#view.getUint8(start)
    if (info === 25) return this.#view.getUint16(start)
    return info === 26 ? this.#view.getUint32(start) : Number(this.#view.getBigUint64(start))
  }

  #integer(): number {
    return this.#major() === 0 ? this.#argument() : -1 - this.#argument()
  }

  #string(): Uint8Array {
    const length = this.#argument()
    const start = this.#at
    this.#need(length)
    return this.#bytes.subarray(start, this.#at)
  }

  #text(): string {
    return fromUtf8(this.#string())
  }

  #simple(): number | boolean | undefined {
    const start = this.#at
    const info = (this.#bytes[start] ?? 0) & 31
    this.#argument()
    if (info === 20 || info === 21) return info === 21
    if (info === 25) return this.#view.getFloat16(start + 1)
    if (info === 26) return this.#view.getFloat32(start + 1)
    return info === 27 ? this.#view.getFloat64(start + 1) : undefined
  }

  /** A decimal fraction [exponent, mantissa] as the nearest double, which is what its text would be read as. */
  #tagged(): number | undefined {
    if (this.#argument() !== TAG_DECIMAL_FRACTION) {
      this.skip(LIMITS.cborDepthMax - 1)
      return undefined
    }
    if (this.array() !== 2) throw this.#fault('must have two integers in a decimal fraction')
    const exponent = this.#part()
    const mantissa = this.#part()
    if (Math.abs(exponent) > DECIMAL_EXPONENT_MAX) throw this.#fault('must not have so large an exponent')
    return Number(`${mantissa}e${exponent}`)
  }

  /** Exponent or mantissa. Larger mantissas (tag 2) hold more digits than a double, so nobody needs them. */
  #part(): number {
    if (this.#major() > 1) throw this.#fault('must have two integers in a decimal fraction')
    const value = this.#integer()
    if (!Number.isSafeInteger(value)) throw this.#fault('must have two integers below 2^53 in a decimal fraction')
    return value
  }

  #need(count: number): void {
    if (count > this.#bytes.length - this.#at) throw this.#fault('must not end inside an item')
    this.#at += count
  }

  #fault(reason: string): Error {
    return badSenml('payload', `at byte ${this.#at} ${reason}`)
  }
}

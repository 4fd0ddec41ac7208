/** Deterministic CBOR (RFC 8949 §4.2.1) of the values that this protocol allows. */
import { encodeInto, rfc8949EncodeOptions } from 'cborg'
import { LIMITS } from '../limits.ts'
import { refuseCbor, skim } from './skim.ts'

/** A map's key. An integer is a `number` when it is safe and a `bigint` beyond. */
export type CborKey = number | bigint | string

/**
 * What can cross the wire. Integers span -2^64..2^64-1; a `number` must be a safe integer, and a `bigint` of that range is
 * written, and read back, as the same integer.
 */
export type CborValue = CborKey | Uint8Array | boolean | null | readonly CborValue[] | ReadonlyMap<CborKey, CborValue>

/**
 * The one encoding of a value: definite lengths, shortest heads, map keys in bytewise order. Whatever it returns passes
 * {@link skim} with default bounds, size apart.
 * @throws {ProtocolError} `bad_cbor` for a float, `undefined`, an object that is no Map, a lone surrogate, a text that begins with a
 *   byte order mark, an integer out of range, a repeated key, or more depth or items than {@link LIMITS} allows; `offset`
 *   is where its encoding would begin
 */
export function encode(value: CborValue): Uint8Array {
  const meter = new Meter()
  meter.add(value, LIMITS.cborDepthMax)
  const bytes = new Uint8Array(meter.size)
  encodeInto(value, bytes, rfc8949EncodeOptions)
  // Equal keys of two types (1 and 1n) come to light only in their encodings.
  if (meter.hasMap) skim(bytes, { maxBytes: bytes.length })
  return bytes
}

/** Checks a value and adds up the size of its encoding, so that it is written once into memory of exactly that size. */
class Meter {
  size = 0
  hasMap = false
  #itemsLeft: number = LIMITS.cborItemsMax

  add(value: unknown, depthLeft: number): void {
    this.#itemsLeft -= 1
    if (this.#itemsLeft < 0) refuseCbor('items', this.size)
    if (typeof value === 'number') this.#addNumber(value)
    else if (typeof value === 'string') this.#addText(value)
    else if (value instanceof Uint8Array) this.#addString(value.length)
    else if (value === null || typeof value === 'boolean') this.size += 1
    else if (typeof value === 'bigint') this.#addBigint(value)
    else if (Array.isArray(value)) this.#addArray(value, depthLeft)
    else if (value instanceof Map) this.#addMap(value, depthLeft)
    else refuseCbor('value', this.size)
  }

  #addNumber(value: number): void {
    if (!Number.isSafeInteger(value)) refuseCbor(Number.isInteger(value) ? 'value' : 'float', this.size)
    this.size += headBytes(value < 0 ? -1 - value : value)
  }

  #addBigint(value: bigint): void {
    const argument = value < 0n ? -1n - value : value
    if (argument >= 2n ** 64n) refuseCbor('value', this.size)
    this.size += headBytes(Number(argument))
  }

  #addText(text: string): void {
    if (!text.isWellFormed()) refuseCbor('utf8', this.size)
    if (text.charCodeAt(0) === 0xfeff) refuseCbor('byte_order_mark', this.size)
    let length = text.length
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      // A surrogate pair is two units and four bytes, so each half counts one more.
      if (unit >= 0x80) length += unit < 0x800 || (unit & 0xf800) === 0xd800 ? 1 : 2
    }
    this.#addString(length)
  }

  #addString(length: number): void {
    this.size += headBytes(length) + length
  }

  #addArray(values: readonly unknown[], depthLeft: number): void {
    if (depthLeft === 0) refuseCbor('depth', this.size)
    this.size += headBytes(values.length)
    for (let i = 0; i < values.length; i++) this.add(values[i], depthLeft - 1)
  }

  #addMap(entries: ReadonlyMap<unknown, unknown>, depthLeft: number): void {
    if (depthLeft === 0) refuseCbor('depth', this.size)
    this.hasMap = true
    this.size += headBytes(entries.size)
    for (const [key, value] of entries) {
      if (typeof key !== 'number' && typeof key !== 'bigint' && typeof key !== 'string')
        refuseCbor('key_type', this.size)
      this.add(key, 0)
      this.add(value, depthLeft - 1)
    }
  }
}

/** Bytes of a head with this argument. */
export function headBytes(argument: number): number {
  if (argument < 24) return 1
  if (argument < 0x100) return 2
  if (argument < 0x1_0000) return 3
  return argument < 0x1_0000_0000 ? 5 : 9
}

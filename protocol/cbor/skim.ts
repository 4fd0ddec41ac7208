/**
 * The structural validator that runs on every frame before a decoder touches a byte. It accepts exactly one encoding per
 * value, so no two decoders can read different things from the same bytes.
 */
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'

/** Bounds of one {@link skim}; a default stands for each one left out. */
export interface CborBounds {
  /** Containers inside one another, 0 for a bare scalar. Default {@link LIMITS}.cborDepthMax. */
  readonly maxDepth?: number
  /** Data items of all kinds, map keys included. Default {@link LIMITS}.cborItemsMax. */
  readonly maxItems?: number
  /** Bytes in all. Default {@link LIMITS}.leaseOutputBytesMax, the largest CBOR that anyone receives. */
  readonly maxBytes?: number
}

/** Why bytes were refused: the `reason` of a `bad_cbor` error, and the sentence a person reads. */
export const CBOR_FAULTS = {
  truncated: 'the input ends inside an item',
  trailing: 'bytes follow the item',
  reserved: 'the additional information 28 to 30 is reserved',
  indefinite: 'lengths must be definite',
  tag: 'tags are not allowed',
  float: 'floating-point numbers are not allowed',
  simple: 'of the simple values only false, true and null are allowed',
  non_minimal: 'a length or an integer must use its shortest form',
  depth: 'containers are nested too deeply',
  items: 'there are too many items',
  size: 'there are too many bytes',
  utf8: 'a text is not valid UTF-8',
  byte_order_mark: 'a text must not begin with a byte order mark, which decoders drop or keep at will',
  key_type: 'a map key must be an integer or a text',
  key_order: 'map keys must be in ascending bytewise order',
  duplicate_key: 'a map key is repeated',
  value: 'the value has no encoding in this profile',
  decoder: 'the decoder stopped',
} as const

export type CborFault = keyof typeof CBOR_FAULTS

/** Refuses bytes, or a value that cannot become bytes. */
export function refuseCbor(reason: CborFault, offset: number, cause?: unknown): never {
  const message = `The bytes are outside the CBOR of this protocol at byte ${offset}: ${CBOR_FAULTS[reason]}.`
  throw new ProtocolError({ code: 'bad_cbor', reason, offset }, message, cause === undefined ? undefined : { cause })
}

/**
 * Checks that the bytes are one item of the protocol's CBOR: RFC 8949 §4.2.1 with definite lengths and shortest heads, no tags, no
 * floats, no simple values but false, true and null, valid UTF-8, map keys that are integers or texts in strictly
 * ascending bytewise order, nothing after the item, and all of it within the bounds. One pass, no allocation per item.
 * @throws {ProtocolError} `bad_cbor` with one of {@link CBOR_FAULTS} and the offset of the fault
 */
export function skim(bytes: Uint8Array, bounds: CborBounds = {}): void {
  skimForDecoder(bytes, bounds)
}

/**
 * {@link skim}, and says whether an integer with an eight-byte argument occurs anywhere, which a decoder may have to treat apart.
 * @throws {ProtocolError} `bad_cbor`
 */
export function skimForDecoder(bytes: Uint8Array, bounds: CborBounds = {}): { readonly wideIntegers: boolean } {
  if (bytes.length > (bounds.maxBytes ?? LIMITS.leaseOutputBytesMax)) refuseCbor('size', 0)
  const scanner = new CborScanner(bytes, bounds.maxItems ?? LIMITS.cborItemsMax)
  scanner.item(bounds.maxDepth ?? LIMITS.cborDepthMax)
  scanner.finish()
  return scanner
}

/** Walks over CBOR without building values. Recursion is bounded by the depth handed to {@link CborScanner.item}. */
export class CborScanner {
  /** The next byte to read. */
  at = 0
  /** Whether an integer with an eight-byte argument was passed. */
  wideIntegers = false
  readonly #bytes: Uint8Array
  readonly #end: number
  #itemsLeft: number
  #contentStart = 0

  constructor(bytes: Uint8Array, maxItems: number) {
    this.#bytes = bytes
    this.#end = bytes.length
    this.#itemsLeft = maxItems
  }

  /** Passes one item that holds at most `depthLeft` containers inside one another. */
  item(depthLeft: number): void {
    const start = this.at
    const initial = this.#begin()
    switch (initial >> 5) {
      case 0:
      case 1:
        if ((initial & 31) === 27) this.wideIntegers = true
        this.#argument(initial)
        return
      case 2:
        this.#skip(this.#argument(initial))
        return
      case 3:
        this.#text(this.#argument(initial))
        return
      case 4: {
        const count = this.#argument(initial)
        this.#enter(count, depthLeft, start)
        for (let i = 0; i < count; i++) this.item(depthLeft - 1)
        return
      }
      case 5: {
        const count = this.#argument(initial)
        this.#enter(count * 2, depthLeft, start)
        this.#entries(count, depthLeft - 1)
        return
      }
      case 6:
        refuseCbor('tag', start)
        break
      default:
        if (initial < 0xf4 || initial > 0xf6) this.#refuseSimple(initial & 31, start)
    }
  }

  /** Passes one byte string and returns a view of it. */
  byteString(): Uint8Array {
    const start = this.at
    const initial = this.#begin()
    if (initial >> 5 !== 2) refuseCbor('value', start)
    this.#skip(this.#argument(initial))
    return this.#bytes.subarray(this.#contentStart, this.at)
  }

  /** Passes one given byte, or says that another stands there. */
  literal(byte: number): boolean {
    if (this.at >= this.#end || this.#bytes[this.at] !== byte) return false
    this.at += 1
    return true
  }

  /** States that nothing is left. */
  finish(): void {
    if (this.at !== this.#end) refuseCbor('trailing', this.at)
  }

  /** Reads an initial byte and counts its item. */
  #begin(): number {
    if (this.at >= this.#end) refuseCbor('truncated', this.at)
    this.#itemsLeft -= 1
    if (this.#itemsLeft < 0) refuseCbor('items', this.at)
    return this.#bytes[this.at++] as number
  }

  /** Reads the argument of an initial byte; beyond 2^53 only its magnitude is right, which is all that lengths need. */
  #argument(initial: number): number {
    const info = initial & 31
    if (info < 24) return info
    const bytes = this.#bytes
    const at = this.at
    const start = at - 1
    if (info > 27) refuseCbor(info === 31 ? 'indefinite' : 'reserved', start)
    const width = 1 << (info - 24)
    if (width > this.#end - at) refuseCbor('truncated', start)
    this.at = at + width
    if (info === 24) {
      const value = bytes[at] as number
      if (value < 24) refuseCbor('non_minimal', start)
      return value
    }
    if (info === 25) {
      const value = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
      if (value < 0x100) refuseCbor('non_minimal', start)
      return value
    }
    const high = uint32(bytes, at)
    if (info === 26) {
      if (high < 0x1_0000) refuseCbor('non_minimal', start)
      return high
    }
    if (high === 0) refuseCbor('non_minimal', start)
    return high * 0x1_0000_0000 + uint32(bytes, at + 4)
  }

  #skip(length: number): void {
    if (length > this.#end - this.at) refuseCbor('truncated', this.at)
    this.#contentStart = this.at
    this.at += length
  }

  /** A container may open only if there is room for its depth and, at one byte each, for its items. */
  #enter(items: number, depthLeft: number, start: number): void {
    if (depthLeft <= 0) refuseCbor('depth', start)
    if (items > this.#end - this.at) refuseCbor('truncated', start)
    if (items > this.#itemsLeft) refuseCbor('items', start)
  }

  #entries(count: number, depthLeft: number): void {
    let previousStart = 0
    let previousEnd = 0
    for (let i = 0; i < count; i++) {
      const start = this.at
      const major = start < this.#end ? (this.#bytes[start] as number) >> 5 : 0
      if (major !== 0 && major !== 1 && major !== 3) refuseCbor('key_type', start)
      this.item(0)
      if (i > 0) this.#ascending(previousStart, previousEnd, start)
      previousStart = start
      previousEnd = this.at
      this.item(depthLeft)
    }
  }

  /** No key is a prefix of another since each states its length, so the first difference decides. */
  #ascending(previousStart: number, previousEnd: number, start: number): void {
    const bytes = this.#bytes
    for (let i = 0; previousStart + i < previousEnd && start + i < this.at; i++) {
      const difference = (bytes[start + i] as number) - (bytes[previousStart + i] as number)
      if (difference > 0) return
      if (difference < 0) refuseCbor('key_order', start)
    }
    refuseCbor('duplicate_key', start)
  }

  #text(length: number): void {
    this.#skip(length)
    const bytes = this.#bytes
    const end = this.at
    let at = this.#contentStart
    if (length > 2 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) {
      refuseCbor('byte_order_mark', at)
    }
    while (at < end) {
      if ((bytes[at] as number) < 0x80) at += 1
      else at = afterCharacter(bytes, at, end)
    }
  }

  #refuseSimple(info: number, start: number): never {
    if (info >= 25 && info <= 27) refuseCbor('float', start)
    if (info >= 28 && info <= 30) refuseCbor('reserved', start)
    return refuseCbor(info === 31 ? 'indefinite' : 'simple', start)
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  return (bytes[at] as number) * 0x100_0000 + low
}

/** The offset after the multi-byte UTF-8 character at `at` (Unicode 16 table 3-7: shortest form, no surrogates). */
function afterCharacter(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] as number
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  if (lead < 0xc2 || lead > 0xf4 || at + length > end) refuseCbor('utf8', at)
  const second = bytes[at + 1] as number
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) refuseCbor('utf8', at)
  for (let i = 2; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) refuseCbor('utf8', at)
  return at + length
}

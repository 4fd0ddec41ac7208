/** Typed access to the fields of one message, in wire order, naming the field that is at fault. */
import type { CborValue } from '../cbor/index.ts'
import { decode } from '../cbor/index.ts'
import { messageOf, type ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { badMessage } from './failure.ts'
import { fitsBytes } from './text.ts'

/** Where a value sits. The path is spelt only when something is wrong with the value. */
interface Place {
  readonly message: string
  readonly parent: Place | null
  /** A field's name, or a position in a list. */
  readonly at: string | number
}

function pathOf(place: Place): string {
  if (place.parent === null) return ''
  const before = pathOf(place.parent)
  if (typeof place.at === 'number') return `${before}[${place.at}]`
  return before === '' ? place.at : `${before}.${place.at}`
}

/** A cursor over one positional array. Every method takes the next element, so calls follow the order on the wire. */
export class Reader {
  readonly #items: readonly CborValue[]
  readonly #place: Place
  #next = 0

  private constructor(items: readonly CborValue[], place: Place) {
    this.#items = items
    this.#place = place
  }

  /**
   * Opens a message that is an array of exactly `length` elements.
   * @throws {ProtocolError} `bad_cbor` when the bytes break the profile, `bad_message` when they are not that array
   */
  static open(message: string, bytes: Uint8Array, length: number): Reader {
    if (bytes.length > LIMITS.frameBytesMax) {
      throw badMessage(message, 'payload', `must be at most ${LIMITS.frameBytesMax} bytes`)
    }
    const value = decode(bytes)
    if (!Array.isArray(value) || value.length !== length) {
      throw badMessage(message, 'payload', `must be an array of ${length} elements`)
    }
    return new Reader(value, { message, parent: null, at: '' })
  }

  /**
   * Opens a message whose first element numbers its shape.
   * @param lengths - for each number the array's whole length
   * @returns the number, and a reader at the second element
   * @throws {ProtocolError} `bad_cbor` when the bytes break the profile, `bad_message` when they are no such array
   */
  static openVariant(
    message: string,
    bytes: Uint8Array,
    lengths: readonly (number | readonly number[])[],
  ): [tag: number, fields: Reader] {
    if (bytes.length > LIMITS.frameBytesMax) {
      throw badMessage(message, 'payload', `must be at most ${LIMITS.frameBytesMax} bytes`)
    }
    const root: Place = { message, parent: null, at: '' }
    const [tag, { items }] = new Reader([decode(bytes)], root).#variant('payload', lengths)
    return [tag, Reader.#afterTag(items, root)]
  }

  /** The failure of a field of this array, for rules that span several fields. */
  fault(field: string, reason: string): ProtocolError {
    return this.#fault({ message: this.#place.message, parent: this.#place, at: field }, reason)
  }

  /** Whether another element follows, of an array that may have several lengths. */
  get hasMore(): boolean {
    return this.#next < this.#items.length
  }

  /** An unsigned integer of `min`..`max`, by default 0..2^53-1. */
  uint(field: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
    return this.#integer(this.#take(), this.#at(field), min, max)
  }

  /** A signed integer of `min`..`max`, by default -(2^53-1)..2^53-1. */
  int(field: string, min: number = Number.MIN_SAFE_INTEGER, max: number = Number.MAX_SAFE_INTEGER): number {
    return this.#integer(this.#take(), this.#at(field), min, max)
  }

  /** Micro-credits of `min`..`max`, by default 0..2^63-1. */
  micro(field: string, min = 0n, max: bigint = LIMITS.amountMicroMax): bigint {
    const value = this.#take()
    if ((typeof value === 'number' || typeof value === 'bigint') && value >= min && value <= max) return BigInt(value)
    throw this.fault(field, `must be an integer of ${min} to ${max}`)
  }

  /** A text that the constructor of an id takes. */
  named<T>(field: string, make: (text: string) => T): T {
    const value = this.#take()
    try {
      return make(value as string)
    } catch (cause) {
      throw this.fault(
        field,
        messageOf(cause)
          .replace(/^.*?: it must/, 'must')
          .replace(/\.$/, ''),
      )
    }
  }

  /** One of `values`, by its position. */
  choice<T>(field: string, values: readonly T[]): T {
    return this.#chosen(this.#take(), this.#at(field), values)
  }

  /** True or false. */
  flag(field: string): boolean {
    const value = this.#take()
    if (typeof value === 'boolean') return value
    throw this.fault(field, 'must be true or false')
  }

  /** A byte string of exactly `length` bytes; a view of the message, not a copy. */
  bytes(field: string, length: number): Uint8Array {
    const value = this.#take()
    if (value instanceof Uint8Array && value.length === length) return value
    throw this.fault(field, `must be a byte string of ${length} bytes`)
  }

  /** A byte string of `min`..`max` bytes; a view of the message, not a copy. */
  bytesUpTo(field: string, max: number, min = 0): Uint8Array {
    const value = this.#take()
    if (value instanceof Uint8Array && value.length >= min && value.length <= max) return value
    throw this.fault(field, `must be a byte string of ${min} to ${max} bytes`)
  }

  /** A text of at most `bytesMax` bytes of UTF-8. */
  text(field: string, bytesMax: number): string {
    return this.#text(this.#take(), this.#at(field), bytesMax)
  }

  /** A text that matches the pattern. */
  textLike(field: string, pattern: RegExp, form: string): string {
    const value = this.#take()
    if (typeof value === 'string' && pattern.test(value)) return value
    throw this.fault(field, `must be ${form}`)
  }

  /** Null, or what `read` makes of the element. */
  nullable<T>(field: string, read: (field: string) => T): T | null {
    if (this.#items[this.#next] !== null) return read(field)
    this.#next++
    return null
  }

  /** Takes an element that must be null. */
  nothing(field: string, why: string): null {
    if (this.#take() === null) return null
    throw this.fault(field, why)
  }

  /**
   * An array whose first element numbers its shape.
   * @param lengths - for each number the array's whole length
   * @returns the number, and a reader at the second element
   */
  variant(field: string, lengths: readonly number[]): [tag: number, fields: Reader] {
    const [tag, { items, place }] = this.#variant(field, lengths)
    return [tag, Reader.#afterTag(items, place)]
  }

  /** An array of exactly `length` elements. */
  record(field: string, length: number): Reader {
    return this.#record(this.#take(), this.#at(field), length)
  }

  /** An array of `min`..`max` arrays of exactly `length` elements, each read by `read`. */
  records<T>(field: string, max: number, length: number, read: (fields: Reader) => T, min = 1): T[] {
    return this.#list(field, min, max, (value, place) => read(this.#record(value, place, length)))
  }

  /** An array of 1..`max` unsigned integers. */
  uints(field: string, max: number): number[] {
    return this.#list(field, 1, max, (value, place) => this.#integer(value, place, 0, Number.MAX_SAFE_INTEGER))
  }

  /** An array of 0..`max` texts of at most `bytesMax` bytes each. */
  texts(field: string, max: number, bytesMax: number): string[] {
    return this.#list(field, 0, max, (value, place) => this.#text(value, place, bytesMax))
  }

  /** A set, as an array of strictly ascending positions in `values`. */
  set<T>(field: string, values: readonly T[]): T[] {
    return this.#rising(field, values.length, (value, place) => this.#chosen(value, place, values))
  }

  /** An array of 1..`countMax` strictly ascending integers of `min`..`max`. */
  ascending(field: string, countMax: number, min: number, max: number): number[] {
    return this.#rising(field, countMax, (value, place) => this.#integer(value, place, min, max))
  }

  #variant(
    field: string,
    lengths: readonly (number | readonly number[])[],
  ): [tag: number, array: { readonly items: readonly CborValue[]; readonly place: Place }] {
    const items = this.#take()
    const tag = Array.isArray(items) ? items[0] : undefined
    if (!Array.isArray(items) || typeof tag !== 'number' || lengths[tag] === undefined) {
      throw this.fault(field, `must be an array that starts with 0 to ${lengths.length - 1}`)
    }
    const allowed = [lengths[tag]].flat()
    if (!allowed.includes(items.length)) {
      throw this.fault(field, `must be an array of ${allowed.join(' or ')} elements when it starts with ${tag}`)
    }
    return [tag, { items, place: this.#at(field) }]
  }

  static #afterTag(items: readonly CborValue[], place: Place): Reader {
    const fields = new Reader(items, place)
    fields.#next = 1
    return fields
  }

  #take(): CborValue | undefined {
    return this.#items[this.#next++]
  }

  #at(field: string): Place {
    return { message: this.#place.message, parent: this.#place, at: field }
  }

  #fault(place: Place, reason: string): ProtocolError {
    return badMessage(place.message, pathOf(place), reason)
  }

  #list<T>(field: string, min: number, max: number, read: (value: CborValue, place: Place) => T): T[] {
    const value = this.#take()
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      throw this.fault(field, `must be an array of ${min} to ${max} elements`)
    }
    const list = this.#at(field)
    return value.map((item, index) => read(item, { message: list.message, parent: list, at: index }))
  }

  /** An array of 1..`max` elements, each a larger number than the one before it once `read` has passed it. */
  #rising<T>(field: string, max: number, read: (value: CborValue, place: Place) => T): T[] {
    let before = -1
    return this.#list(field, 1, max, (value, place) => {
      const passed = read(value, place)
      if (Number(value) <= before) throw this.#fault(place, 'must be larger than the element before it')
      before = Number(value)
      return passed
    })
  }

  #record(value: CborValue | undefined, place: Place, length: number): Reader {
    if (Array.isArray(value) && value.length === length) return new Reader(value, place)
    throw this.#fault(place, `must be an array of ${length} elements`)
  }

  #integer(value: CborValue | undefined, place: Place, min: number, max: number): number {
    if (typeof value === 'number' && value >= min && value <= max) return value
    throw this.#fault(place, `must be an integer of ${min} to ${max}`)
  }

  #chosen<T>(value: CborValue | undefined, place: Place, values: readonly T[]): T {
    const chosen = typeof value === 'number' ? values[value] : undefined
    if (chosen !== undefined) return chosen
    throw this.#fault(place, `must be an integer of 0 to ${values.length - 1}`)
  }

  #text(value: CborValue | undefined, place: Place, bytesMax: number): string {
    if (typeof value === 'string' && fitsBytes(value, bytesMax)) return value
    throw this.#fault(place, `must be a text of at most ${bytesMax} bytes`)
  }
}

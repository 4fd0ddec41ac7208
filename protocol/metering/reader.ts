import { fromUtf8 } from '../bytes.ts'
import { TaskError } from '../errors.ts'
import { MODULE_LIMITS } from './profile.ts'

const DAMAGED = 'Build it again, and check that the file arrived whole.'

/**
 * A refusal of a module that says where and what to do.
 * @param words - why, as the end of a sentence
 * @param advice - a full sentence for the module's author
 */
export function badModule(section: string, offset: number, words: string, advice: string, cause?: unknown): TaskError {
  // Names come from the module, and people read this in their terminals.
  const reason = words.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·')
  const message = `The module is refused at its ${section}, byte ${offset}: ${reason}. ${advice}`
  return new TaskError({ code: 'bad_module', section, offset, reason }, message, cause === undefined ? {} : { cause })
}

/** Reads WebAssembly's binary format forward within one section. Offsets are those of the whole module. */
export class ModuleReader {
  readonly bytes: Uint8Array
  readonly end: number
  offset: number
  readonly #section: string | (() => string)

  /** @param section - where this is, for refusals: a text, or what makes one when it is needed */
  constructor(bytes: Uint8Array, section: string | (() => string), start: number, end: number) {
    this.bytes = bytes
    this.#section = section
    this.offset = start
    this.end = end
  }

  get section(): string {
    return typeof this.#section === 'string' ? this.#section : this.#section()
  }

  get done(): boolean {
    return this.offset >= this.end
  }

  /** A refusal at the present offset, or at `offset`. */
  refuse(reason: string, advice: string, offset = this.offset): TaskError {
    return badModule(this.section, offset, reason, advice)
  }

  /** A refusal for bytes no toolchain writes. */
  damaged(reason: string, offset = this.offset): TaskError {
    return this.refuse(reason, DAMAGED, offset)
  }

  byte(): number {
    const value = this.offset < this.end ? this.bytes[this.offset] : undefined
    if (value === undefined) throw this.damaged('it ends too early')
    this.offset++
    return value
  }

  /** Unsigned LEB128 of at most 32 bits and five bytes. */
  u32(): number {
    const start = this.offset
    // Nearly all numbers in code are small.
    const first = this.byte()
    if (first < 0x80) return first
    this.offset = start
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      if (shift === 28 && byte > 0x0f) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw this.damaged('a number is longer than 32 bits', start)
  }

  /** A vector's length, refused above `max`. */
  count(what: string, max: number): number {
    const start = this.offset
    const count = this.u32()
    if (count > max) {
      throw this.refuse(
        `it has ${count} ${what}, the limit is ${max}`,
        'Split the program or optimise for size.',
        start,
      )
    }
    return count
  }

  /** Moves past `length` bytes and returns where they began. */
  skip(length: number): number {
    const start = this.offset
    if (length > this.end - start) throw this.damaged(`it ends ${bytesOf(length - (this.end - start))} too early`)
    this.offset += length
    return start
  }

  /** A UTF-8 name of at most {@link MODULE_LIMITS}.nameBytesMax bytes. */
  name(): string {
    const at = this.offset
    const length = this.u32()
    if (length > MODULE_LIMITS.nameBytesMax) {
      throw this.refuse(`a name has ${length} bytes, the limit is ${MODULE_LIMITS.nameBytesMax}`, 'Shorten it.', at)
    }
    const start = this.skip(length)
    try {
      return fromUtf8(this.bytes.subarray(start, start + length))
    } catch (cause) {
      throw badModule(this.section, start, 'a name is not UTF-8', DAMAGED, cause)
    }
  }

  /** The section must be used up exactly. */
  finish(): void {
    if (!this.done) throw this.damaged(`it has ${bytesOf(this.end - this.offset)} left over`)
  }
}

const bytesOf = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`)

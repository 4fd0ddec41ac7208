/** The one parser of outputs bytes. It scans them directly, for it is the busiest parser there is. */
import type { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { badMessage } from './failure.ts'
import type { UnitOutcome } from './unit-outcome.ts'
import { EXIT_CODE_MAX, TRAP_KINDS } from './unit-outcome.ts'

/** A cursor over outputs bytes that remembers the element it passed last. */
export class OutputsScan {
  /** The next byte to read. */
  at = 0
  readonly #bytes: Uint8Array
  #tag = 0
  /** The trap's number or the exit code; for an output its length. */
  #value = 0

  constructor(bytes: Uint8Array) {
    if (bytes.length > LIMITS.leaseOutputBytesMax) {
      throw outputsFault('payload', `must be at most ${LIMITS.leaseOutputBytesMax} bytes`)
    }
    this.#bytes = bytes
  }

  /** The number of elements the array's head declares. */
  count(): number {
    const first = this.#bytes[0] ?? 0
    const count = first >> 5 === 4 ? this.#argument(first) : -1
    if (count < 1 || count > LIMITS.unitsPerLeaseMax) {
      throw outputsFault('payload', `must be an array of 1 to ${LIMITS.unitsPerLeaseMax} elements`)
    }
    // Each element takes a byte at least, so a short message cannot make the reader reserve a long list.
    if (count > this.#bytes.length - this.at) throw outputsFault('payload', 'must not end early')
    return count
  }

  /** Passes one element. */
  pass(unit: number): void {
    const bytes = this.#bytes
    const first = bytes[this.at] ?? 0
    if (first >> 5 === 2) this.#passOutput(first, unit)
    else if (first === 0x82) this.#passFailure(unit)
    else throw outputsFault(`[${unit}]`, 'must be a byte string or an array of 2 elements')
  }

  /** Whether the element passed last is a trap or an exit code. */
  get failed(): boolean {
    return this.#tag !== 0
  }

  /** The element passed last. */
  outcome(): UnitOutcome {
    if (this.#tag === 0) {
      const bytes = this.#bytes
      // Not subarray: of a Node Buffer that would be a Buffer again.
      return { kind: 'ok', bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + this.at - this.#value, this.#value) }
    }
    if (this.#tag === 2) return { kind: 'exit', code: this.#value }
    return { kind: 'trap', trap: TRAP_KINDS[this.#value] ?? 'other' }
  }

  /** States that nothing is left. */
  end(): void {
    if (this.at !== this.#bytes.length) throw outputsFault('payload', 'must end after its last element')
  }

  #passOutput(first: number, unit: number): void {
    const length = this.#argument(first)
    if (length < 0 || length > LIMITS.unitOutputBytesMax) {
      throw outputsFault(
        `[${unit}]`,
        `must be at most ${LIMITS.unitOutputBytesMax} bytes, its length in the shortest form`,
      )
    }
    this.at += length
    if (this.at > this.#bytes.length) throw outputsFault(`[${unit}]`, 'must not end early')
    this.#tag = 0
    this.#value = length
  }

  #passFailure(unit: number): void {
    const tag = this.#bytes[++this.at]
    const first = this.#bytes[++this.at] ?? 0xff
    const value = first >> 5 === 0 ? this.#argument(first) : -1
    if (tag === 1 && value >= 0 && value < TRAP_KINDS.length) this.#tag = 1
    else if (tag === 2 && value >= 1 && value <= EXIT_CODE_MAX) this.#tag = 2
    else throw outputsFault(`[${unit}]`, `must be [1, 0..${TRAP_KINDS.length - 1}] or [2, 1..${EXIT_CODE_MAX}]`)
    this.#value = value
  }

  /** Passes a head and gives its argument; -1 when it is not in its shortest form, cut off or beyond 32 bits. */
  #argument(first: number): number {
    const bytes = this.#bytes
    const short = first & 31
    const at = this.at + 1
    if (short < 24) {
      this.at = at
      return short
    }
    const width = short === 24 ? 1 : short === 25 ? 2 : 4
    if (short > 26 || at + width > bytes.length) return -1
    let value = 0
    for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] ?? 0)
    this.at = at + width
    return headLength(value) === 1 + width ? value : -1
  }
}

/** Bytes of the shortest head with this argument, up to 32 bits. */
export function headLength(argument: number): number {
  if (argument < 24) return 1
  if (argument < 0x100) return 2
  return argument < 0x10000 ? 3 : 5
}

/** The failure of outputs bytes. */
export function outputsFault(field: string, reason: string): ProtocolError {
  return badMessage('outputs', field, reason)
}

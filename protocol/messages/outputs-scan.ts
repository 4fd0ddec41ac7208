/** The one parser of outputs bytes. It scans them directly, for it is the busiest parser there is. */
import { assert, type ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { badMessage } from './failure.ts'
import type { UnitOutcome } from './unit-outcome.ts'
import { EXIT_CODE_MAX, TRAP_KINDS } from './unit-outcome.ts'

/** Heads of the arrays of two and of three elements. */
export const PAIR = 0x82
export const TRIPLE = 0x83

/** The kinds of an element that is no output, by the number that follows its fuel. */
export const TRAP = 1
export const EXIT = 2
export const OUT_OF_FUEL = 3

/** The kind of an element that is an output; its place on the wire is taken by the output itself. */
const OUTPUT = 0

/** A cursor over outputs bytes that remembers the element it passed last. */
export class OutputsScan {
  /** The next byte to read. */
  at = 0
  /** What the unit passed last burned. It begins as a double, because engines store those in place and other large numbers as objects. */
  fuel = Number.NaN
  readonly #bytes: Uint8Array
  /** The limit of the units, where it is known. */
  readonly #unitFuelMax: number | null
  readonly #fuelMax: number
  #kind: number = OUTPUT
  /** The trap's number or the exit code; for an output its length. */
  #value = 0

  /** @param unitFuelMax - the limit of the units, where it is known: none burned more, and what ran out burned all of it */
  constructor(bytes: Uint8Array, unitFuelMax: number | null = null) {
    if (bytes.length > LIMITS.leaseOutputBytesMax) {
      throw outputsFault('payload', `must be at most ${LIMITS.leaseOutputBytesMax} bytes`)
    }
    this.#bytes = bytes
    this.#unitFuelMax = unitFuelMax
    this.#fuelMax = unitFuelMax ?? LIMITS.unitFuelMax
  }

  /** The number of elements the array's head declares. */
  count(): number {
    const first = this.#bytes[0] ?? 0
    const count = first >> 5 === 4 ? this.#argument(first) : -1
    if (count < 1 || count > LIMITS.unitsPerLeaseMax) {
      throw outputsFault('payload', `must be an array of 1 to ${LIMITS.unitsPerLeaseMax} elements`)
    }
    // Each element takes three bytes at least, so a short message cannot make the reader reserve a long list.
    if (count * 3 > this.#bytes.length - this.at) throw outputsFault('payload', 'must not end early')
    return count
  }

  /** Passes one element. */
  pass(unit: number): void {
    const bytes = this.#bytes
    const head = bytes[this.at] ?? 0
    if (head !== PAIR && head !== TRIPLE) throw outputsFault(`[${unit}]`, 'must be an array of 2 or 3 elements')
    this.at++
    this.#passFuel(unit)
    const first = bytes[this.at] ?? 0xff
    if (head === TRIPLE) this.#passFailure(first, unit)
    else if (first >> 5 === 2) this.#passOutput(first, unit)
    else if (first === OUT_OF_FUEL) this.#passOutOfFuel(unit)
    else throw outputsFault(`[${unit}]`, 'must be [fuel, output] or [fuel, 3] when it has 2 elements')
  }

  /** Whether the element passed last is anything but an output. */
  get failed(): boolean {
    return this.#kind !== OUTPUT
  }

  /** The element passed last. */
  outcome(): UnitOutcome {
    const fuel = this.fuel
    if (this.#kind === OUTPUT) {
      const { buffer, byteOffset } = this.#bytes
      // Not subarray: of a Node Buffer that would be a Buffer again.
      return { fuel, kind: 'ok', bytes: new Uint8Array(buffer, byteOffset + this.at - this.#value, this.#value) }
    }
    if (this.#kind === EXIT) return { fuel, kind: 'exit', code: this.#value }
    if (this.#kind === OUT_OF_FUEL) return { fuel, kind: 'out_of_fuel' }
    const trap = TRAP_KINDS[this.#value]
    assert(trap !== undefined, 'a trap that was passed has a name')
    return { fuel, kind: 'trap', trap }
  }

  /** States that nothing is left. */
  end(): void {
    if (this.at !== this.#bytes.length) throw outputsFault('payload', 'must end after its last element')
  }

  #passFuel(unit: number): void {
    const first = this.#bytes[this.at] ?? 0xff
    const fuel = first >> 5 === 0 ? this.#argument(first) : -1
    if (fuel < 0 || fuel > this.#fuelMax) {
      throw outputsFault(
        `[${unit}]`,
        `must begin with its fuel, an integer of 0 to ${this.#fuelMax} in the shortest form`,
      )
    }
    this.fuel = fuel
  }

  #passOutOfFuel(unit: number): void {
    if (this.#unitFuelMax !== null && this.fuel !== this.#unitFuelMax) {
      throw outputsFault(`[${unit}]`, `must begin with ${this.#unitFuelMax}, all the fuel of a unit that ran out of it`)
    }
    this.at++
    this.#kind = OUT_OF_FUEL
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
    this.#kind = OUTPUT
    this.#value = length
  }

  #passFailure(kind: number, unit: number): void {
    const first = this.#bytes[++this.at] ?? 0xff
    const value = first >> 5 === 0 ? this.#argument(first) : -1
    const known =
      kind === TRAP ? value >= 0 && value < TRAP_KINDS.length : kind === EXIT && value >= 1 && value <= EXIT_CODE_MAX
    if (!known) {
      const forms = `[fuel, ${TRAP}, 0..${TRAP_KINDS.length - 1}] or [fuel, ${EXIT}, 1..${EXIT_CODE_MAX}]`
      throw outputsFault(`[${unit}]`, `must be ${forms} when it has 3 elements`)
    }
    this.#kind = kind
    this.#value = value
  }

  /**
   * Passes a head and gives its argument; -1 when it is not in its shortest form or cut off. Beyond 2^53 the number is not exact,
   * but far above every bound here.
   */
  #argument(first: number): number {
    const short = first & 31
    const at = this.at + 1
    if (short < 24) {
      this.at = at
      return short
    }
    const bytes = this.#bytes
    const end = at + (1 << (short - 24))
    if (short > 27 || end > bytes.length) return -1
    this.at = end
    // Small integers as long as possible, for this runs several times for each unit.
    if (short === 24) return atLeast(24, bytes[at] as number)
    if (short === 25) return atLeast(0x100, ((bytes[at] as number) << 8) | (bytes[at + 1] as number))
    if (short === 26) return atLeast(0x10000, uint32(bytes, at))
    return atLeast(0x1_0000_0000, uint32(bytes, at) * 0x1_0000_0000 + uint32(bytes, at + 4))
  }
}

/** Bytes of the shortest head with this argument, 0 or more. */
export function headLength(argument: number): number {
  if (argument < 24) return 1
  if (argument < 0x100) return 2
  if (argument < 0x10000) return 3
  return argument < 0x1_0000_0000 ? 5 : 9
}

/** The failure of outputs bytes. */
export function outputsFault(field: string, reason: string): ProtocolError {
  return badMessage('outputs', field, reason)
}

function atLeast(least: number, value: number): number {
  return value >= least ? value : -1
}

/** The four bytes from `at` as an unsigned integer. */
function uint32(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  return (bytes[at] as number) * 0x100_0000 + low
}

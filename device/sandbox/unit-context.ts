import { LIMITS } from '../../protocol/limits.ts'
import type { UnitOutcome } from '../../protocol/messages/index.ts'
import type { GuestMemory } from './guest-memory.ts'
import type { UnitRandom } from './unit-random.ts'

/** Thrown through a task's frames once its outcome is settled. Not an Error: it carries nothing and costs no stack trace. */
export const UNIT_ENDED = Symbol('unit ended')

/** All that one unit can see and say while it runs. The host functions of a module work on the present one. */
export class UnitContext {
  readonly memory: GuestMemory
  /** NUL-terminated arguments, the program's name first. */
  readonly args: readonly Uint8Array[]
  readonly random: UnitRandom
  readonly #input: Uint8Array
  #inputUsed = 0
  readonly #written: Uint8Array[] = []
  #writtenBytes = 0
  #outcome: UnitOutcome | null = null

  constructor(memory: GuestMemory, args: readonly Uint8Array[], input: Uint8Array, random: UnitRandom) {
    this.memory = memory
    this.args = args
    this.#input = input
    this.random = random
  }

  /** The outcome settled from inside, or null while the unit may go on. */
  get outcome(): UnitOutcome | null {
    return this.#outcome
  }

  /** The next `length` bytes of the input, fewer at its end. */
  read(length: number): Uint8Array {
    const bytes = this.#input.subarray(this.#inputUsed, this.#inputUsed + length)
    this.#inputUsed += bytes.length
    return bytes
  }

  /** Keeps a copy of output bytes; ends the unit past {@link LIMITS}.unitOutputBytesMax. */
  write(bytes: Uint8Array): void {
    this.#writtenBytes += bytes.length
    if (this.#writtenBytes > LIMITS.unitOutputBytesMax) this.end({ kind: 'trap', trap: 'output_too_large' })
    this.#written.push(bytes.slice())
  }

  /** The first outcome stands: a task that catches {@link UNIT_ENDED} and goes on changes nothing. */
  end(outcome: UnitOutcome): never {
    this.#outcome ??= outcome
    throw UNIT_ENDED
  }

  /** Everything written so far. */
  output(): Uint8Array {
    const [first] = this.#written
    if (first !== undefined && this.#written.length === 1) return first
    const bytes = new Uint8Array(this.#writtenBytes)
    let at = 0
    for (const part of this.#written) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }
}

import { assert } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { TrapKind } from '../../protocol/messages/index.ts'
import type { Counters } from './counters.ts'
import type { GuestMemory } from './guest-memory.ts'
import { OutputBuffer } from './output-buffer.ts'
import { OutputTail } from './output-tail.ts'
import { UnitRandom } from './unit-random.ts'

/** Thrown through a task's frames once its end is settled. Not an Error: it carries nothing and costs no stack trace. */
export const UNIT_ENDED = Symbol('unit ended')

/** What is kept of a unit's standard error. */
export const STDERR_BYTES_MAX = 4_096

/** What a unit is given. The same unit always runs to the same end. */
export interface Unit {
  /** The 10 bytes of the job's id. */
  readonly job: Uint8Array
  /** The unit's number within its job. */
  readonly number: number
  /** NUL-terminated arguments, the program's name first. */
  readonly args: readonly Uint8Array[]
  readonly input: Uint8Array
}

/** How a unit ended, without what it cost. */
export type UnitEnd =
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  | { readonly kind: 'trap'; readonly trap: TrapKind }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'out_of_fuel' }

/** All that one unit can see and say while it runs. The host functions of a module work on the present one. */
export class UnitContext {
  readonly memory: GuestMemory
  readonly args: readonly Uint8Array[]
  /** The last of what it wrote to standard error, or null when nobody asked for it. */
  readonly stderr: OutputTail | null
  readonly #unit: Unit
  #counters: Counters | null = null
  #random: UnitRandom | null = null
  #inputUsed = 0
  #timeNs = 0n
  readonly #output = new OutputBuffer()
  #end: UnitEnd | null = null

  constructor(memory: GuestMemory, unit: Unit, { keepsStderr = false } = {}) {
    this.memory = memory
    this.args = unit.args
    this.stderr = keepsStderr ? new OutputTail(STDERR_BYTES_MAX) : null
    this.#unit = unit
  }

  /** The end settled from inside, or null while the unit may go on. */
  get settled(): UnitEnd | null {
    return this.#end
  }

  /** Bytes of the input that have not been read. */
  get unread(): number {
    return this.#unit.input.length - this.#inputUsed
  }

  get random(): UnitRandom {
    this.#random ??= new UnitRandom(this.#unit.job, this.#unit.number)
    return this.#random
  }

  /** What all of its clocks show, in nanoseconds. */
  get timeNs(): bigint {
    return this.#timeNs
  }

  /** Moves the time on to when a wait is over, unless it is already. */
  waitUntil(ns: bigint): void {
    if (ns > this.#timeNs) this.#timeNs = ns
  }

  /** From here on, what the unit costs is counted there. */
  countWith(counters: Counters): void {
    this.#counters = counters
  }

  /** Charges for what a host function is about to do, and ends the unit when it has not so much fuel left. */
  charge(fuel: number): void {
    assert(this.#counters !== null, 'a unit calls host functions only once its fuel is counted')
    if (!this.#counters.spend(fuel)) this.end({ kind: 'out_of_fuel' })
  }

  /** The next `length` bytes of the input, fewer at its end. */
  read(length: number): Uint8Array {
    const bytes = this.#unit.input.subarray(this.#inputUsed, this.#inputUsed + length)
    this.#inputUsed += bytes.length
    return bytes
  }

  /** Keeps a copy of output bytes; ends the unit past {@link LIMITS}.unitOutputBytesMax. */
  write(bytes: Uint8Array): void {
    if (this.#output.length + bytes.length > LIMITS.unitOutputBytesMax) {
      this.end({ kind: 'trap', trap: 'output_too_large' })
    }
    this.#output.push(bytes)
  }

  /** The first end stands, whatever is called after it. */
  end(end: UnitEnd): never {
    this.#end ??= end
    throw UNIT_ENDED
  }

  /** Everything written so far. */
  output(): Uint8Array {
    return this.#output.take()
  }
}

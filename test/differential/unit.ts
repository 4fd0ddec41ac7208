/** One unit of work on a module, driven alike whoever runs the module, and what there is to see afterwards. */
import type { TrapKind } from '../../protocol/messages/index.ts'
import { START_EXPORT } from '../../protocol/metering/index.ts'
import { Exit, OutOfFuel } from './host.ts'
import { Trap, type Value } from './values.ts'

/** How a unit ended. `value` is what a reactor's `run` returned. */
export type Ending =
  | { readonly kind: 'ok'; readonly value: bigint | null }
  | { readonly kind: 'trap'; readonly trap: TrapKind }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'out_of_fuel' }

/** What there is to see of a unit that has ended. */
export interface UnitRun {
  readonly ending: Ending
  /** Fuel spent, the whole limit when it ran out; null where nothing counts it. */
  readonly fuel: number | null
  readonly output: readonly number[]
  readonly memory: Uint8Array
  /** Numeric mutable globals by index, where they can be seen. */
  readonly globals: ReadonlyMap<number, Value>
}

/** What a unit runs with, alike in every way of running it. */
export interface UnitSetting {
  readonly input: Uint8Array
  /** Fuel that a unit which ends by itself should not use up, and the interpreter within tens of milliseconds. */
  readonly fuelMax: number
  /** Pages a task may use, whatever maximum the module sets. */
  readonly pagesMax: number
}

/** For generated modules. */
export const GENERATED: UnitSetting = {
  input: Uint8Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3),
  fuelMax: 60_000,
  pagesMax: 4,
}

/** An instance that can be called by the names of a module's exports. */
export interface Callable {
  has(name: string): boolean
  /** @throws {Trap} @throws {OutOfFuel} @throws {Exit} */
  call(name: string, args: readonly Value[]): Value | undefined
  memory(): Uint8Array
}

/** Runs one unit as a device does: the start function, then `_start`, or `_initialize`, `alloc` and `run`. */
export function driveUnit(instance: Callable, input: Uint8Array): Ending {
  return endingOf(() => {
    if (instance.has(START_EXPORT)) instance.call(START_EXPORT, [])
    if (instance.has('_start')) {
      instance.call('_start', [])
      return null
    }
    if (instance.has('_initialize')) instance.call('_initialize', [])
    const pointer = Number(instance.call('alloc', [input.length])) >>> 0
    const memory = instance.memory()
    if (pointer + input.length > memory.length) throw new Trap('bad_output')
    memory.set(input, pointer)
    return BigInt(instance.call('run', [pointer | 0, input.length]) as bigint)
  })
}

/** What something thrown out of a task's code, or its value, means. */
export function endingOf(run: () => bigint | null): Ending {
  try {
    return { kind: 'ok', value: run() }
  } catch (thrown) {
    if (thrown instanceof OutOfFuel) return { kind: 'out_of_fuel' }
    if (thrown instanceof Exit) return { kind: 'exit', code: thrown.code }
    if (thrown instanceof Trap) return { kind: 'trap', trap: thrown.kind }
    throw thrown
  }
}

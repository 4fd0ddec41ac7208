/** Runs small modules as they are and in every metered shape, and tells what came of it. */
import { engine, type WasmGlobal, type WasmInstance, type WasmMemory } from '../../device/sandbox/engine.ts'
import {
  FAULT,
  FAULT_EXPORT,
  FUEL_EXPORT,
  inspectModule,
  type MeterShape,
  meterModule,
  PAGE_BYTES,
  PROFILE_EXPORT_PREFIX,
  START_EXPORT,
} from '../../protocol/metering/index.ts'

export const SHAPES: readonly MeterShape[] = ['fast', 'exact', 'profile']

/** Fuel that no small module uses up. */
export const PLENTY = 1_000_000_000_000

/** What a WASI function of these tests does; `spend` charges for what it does by length, and `memory` is the task's. */
export type HostFunction = (
  host: { readonly memory: WasmMemory; spend(fuel: number): void },
  ...parameters: number[]
) => number

export type Host = Readonly<Record<string, HostFunction>>

/** An exit by a host function, as `proc_exit` does it. */
export class Exit extends Error {}

export type Ending = 'ok' | 'trap' | 'exit' | 'out of fuel' | 'stack exhausted' | 'host trouble'

export interface Run {
  readonly ending: Ending
  /** The engine's words on a trap; empty when there was none. */
  readonly trap: string
  /** Of the whole memory. */
  readonly memory: Uint8Array
}

export interface MeteredRun extends Run {
  /** What was charged; the limit when it did not suffice. */
  readonly fuel: number
  /** Fuel charged inside each function with a body, of the `profile` shape; empty for the others. */
  readonly profile: readonly number[]
  /** Values of the globals that the module exports for its host, without their prefix. */
  readonly globals: Readonly<Record<string, number | bigint>>
}

export interface RunOptions {
  readonly host?: Host
  readonly memoryPagesMax?: number
  /** Maximum of the memory the host gives, when it is to be less than what the module was promised. */
  readonly memoryGivenMax?: number
}

const INPUT_LENGTH = 4

/** Calls a module as a host does: `_initialize`, then `_start`, or `alloc` and `run`. */
function callEntries({ exports }: WasmInstance): void {
  const entry = (name: string) => exports[name] as ((...parameters: number[]) => number) | undefined
  entry('_initialize')?.()
  const start = entry('_start')
  if (start !== undefined) start()
  else entry('run')?.(entry('alloc')?.(INPUT_LENGTH) ?? 0, INPUT_LENGTH)
}

function importsOf(bytes: Uint8Array, host: Host, memoryOf: () => WasmMemory, spend: (fuel: number) => void) {
  const imports: Record<string, Record<string, unknown>> = {}
  for (const { module, field } of inspectModule(bytes).imports) {
    const call = (...parameters: number[]) => {
      const answer = host[field]
      return answer === undefined ? 0 : answer({ memory: memoryOf(), spend }, ...parameters)
    }
    imports[module] = { ...imports[module], [field]: call }
  }
  return imports
}

/** Calls `run`, and returns how it ended by what it threw. */
function endingOf(run: () => void): { ending: Ending; trap: string } {
  try {
    run()
    return { ending: 'ok', trap: '' }
  } catch (error) {
    if (error instanceof Exit) return { ending: 'exit', trap: '' }
    if (error instanceof engine.RuntimeError) return { ending: 'trap', trap: error.message }
    throw error
  }
}

/** Runs the module as it was sent. A start function's trap leaves no memory to look at, and none is returned. */
export function runPlain(bytes: Uint8Array, { host = {} }: RunOptions = {}): Run {
  let instance: WasmInstance | null = null
  const memoryOf = () => instance?.exports.memory as WasmMemory
  const imports = importsOf(bytes, host, memoryOf, () => undefined)
  const { ending, trap } = endingOf(() => {
    instance = new engine.Instance(new engine.Module(bytes), imports)
    callEntries(instance)
  })
  return { ending, trap, memory: instance === null ? new Uint8Array(0) : new Uint8Array(memoryOf().buffer) }
}

/** Runs the module in a metered shape, as a unit with this much fuel. */
export function runMetered(
  bytes: Uint8Array,
  shape: MeterShape,
  fuelMax = PLENTY,
  options: RunOptions = {},
): MeteredRun {
  const { host = {}, memoryPagesMax = 16, memoryGivenMax } = options
  const metered = meterModule(bytes, { memoryPagesMax, shape })
  const { initialPages, maximumPages } = metered.memory
  const memory = new engine.Memory({ initial: initialPages, maximum: memoryGivenMax ?? maximumPages })
  const spend = (fuel: number) => {
    fuelLeft.value = (fuelLeft.value as bigint) - BigInt(fuel)
  }
  const imports = { ...importsOf(bytes, host, () => memory, spend), hedgerow: { memory } }
  const instance = new engine.Instance(new engine.Module(metered.bytes), imports)
  const fuelLeft = instance.exports[FUEL_EXPORT] as WasmGlobal
  const fault = instance.exports[FAULT_EXPORT] as WasmGlobal
  fuelLeft.value = BigInt(fuelMax)
  fault.value = FAULT.none
  const { ending, trap } = endingOf(() => {
    const start = instance.exports[START_EXPORT] as (() => void) | undefined
    start?.()
    callEntries(instance)
  })
  const left = Number(fuelLeft.value)
  return {
    ending: left < 0 ? 'out of fuel' : endingByFault(Number(fault.value), ending),
    trap,
    fuel: left < 0 ? fuelMax : fuelMax - left,
    memory: new Uint8Array(memory.buffer),
    profile: profileOf(instance),
    globals: globalsOf(instance),
  }
}

function endingByFault(fault: number, ending: Ending): Ending {
  if (fault === FAULT.stack) return 'stack exhausted'
  return fault === FAULT.host ? 'host trouble' : ending
}

function profileOf({ exports }: WasmInstance): number[] {
  return Object.entries(exports)
    .filter(([name]) => name.startsWith(PROFILE_EXPORT_PREFIX))
    .map(([, counter]) => Number((counter as WasmGlobal).value))
}

function globalsOf({ exports }: WasmInstance): Record<string, number | bigint> {
  const prefix = 'hedgerow.global.'
  const named = Object.entries(exports).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(named.map(([name, global]) => [name.slice(prefix.length), (global as WasmGlobal).value]))
}

/** The bytes that a memory of so many pages begins with, which is all that small modules write. */
export const headOf = (memory: Uint8Array): number[] => [...memory.subarray(0, 256)]

/** How many pages a memory has. */
export const pagesOf = (memory: Uint8Array): number => memory.length / PAGE_BYTES

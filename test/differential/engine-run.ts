/** Runs a unit in the JavaScript engine: the plain module, its canonical form, or a metered one. */
import {
  engine,
  type WasmGlobal,
  type WasmInstance,
  type WasmMemory,
  type WasmModule,
} from '../../device/sandbox/engine.ts'
import { trapOf } from '../../device/sandbox/traps.ts'
import {
  FAULT,
  FAULT_EXPORT,
  FUEL_EXPORT,
  GLOBAL_EXPORT_PREFIX,
  MEMORY_IMPORT,
  PROFILE_EXPORT_PREFIX,
} from '../../protocol/metering/index.ts'
import { Host, OutOfFuel } from './host.ts'
import { NANS_EXPORT } from './plain-module.ts'
import { driveUnit, type Ending, endingOf, type UnitRun } from './unit.ts'
import { Trap, type Value } from './values.ts'

/** Trouble of the host, which is no result; in these tests a finding. */
export class HostTrouble extends Error {}

/** What to run, and in which memory. */
export interface EngineUnit {
  readonly module: WasmModule
  /** Of the memory that the module imports. */
  readonly pages: { readonly initial: number; readonly maximum: number }
  /** The limit of a metered module; null for a plain one. */
  readonly fuelMax: number | null
  readonly input: Uint8Array
}

/** A run in the engine, and what only the engine tells. */
export interface EngineRun extends UnitRun {
  /** NaNs that a canonical module made so. */
  readonly nans: number
  /** Of the `profile` shape: fuel charged inside each function, by its index. */
  readonly self: ReadonlyMap<number, number>
}

/** Runs one unit. A plain module must be known to end. @throws {HostTrouble} */
export function runInEngine({ module, pages, fuelMax, input }: EngineUnit): EngineRun {
  const memory = new engine.Memory(pages)
  const bytes = () => new Uint8Array(memory.buffer)
  let exports: WasmInstance['exports'] = {}
  const fuel = () => exports[FUEL_EXPORT] as WasmGlobal
  const host = new Host(
    { memory: bytes, charge: amount => chargeGlobal(fuelMax === null ? null : fuel(), amount) },
    input,
  )
  const started = endingOf(() => {
    exports = trapping(() => new engine.Instance(module, importsOf(host, memory))).exports
    return null
  })
  if (started.kind === 'ok' && fuelMax !== null) fuel().value = BigInt(fuelMax)
  const ending = started.kind === 'ok' ? driveUnit(callable(exports, bytes), input) : started
  const counted =
    fuelMax === null ? null : { max: fuelMax, left: started.kind === 'ok' ? Number(fuel().value) : fuelMax }
  return {
    ...settle(ending, counted, Number(numberOf(exports[FAULT_EXPORT]) ?? FAULT.none)),
    output: host.output,
    memory: bytes().slice(),
    globals: numbersBy(exports, GLOBAL_EXPORT_PREFIX),
    nans: Number(numberOf(exports[NANS_EXPORT]) ?? 0),
    self: new Map([...numbersBy(exports, PROFILE_EXPORT_PREFIX)].map(([index, value]) => [index, Number(value)])),
  }
}

/** What a device makes of an ending, of what is left of the fuel and of the fault that the module noted. */
function settle(
  ending: Ending,
  fuel: { readonly max: number; readonly left: number } | null,
  fault: number,
): { ending: Ending; fuel: number | null } {
  if (fault === FAULT.host) throw new HostTrouble('the memory or a table did not grow')
  if (fuel === null) return { ending, fuel: null }
  if (ending.kind === 'out_of_fuel' || fuel.left < 0) return { ending: { kind: 'out_of_fuel' }, fuel: fuel.max }
  const spent = fuel.max - fuel.left
  return fault === FAULT.stack
    ? { ending: { kind: 'trap', trap: 'stack_exhausted' }, fuel: spent }
    : { ending, fuel: spent }
}

function chargeGlobal(global: WasmGlobal | null, amount: number): void {
  if (global === null) return
  global.value = BigInt(global.value) - BigInt(amount)
  if (global.value < 0n) throw new OutOfFuel()
}

function callable(exports: WasmInstance['exports'], memory: () => Uint8Array) {
  return {
    has: (name: string) => typeof exports[name] === 'function',
    call: (name: string, args: readonly Value[]) =>
      trapping(() => (exports[name] as (...args: readonly Value[]) => Value | undefined)(...args)),
    memory,
  }
}

/** The engine's traps by their names in the protocol. */
function trapping<T>(run: () => T): T {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new HostTrouble(thrown.message, { cause: thrown })
    const trap = trapOf(thrown)
    if (trap === null) throw thrown
    throw new Trap(trap)
  }
}

function importsOf(host: Host, memory: WasmMemory): Record<string, Record<string, unknown>> {
  const functions = (from: string) =>
    new Proxy({}, { get: (_, field) => host.function(from, String(field)) }) as Record<string, unknown>
  return {
    wasi_snapshot_preview1: functions('wasi_snapshot_preview1'),
    env: functions('env'),
    [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.field]: memory },
  }
}

function numberOf(global: unknown): Value | undefined {
  return global instanceof engine.Global ? global.value : undefined
}

function numbersBy(exports: WasmInstance['exports'], prefix: string): Map<number, Value> {
  const named = Object.keys(exports).filter(name => name.startsWith(prefix))
  return new Map(named.map(name => [Number(name.slice(prefix.length)), numberOf(exports[name]) ?? null]))
}

import { START_EXPORT } from '../../protocol/metering/index.ts'
import { type DecodedModule, decodeModule } from './decode-module.ts'
import { FuelMeter } from './fuel-meter.ts'
import { Host } from './host.ts'
import { Interpreter } from './interpreter.ts'
import { TABLE_ENTRIES_MAX } from './rules.ts'
import { Store } from './store.ts'
import { driveUnit, endingOf, type UnitRun, type UnitSetting } from './unit.ts'
import type { Value } from './values.ts'

/** A run in the interpreter, and what only the interpreter tells. */
export interface Interpretation extends UnitRun {
  readonly fuel: number
  /** As {@link Interpreter.sawNan}. */
  readonly sawNan: boolean
  /** As {@link Interpreter.executed}. */
  readonly executed: ReadonlySet<number>
  /** Fuel charged inside each function with a body, by its index. */
  readonly self: ReadonlyMap<number, number>
}

/** Runs a unit of the module as its developer wrote it, in the reference interpreter. */
export function interpret(bytes: Uint8Array, { input, fuelMax, pagesMax }: UnitSetting): Interpretation {
  const module = decodeModule(bytes)
  const fuel = new FuelMeter(module, fuelMax)
  const store = new Store(module, { pagesMax, entriesMax: TABLE_ENTRIES_MAX })
  const host = new Host({ memory: () => store.memory, charge: amount => fuel.charge(amount, null) }, input)
  const functions = module.imports.map(({ module: from, field }) => host.function(from, field))
  const interpreter = new Interpreter({ module, store, fuel, host: functions })
  const entries = entriesOf(module)
  const started = endingOf(() => {
    store.instantiate()
    return null
  })
  const instance = {
    has: (name: string) => entries.has(name),
    call: (name: string, args: readonly Value[]) => interpreter.invoke(entries.get(name) ?? -1, args)[0],
    memory: () => store.memory,
  }
  const ending = started.kind === 'ok' ? driveUnit(instance, input) : started
  const { imports } = module
  return {
    ending,
    fuel: ending.kind === 'out_of_fuel' ? fuelMax : fuel.spent,
    output: host.output,
    memory: store.memory,
    globals: globalsOf(module, store),
    sawNan: interpreter.sawNan,
    executed: interpreter.executed,
    self: new Map(module.functions.map((body, place) => [imports.length + place, fuel.self.get(body) ?? 0])),
  }
}

function entriesOf(module: DecodedModule): ReadonlyMap<string, number> {
  const functions = module.exports.filter(({ kind }) => kind === 0)
  const entries = new Map(functions.map(({ name, index }) => [name, index]))
  if (module.start !== null) entries.set(START_EXPORT, module.start)
  return entries
}

function globalsOf(module: DecodedModule, store: Store): ReadonlyMap<number, Value> {
  const numbers = [...module.globals.entries()].filter(([, { type, mutable }]) => mutable && 'iIfF'.includes(type))
  return new Map(numbers.map(([index]) => [index, store.globals[index] ?? null]))
}

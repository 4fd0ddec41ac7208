/**
 * The heart of the differential tests: one module, run in every way there is, and every two runs that must agree compared. A
 * {@link Disagreement} names the runs and what differs.
 */
import { engine, type WasmModule } from '../../device/sandbox/engine.ts'
import { type MeterShape, meterModule } from '../../protocol/metering/index.ts'
import { type EngineRun, type EngineUnit, runInEngine } from './engine-run.ts'
import { type Interpretation, interpret } from './interpret.ts'
import { canonicalModule, plainModule } from './plain-module.ts'
import type { Ending, UnitRun, UnitSetting } from './unit.ts'

/** The engine's own traps, after which the `fast` shape's counter is behind: a device runs the unit again in the `exact` shape. */
export const STALE: ReadonlySet<string> = new Set([
  'memory_out_of_bounds',
  'divide_by_zero',
  'integer_overflow',
  'table_or_call',
])

const SHAPES: readonly MeterShape[] = ['fast', 'exact', 'profile']

/** Two runs that must agree do not. */
export class Disagreement extends Error {}

/** How a module ended: `ok`, `exit`, `out_of_fuel` or the kind of a trap. */
export type EndingName = string

/** The name of an ending. */
export const nameOf = (ending: Ending): EndingName => (ending.kind === 'trap' ? ending.trap : ending.kind)

/**
 * Runs a module in the reference interpreter, metered in all shapes with more fuel than it needs, just enough and too little, and plain.
 * @param limitShare - of the fuel it takes, what a run with too little gets: 0 to before 1
 * @throws {Disagreement} @throws {HostTrouble} @throws {TaskError} when the profile refuses the module
 */
export function compareRuns(bytes: Uint8Array, setting: UnitSetting, limitShare: number): Interpretation {
  const metered = new Metered(bytes, setting)
  const reference = interpret(bytes, setting)
  for (const shape of SHAPES) compareShape(metered.run(shape, setting.fuelMax), shape, reference)
  if (ends(reference)) {
    expectSame(metered.outcome(reference.fuel), 'metered with just enough fuel', reference)
    comparePlain(bytes, setting, metered.pages, reference)
  }
  const short = [reference.fuel - 1, Math.floor(reference.fuel * limitShare)]
  for (const limit of short.filter(limit => limit >= 0 && limit < reference.fuel)) {
    const run = metered.outcome(limit)
    const expected = { ending: { kind: 'out_of_fuel' }, fuel: limit } as const
    if (!isEqual(run.ending, expected.ending) || run.fuel !== limit) fail(`metered with ${limit} fuel`, expected, run)
  }
  return reference
}

/** A module in its three metered shapes. */
class Metered {
  readonly #modules: Record<MeterShape, WasmModule>
  readonly #input: Uint8Array
  readonly pages: EngineUnit['pages']

  constructor(bytes: Uint8Array, { input, pagesMax }: UnitSetting) {
    const meter = (shape: MeterShape) => meterModule(bytes, { memoryPagesMax: pagesMax, shape })
    const fast = meter('fast')
    this.#input = input
    this.pages = { initial: fast.memory.initialPages, maximum: fast.memory.maximumPages }
    this.#modules = {
      fast: new engine.Module(fast.bytes),
      exact: new engine.Module(meter('exact').bytes),
      profile: new engine.Module(meter('profile').bytes),
    }
  }

  run(shape: MeterShape, fuelMax: number): EngineRun {
    return runInEngine({ module: this.#modules[shape], pages: this.pages, fuelMax, input: this.#input })
  }

  /** What a device reports: of the `fast` shape, or where that does not know its fuel of the `exact` one. */
  outcome(fuelMax: number): EngineRun {
    const fast = this.run('fast', fuelMax)
    return STALE.has(nameOf(fast.ending)) ? this.run('exact', fuelMax) : fast
  }
}

/** Whether the plain module ends too. */
function ends({ ending }: UnitRun): boolean {
  return ending.kind !== 'out_of_fuel' && nameOf(ending) !== 'stack_exhausted'
}

function compareShape(run: EngineRun, shape: MeterShape, reference: Interpretation): void {
  const stale = shape === 'fast' && STALE.has(nameOf(run.ending))
  // The fuel may have run out before the trap, unseen.
  if (stale && reference.ending.kind === 'out_of_fuel') return
  expectSame(stale ? { ...run, fuel: reference.fuel } : run, shape, reference)
  // When instantiation traps, nothing is exported and nothing has run.
  if (shape !== 'profile' || reference.ending.kind === 'out_of_fuel' || reference.fuel === 0) return
  for (const [index, fuel] of reference.self) {
    const counted = run.self.get(index)
    if (counted !== fuel) {
      throw new Disagreement(`function ${index} has ${counted} fuel in the profile, ${fuel} in the interpreter`)
    }
  }
}

/** Where no NaN had to be made canonical the module as it is must do the same too. */
function comparePlain(
  bytes: Uint8Array,
  { input, pagesMax }: UnitSetting,
  pages: EngineUnit['pages'],
  reference: Interpretation,
): void {
  const { fuel } = reference
  const run = (module: Uint8Array) => runInEngine({ module: new engine.Module(module), pages, fuelMax: null, input })
  const canonical = run(canonicalModule(bytes, pagesMax))
  expectSame({ ...canonical, fuel }, 'plain, NaNs made canonical', reference)
  const sawNan = canonical.nans > 0
  if (sawNan !== reference.sawNan) throw new Disagreement(`the interpreter saw ${reference.sawNan ? 'a' : 'no'} NaN`)
  if (!sawNan) expectSame({ ...run(plainModule(bytes, pagesMax)), fuel }, 'plain', reference)
}

function expectSame(run: UnitRun, name: string, reference: UnitRun): void {
  if (!isEqual(run.ending, reference.ending) || run.fuel !== reference.fuel) fail(name, reference, run)
  // What a unit without fuel did does not matter.
  if (reference.ending.kind === 'out_of_fuel') return
  if (run.output.join() !== reference.output.join()) throw new Disagreement(`${name}: the output differs`)
  if (Buffer.compare(run.memory, reference.memory) !== 0) {
    const at = reference.memory.findIndex((byte, index) => byte !== run.memory[index])
    throw new Disagreement(
      `${name}: the memory differs at ${at} of ${run.memory.length}, ${reference.memory.length} bytes`,
    )
  }
  for (const [index, value] of run.globals) {
    const expected = reference.globals.get(index)
    if (expected !== undefined && !Object.is(value, expected)) {
      throw new Disagreement(`${name}: global ${index} is ${value}, not ${expected}`)
    }
  }
}

function isEqual(a: Ending, b: Ending): boolean {
  if (a.kind === 'ok') return b.kind === 'ok' && a.value === b.value
  if (a.kind === 'exit') return b.kind === 'exit' && a.code === b.code
  return nameOf(a) === nameOf(b)
}

function fail(name: string, expected: Pick<UnitRun, 'ending' | 'fuel'>, run: UnitRun): never {
  const text = ({ ending, fuel }: Pick<UnitRun, 'ending' | 'fuel'>) =>
    `${nameOf(ending)}${ending.kind === 'ok' ? ` ${ending.value}` : ''}${ending.kind === 'exit' ? ` ${ending.code}` : ''} with ${fuel} fuel`
  throw new Disagreement(`${name}: ${text(run)}, expected ${text(expected)}`)
}

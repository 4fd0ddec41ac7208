import { assert, messageOf } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Abi, UnitOutcome } from '../../protocol/messages/index.ts'
import { FAULT, hostFuel, type MeterShape, WASI_FUNCTIONS, WASI_MODULE } from '../../protocol/metering/index.ts'
import { callTrace } from './call-trace.ts'
import type { WasmImports } from './engine.ts'
import { GUEST_FAULT } from './guest-memory.ts'
import { HostTrouble } from './host-trouble.ts'
import { InstanceSource } from './instance-source.ts'
import type { FunctionFuel, MeteredInstance } from './metered-instance.ts'
import { TaskMemory } from './task-memory.ts'
import type { TaskModule } from './task-module.ts'
import { trapOf } from './traps.ts'
import { type Unit, UnitContext, type UnitEnd } from './unit-context.ts'
import { notImplemented, wasiFunctions } from './wasi.ts'

/** What a developer wants to see of a unit besides its outcome. None of it is ever part of a result. */
export interface UnitInspection {
  readonly outcome: UnitOutcome
  /** The last of what it wrote to standard error. */
  readonly stderr: Uint8Array
  /** Fuel by function, when it was asked for; otherwise empty. */
  readonly profile: readonly FunctionFuel[]
  /** After a trap of the engine, the functions that were active, by index and innermost first; otherwise empty. */
  readonly trace: readonly number[]
}

/** How a task runs its units. */
export interface TaskInit {
  /** Gives memory back that nobody uses any more, at once. Default: the engine takes its time. */
  collect?(): void
  /** Makes a new instance for every unit, even where one could be set back. */
  readonly fresh?: boolean
}

/** How one attempt at a unit ended. */
interface Attempt {
  readonly end: UnitEnd
  readonly fuel: number
  /** The fuel is not known: the module counts in a local and had no chance to say where it stood. */
  readonly stale: boolean
  /** Null when a segment of the module did not fit, before any of its code ran. */
  readonly instance: MeteredInstance | null
  /** What the engine threw; null when it did not. */
  readonly thrown: unknown
}

/** A module's units, run one by one. Each finds an instance as if it were the first, so nothing passes from one to the next. */
export class Task {
  readonly #module: TaskModule
  readonly #fresh: boolean
  readonly #memories: TaskMemory
  readonly #imports: WasmImports
  readonly #sources = new Map<MeterShape, InstanceSource>()
  #context: UnitContext | null = null

  constructor(module: TaskModule, { collect = () => {}, fresh = false }: TaskInit = {}) {
    this.#module = module
    this.#fresh = fresh
    this.#memories = new TaskMemory({ ...module.memory, collect })
    const current = () => {
      assert(this.#context !== null, 'host functions are called by a unit only')
      return this.#context
    }
    const wasi = wasiFunctions(current)
    this.#imports = {
      [WASI_MODULE]: Object.fromEntries(WASI_FUNCTIONS.map(name => [name, wasi[name] ?? notImplemented])),
      env: { abort: () => current().end({ kind: 'trap', trap: 'unreachable' }) },
    }
  }

  /**
   * Runs one unit to its end. After a trap that left the fuel unknown it runs once more, from the start, in the form of the module
   * that writes it down at every step.
   * @param fuelMax - fuel it may burn, 1..{@link LIMITS}.unitFuelMax
   * @throws {HostTrouble} when this machine could not run it; the task must not be used any more
   * @see spec/metering.md
   */
  run(unit: Unit, fuelMax: number): UnitOutcome {
    const first = this.#attempt('fast', new UnitContext(this.#memories.take(), unit), fuelMax)
    if (!first.stale) return outcomeOf(first)
    return outcomeOf(this.#attempt('exact', new UnitContext(this.#memories.take(), unit), fuelMax))
  }

  /**
   * Runs one unit as {@link run} does, with the same outcome, and keeps what its developer wants to see.
   * @throws {HostTrouble}
   */
  inspect(unit: Unit, fuelMax: number, { profile = false } = {}): UnitInspection {
    const context = new UnitContext(this.#memories.take(), unit, { keepsStderr: true })
    const attempt = this.#attempt(profile ? 'profile' : 'exact', context, fuelMax)
    return {
      outcome: outcomeOf(attempt),
      stderr: context.stderr?.bytes ?? new Uint8Array(0),
      profile: attempt.instance?.profile() ?? [],
      trace: callTrace(attempt.thrown),
    }
  }

  #attempt(shape: MeterShape, context: UnitContext, fuelMax: number): Attempt {
    const source = this.#source(shape)
    this.#context = context
    let instance: MeteredInstance | null = null
    try {
      instance = source.take(context.memory.memory)
      instance.counters.begin(BigInt(fuelMax))
      context.countWith(instance.counters)
      const end = callEntries(this.#module.abi, instance, context)
      // A unit that ended in any other way takes its instance with it.
      if (end.kind === 'ok' && this.#memories.reusable) source.give(instance)
      return counted(end, instance, fuelMax)
    } catch (thrown) {
      return { ...judged(thrown, context, instance, fuelMax, shape), thrown }
    } finally {
      this.#context = null
    }
  }

  #source(shape: MeterShape): InstanceSource {
    const known = this.#sources.get(shape)
    if (known !== undefined) return known
    const { module, resettable } = this.#module.shape(shape)
    // Profile counters are no part of the state that is set back.
    const resets = resettable && this.#memories.shared && !this.#fresh && shape !== 'profile'
    const source = new InstanceSource(module, this.#imports, resets)
    this.#sources.set(shape, source)
    return source
  }
}

/** Runs the module's own code. Throws whatever that throws. */
function callEntries(abi: Abi, instance: MeteredInstance, context: UnitContext): UnitEnd {
  instance.start?.()
  if (abi === 'wasi') {
    instance.main?.()
    return { kind: 'ok', bytes: context.output() }
  }
  instance.initialize?.()
  return callReactor(instance, context)
}

/**
 * `alloc(length)` gives the input's place; `run(pointer, length)` gives the output's, as pointer << 32 | length. Copying both is charged like
 * the reads and writes of a command.
 */
function callReactor({ alloc, run }: MeteredInstance, context: UnitContext): UnitEnd {
  assert(alloc !== undefined && run !== undefined, 'an inspected reactor exports alloc and run')
  const { memory } = context
  const input = context.read(context.unread)
  try {
    const pointer = alloc(input.length)
    context.charge(hostFuel(input.length))
    memory.bytes(pointer, input.length).set(input)
    const range = run(pointer, input.length)
    const length = Number(BigInt.asUintN(32, range))
    const output = memory.bytes(Number(BigInt.asUintN(32, range >> 32n)), length)
    if (length > LIMITS.unitOutputBytesMax) return { kind: 'trap', trap: 'output_too_large' }
    context.charge(hostFuel(length))
    return { kind: 'ok', bytes: output.slice() }
  } catch (thrown) {
    if (thrown === GUEST_FAULT) return { kind: 'trap', trap: 'bad_output' }
    throw thrown
  }
}

/** What came of code that threw: one of the unit's own ends, or else the host is to blame. */
function judged(
  thrown: unknown,
  context: UnitContext,
  instance: MeteredInstance | null,
  fuelMax: number,
  shape: MeterShape,
): Attempt {
  // What is left only shrinks, so a unit without fuel ends so on every machine, whatever else this one ran into.
  if (context.settled !== null || (instance !== null && instance.counters.fuelLeft < 0n)) {
    return counted(context.settled ?? { kind: 'out_of_fuel' }, instance, fuelMax)
  }
  if (instance?.counters.fault === FAULT.stack) {
    return counted({ kind: 'trap', trap: 'stack_exhausted' }, instance, fuelMax)
  }
  if (instance?.counters.fault === FAULT.host) {
    throw new HostTrouble('There was no memory for a growth that the task is allowed.', { cause: thrown })
  }
  const trap = trapOf(thrown)
  if (trap === null) {
    throw new HostTrouble(`The engine could not run the unit: ${messageOf(thrown)}.`, { cause: thrown })
  }
  // Only `unreachable` is an instruction before which a module writes down its fuel.
  const stale = shape === 'fast' && instance !== null && trap !== 'unreachable'
  return { ...counted({ kind: 'trap', trap }, instance, fuelMax), stale }
}

/** The end with what the instance's counter says of its cost: nothing where there is no instance, since no code ran. */
function counted(end: UnitEnd, instance: MeteredInstance | null, fuelMax: number): Attempt {
  const left = instance === null ? fuelMax : Number(instance.counters.fuelLeft)
  if (left < 0) return { end: { kind: 'out_of_fuel' }, fuel: fuelMax, stale: false, instance, thrown: null }
  return { end, fuel: fuelMax - left, stale: false, instance, thrown: null }
}

function outcomeOf({ end, fuel }: Attempt): UnitOutcome {
  return { ...end, fuel }
}

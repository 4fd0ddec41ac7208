import { concatBytes, utf8 } from '../../protocol/bytes.ts'
import { assert } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Abi, UnitOutcome } from '../../protocol/messages/index.ts'
import { START_EXPORT, WASI_FUNCTIONS, WASI_MODULE } from '../../protocol/metering/index.ts'
import { engine, type WasmInstance, type WasmMemory } from './engine.ts'
import { GUEST_FAULT, GuestMemory } from './guest-memory.ts'
import { InstanceSource } from './instance-source.ts'
import type { LoadRequest } from './ipc.ts'
import { TaskMemory } from './task-memory.ts'
import { trapOf } from './traps.ts'
import { UnitContext } from './unit-context.ts'
import type { UnitRandom } from './unit-random.ts'
import { notImplemented, wasiFunctions } from './wasi.ts'

/** What a program finds as its own name, `argv[0]`. */
const PROGRAM_NAME = 'task'

/** The arguments of a job as a program finds them: NUL-terminated, after its own name. */
export function programArguments(args: readonly string[]): Uint8Array[] {
  return [PROGRAM_NAME, ...args].map(arg => concatBytes(utf8(arg), Uint8Array.of(0)))
}

/** A compiled module. Each unit finds an instance as if it were the first, so nothing passes from one unit to the next. */
export class Task {
  readonly #abi: Abi
  readonly #memories: TaskMemory
  readonly #instances: InstanceSource
  #memory: WasmMemory | null = null
  #guest: GuestMemory | null = null
  #context: UnitContext | null = null

  /** @throws {WebAssembly.CompileError} when the engine does not accept the module */
  constructor(request: LoadRequest) {
    const module = new engine.Module(request.module)
    this.#abi = request.abi
    this.#memories = new TaskMemory(request.initialPages, request.maximumPages)
    const current = () => {
      assert(this.#context !== null, 'host functions are called by a unit only')
      return this.#context
    }
    const wasi = wasiFunctions(current)
    const imports = {
      [WASI_MODULE]: Object.fromEntries(WASI_FUNCTIONS.map(name => [name, wasi[name] ?? notImplemented])),
      env: { abort: () => current().end({ kind: 'trap', trap: 'unreachable' }) },
    }
    this.#instances = new InstanceSource(module, imports, request.resettable && this.#memories.shared)
  }

  /** Runs one unit to its end. Throws only for faults of the host. */
  run(args: readonly Uint8Array[], input: Uint8Array, random: UnitRandom): UnitOutcome {
    const memory = this.#memories.take()
    if (memory !== this.#memory || this.#guest === null) {
      this.#memory = memory
      this.#guest = new GuestMemory(memory)
    }
    const context = new UnitContext(this.#guest, args, input, random)
    this.#context = context
    try {
      const instance = this.#instances.take(memory)
      const outcome = this.#call(instance, context, input)
      if (context.outcome !== null) return context.outcome
      // A unit that ended in any other way takes its instance with it.
      if (outcome.kind === 'ok' && this.#memories.reusable) this.#instances.give(instance)
      return outcome
    } catch (thrown) {
      if (context.outcome !== null) return context.outcome
      const trap = trapOf(thrown)
      if (trap === null) throw thrown
      return { kind: 'trap', trap }
    }
  }

  #call(instance: WasmInstance, context: UnitContext, input: Uint8Array): UnitOutcome {
    exported<() => void>(instance, START_EXPORT)?.()
    if (this.#abi === 'wasi') {
      exported<() => void>(instance, '_start')?.()
      return { kind: 'ok', bytes: context.output() }
    }
    exported<() => void>(instance, '_initialize')?.()
    return callReactor(instance, context.memory, input)
  }
}

/** `alloc(length)` gives the input's place; `run(pointer, length)` gives the output's, as pointer << 32 | length. */
function callReactor(instance: WasmInstance, memory: GuestMemory, input: Uint8Array): UnitOutcome {
  const alloc = exported<(length: number) => number>(instance, 'alloc')
  const run = exported<(pointer: number, length: number) => bigint>(instance, 'run')
  assert(alloc !== undefined && run !== undefined, 'an inspected reactor exports alloc and run')
  try {
    const pointer = alloc(input.length)
    memory.bytes(pointer, input.length).set(input)
    const range = run(pointer, input.length)
    const length = Number(BigInt.asUintN(32, range))
    const output = memory.bytes(Number(BigInt.asUintN(32, range >> 32n)), length)
    if (length > LIMITS.unitOutputBytesMax) return { kind: 'trap', trap: 'output_too_large' }
    return { kind: 'ok', bytes: output.slice() }
  } catch (thrown) {
    if (thrown === GUEST_FAULT) return { kind: 'trap', trap: 'bad_output' }
    throw thrown
  }
}

/** The engine checked that the module's exports have the types that inspection asked for. */
function exported<T>(instance: WasmInstance, name: string): T | undefined {
  const value = instance.exports[name]
  return typeof value === 'function' ? (value as T) : undefined
}

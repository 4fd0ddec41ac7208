import { AssertionError, TaskError } from '../../protocol/errors.ts'
import type { Abi } from '../../protocol/messages/index.ts'
import { inspectModule, type MeterShape, meterModule } from '../../protocol/metering/index.ts'
import { engine, type WasmModule } from './engine.ts'

/** What a lease says of how its module is to be run. */
export interface TaskModuleInit {
  readonly abi: Abi
  /** Pages of 64 KiB a unit may have, at least 1. */
  readonly memoryPagesMax: number
}

/** One metered form of a module. */
export interface CompiledShape {
  readonly module: WasmModule
  /** Whether an instance can be set back to where it began; see `meterModule`. */
  readonly resettable: boolean
}

/**
 * A developer's module that may be run. The original is checked as it is, first by our own reader and then by the engine: rewriting an
 * invalid module could make a valid one. The form `fast` is compiled at once, others at the first need, and all are kept.
 */
export class TaskModule {
  readonly abi: Abi
  /** Sizes of the memory that its instances import. */
  readonly memory: { readonly initialPages: number; readonly maximumPages: number }
  readonly #bytes: Uint8Array
  readonly #memoryPagesMax: number
  readonly #shapes = new Map<MeterShape, CompiledShape>()

  /**
   * @param bytes - as the developer submitted them
   * @throws {TaskError} `bad_module` when the profile, the engine, or what the lease says of it does not allow it
   */
  constructor(bytes: Uint8Array, init: TaskModuleInit) {
    this.abi = init.abi
    this.#bytes = bytes
    this.#memoryPagesMax = init.memoryPagesMax
    const { abi } = inspectModule(bytes)
    if (abi !== init.abi) throw badModule('export section', 0, `it is a ${abi} module, the lease says ${init.abi}`)
    if (!engine.validate(bytes)) throw invalid(bytes)
    this.memory = this.#compile('fast')
  }

  /** The form that counts in this shape. */
  shape(shape: MeterShape): CompiledShape {
    const known = this.#shapes.get(shape)
    if (known !== undefined) return known
    this.#compile(shape)
    return this.shape(shape)
  }

  #compile(shape: MeterShape): TaskModule['memory'] {
    const { bytes, memory, resettable } = meterModule(this.#bytes, { memoryPagesMax: this.#memoryPagesMax, shape })
    try {
      this.#shapes.set(shape, { module: new engine.Module(bytes), resettable })
    } catch (thrown) {
      if (!(thrown instanceof engine.CompileError)) throw thrown
      throw refusedByEngine('its metered form', thrown)
    }
    return memory
  }
}

/** Why the engine does not accept the module. Its `validate` only says that it does not. */
function invalid(bytes: Uint8Array): TaskError {
  try {
    new engine.Module(bytes)
  } catch (thrown) {
    if (thrown instanceof engine.CompileError) return refusedByEngine('it', thrown)
    throw thrown
  }
  throw new AssertionError('the engine compiles only what it finds valid')
}

/** V8 begins with the name of its constructor, and ends with the byte. */
const ENGINE_WORDS = /^(?:WebAssembly\.Module\(\): )?(.*?)(?: @\+(\d+))?$/s

function refusedByEngine(what: string, cause: Error): TaskError {
  const [, words = '', place] = ENGINE_WORDS.exec(cause.message) ?? []
  const offset = Number(place ?? 0)
  return badModule('module', offset, `the engine does not accept ${what} at byte ${offset}: ${words}`, cause)
}

function badModule(section: string, offset: number, reason: string, cause?: unknown): TaskError {
  const message = `The module cannot be run: ${reason}.`
  return new TaskError({ code: 'bad_module', section, offset, reason }, message, cause === undefined ? {} : { cause })
}

/** Runs kernels on the engine itself: the module as it is, or metered, with the same host around it and nothing of a sandbox. */
import {
  engine,
  type WasmGlobal,
  type WasmImports,
  type WasmInstance,
  type WasmMemory,
} from '../../device/sandbox/engine.ts'
import {
  FAULT_EXPORT,
  FUEL_EXPORT,
  MEMORY_IMPORT,
  type MeteredModule,
  START_EXPORT,
  WASI_FUNCTIONS,
  WASI_MODULE,
} from '../../protocol/metering/index.ts'
import type { Kernel } from './kernels.ts'

/** More than any kernel uses. */
const FUEL = 2n ** 60n
const ERRNO = { success: 0, badFile: 8, notImplemented: 52 } as const
const STDIN = 0
const STDOUT = 1

/** One module, compiled once. */
export class KernelHost {
  readonly #module: object
  readonly #kernel: Pick<Kernel, 'abi' | 'runsOnce'>
  readonly #memory: MeteredModule['memory'] | null
  #kept: Instance | null = null
  /** Fuel that the last run used, without what host functions charge by length; 0 for a module that is not metered. */
  fuel = 0

  /** @param module - the original bytes, or what `meterModule` made of them */
  constructor(module: Uint8Array | MeteredModule, kernel: Pick<Kernel, 'abi' | 'runsOnce'>) {
    const metered = module instanceof Uint8Array ? null : module
    this.#module = new engine.Module(metered?.bytes ?? (module as Uint8Array))
    this.#kernel = kernel
    this.#memory = metered?.memory ?? null
  }

  /**
   * The output for an input. The instance is used again unless the kernel runs once.
   * @throws {WebAssembly.RuntimeError} when the kernel traps
   */
  run(input: Uint8Array): Uint8Array {
    const { abi, runsOnce } = this.#kernel
    const instance = this.#kept ?? new Instance(this.#module, this.#memory)
    if (!runsOnce) this.#kept = instance
    const output = abi === 'wasi' ? instance.command(input) : instance.call(input)
    this.fuel = instance.used
    return output
  }
}

class Instance {
  readonly #exports: WasmInstance['exports']
  readonly #memory: WasmMemory
  readonly #fuel: WasmGlobal | null
  #input: Uint8Array = new Uint8Array(0)
  #output: Uint8Array[] = []
  /** Where a reactor has its input. */
  #room = { pointer: 0, length: -1 }

  constructor(module: object, memory: MeteredModule['memory'] | null) {
    const own = memory && new engine.Memory({ initial: memory.initialPages, maximum: memory.maximumPages })
    const instance = new engine.Instance(module, this.#imports(own))
    this.#exports = instance.exports
    this.#memory = own ?? (instance.exports.memory as WasmMemory)
    this.#fuel = (instance.exports[FUEL_EXPORT] as WasmGlobal | undefined) ?? null
    this.#refuel()
    this.#function(START_EXPORT)?.()
    this.#function('_initialize')?.()
  }

  /** Fuel that was used since the last run began. */
  get used(): number {
    return this.#fuel === null ? 0 : Number(FUEL - (this.#fuel.value as bigint))
  }

  command(input: Uint8Array): Uint8Array {
    this.#input = input
    this.#output = []
    this.#refuel()
    this.#function('_start')?.()
    return Buffer.concat(this.#output)
  }

  call(input: Uint8Array): Uint8Array {
    this.#refuel()
    const { alloc, run } = this.#exports as {
      alloc: (length: number) => number
      run: (at: number, length: number) => bigint
    }
    if (this.#room.length !== input.length) this.#room = { pointer: alloc(input.length), length: input.length }
    const { pointer, length } = this.#room
    new Uint8Array(this.#memory.buffer, pointer, length).set(input)
    const range = BigInt.asUintN(64, run(pointer, length))
    return new Uint8Array(this.#memory.buffer, Number(range >> 32n), Number(range & 0xffffffffn)).slice()
  }

  #refuel(): void {
    if (this.#fuel !== null) this.#fuel.value = FUEL
    const fault = this.#exports[FAULT_EXPORT] as WasmGlobal | undefined
    if (fault !== undefined) fault.value = 0
  }

  #function(name: string): (() => void) | undefined {
    return this.#exports[name] as (() => void) | undefined
  }

  #imports(memory: WasmMemory | null): WasmImports {
    const offered = { fd_read: this.#read, fd_write: this.#write, fd_close: () => ERRNO.success }
    const absent = () => ERRNO.notImplemented
    const wasi = { ...Object.fromEntries(WASI_FUNCTIONS.map(name => [name, absent])), ...offered }
    const abort = () => {
      throw new Error('The kernel has aborted.')
    }
    const host = memory && { [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.field]: memory } }
    return { [WASI_MODULE]: wasi, env: { abort }, ...host }
  }

  readonly #read = (file: number, vectors: number, count: number, result: number): number => {
    if (file !== STDIN) return ERRNO.badFile
    return this.#eachRange(vectors, count, result, range => {
      const taken = this.#input.subarray(0, range.length)
      this.#input = this.#input.subarray(taken.length)
      range.set(taken)
      return taken.length
    })
  }

  readonly #write = (file: number, vectors: number, count: number, result: number): number => {
    if (file !== STDOUT) return ERRNO.badFile
    return this.#eachRange(vectors, count, result, range => {
      this.#output.push(range.slice())
      return range.length
    })
  }

  #eachRange(vectors: number, count: number, result: number, use: (range: Uint8Array) => number): number {
    const view = new DataView(this.#memory.buffer)
    let total = 0
    for (let at = vectors; at < vectors + count * 8; at += 8) {
      total += use(new Uint8Array(view.buffer, view.getUint32(at, true), view.getUint32(at + 4, true)))
    }
    view.setUint32(result, total, true)
    return ERRNO.success
  }
}

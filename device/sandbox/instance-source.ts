import { MEMORY_IMPORT } from '../../protocol/metering/index.ts'
import { engine, type WasmImports, type WasmMemory, type WasmModule } from './engine.ts'
import { InitialState } from './initial-state.ts'
import { MeteredInstance } from './metered-instance.ts'

/**
 * Instances of one metered module, each just as instantiation leaves it. Making one takes longer than most small units do, so where its
 * memory and mutable globals are all that its code can change, these are set back and it is used again.
 */
export class InstanceSource {
  readonly #module: WasmModule
  readonly #imports: WasmImports
  #resettable: boolean
  #initial: InitialState | null = null
  #kept: MeteredInstance | null = null

  /** @param resettable - as `meterModule` found */
  constructor(module: WasmModule, imports: WasmImports, resettable: boolean) {
    this.#module = module
    this.#imports = imports
    this.#resettable = resettable
  }

  /**
   * An instance on `memory`, which holds only zeros and is of its initial length.
   * @throws {WebAssembly.RuntimeError} when a segment does not fit
   */
  take(memory: WasmMemory): MeteredInstance {
    const kept = this.#kept
    this.#kept = null
    if (kept === null || memory !== kept.memory || this.#initial === null) return this.#make(memory)
    this.#initial.writeTo(kept.instance, memory)
    return kept
  }

  /** Gives the instance taken last back, once its code has returned, if its memory has not grown and will be used again. */
  give(instance: MeteredInstance): void {
    if (this.#resettable) this.#kept = instance
  }

  #make(memory: WasmMemory): MeteredInstance {
    const imports = { ...this.#imports, [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.field]: memory } }
    const instance = new engine.Instance(this.#module, imports)
    if (this.#resettable && this.#initial === null) {
      this.#initial = new InitialState(instance, memory)
      this.#resettable = this.#initial.exact
    }
    return new MeteredInstance(instance, memory)
  }
}

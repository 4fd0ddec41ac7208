import { assert } from '../../protocol/errors.ts'
import { GLOBAL_EXPORT_PREFIX } from '../../protocol/metering/index.ts'
import { engine, type WasmGlobal, type WasmInstance, type WasmMemory } from './engine.ts'
import { MemoryImage } from './memory-image.ts'

/** What a resettable module's instances begin with, before any of its code runs: the data in memory, and the mutable globals. */
export class InitialState {
  readonly #image: MemoryImage
  readonly #globals: readonly (readonly [name: string, value: WasmGlobal['value']])[]

  /** @param instance - a new one, which has run no code, on a memory that was all zeros */
  constructor(instance: WasmInstance, memory: WasmMemory) {
    const names = Object.keys(instance.exports).filter(name => name.startsWith(GLOBAL_EXPORT_PREFIX))
    this.#globals = names.map(name => [name, globalOf(instance, name).value])
    this.#image = new MemoryImage(memory)
  }

  /** Whether {@link writeTo} can give every value back bit for bit: a NaN may lose its payload on the way through JavaScript. */
  get exact(): boolean {
    return !this.#globals.some(([, value]) => Number.isNaN(value))
  }

  /** @param memory - the instance's, all zeros and of its initial length */
  writeTo(instance: WasmInstance, memory: WasmMemory): void {
    this.#image.writeTo(memory)
    for (const [name, value] of this.#globals) globalOf(instance, name).value = value
  }
}

function globalOf(instance: WasmInstance, name: string): WasmGlobal {
  const value = instance.exports[name]
  assert(value instanceof engine.Global, 'a prepared module exports globals by these names')
  return value
}

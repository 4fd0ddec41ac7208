import { PAGE_BYTES } from '../../protocol/metering/index.ts'
import { engine, type WasmMemory } from './engine.ts'

/** Above this, fresh zero pages from the kernel cost less than writing zeros. */
const CLEAR_BYTES_MAX = 8 * 1_048_576

/**
 * The memory that the units of a module run in, one after the other. Reserving a memory costs several times what a small unit takes,
 * so it is cleared and used again, unless a unit has grown it: memory does not shrink, and the next unit would see it.
 */
export class TaskMemory {
  readonly #initial: number
  readonly #maximum: number
  #memory: WasmMemory | null = null

  constructor(initialPages: number, maximumPages: number) {
    this.#initial = initialPages
    this.#maximum = maximumPages
  }

  /** Whether memories of this size are worth using again at all. */
  get shared(): boolean {
    return this.#initial * PAGE_BYTES <= CLEAR_BYTES_MAX
  }

  /** Whether {@link take} will give the same memory again: not when it has grown. */
  get reusable(): boolean {
    return this.shared && this.#memory?.buffer.byteLength === this.#initial * PAGE_BYTES
  }

  /** A memory of the initial size, all zeros. What was taken before must not be used any more. */
  take(): WasmMemory {
    const held = this.#memory
    if (held !== null && this.reusable) {
      new Uint8Array(held.buffer).fill(0)
      return held
    }
    // Dropped first, so that a collection during the next line can take it.
    this.#memory = null
    this.#memory = new engine.Memory({ initial: this.#initial, maximum: this.#maximum })
    return this.#memory
  }
}

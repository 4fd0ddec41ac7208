import { messageOf } from '../../protocol/errors.ts'
import { PAGE_BYTES } from '../../protocol/metering/index.ts'
import { engine } from './engine.ts'
import { GuestMemory } from './guest-memory.ts'
import { HostTrouble } from './host-trouble.ts'

/** Above this, fresh zero pages from the kernel cost less than writing zeros. */
const CLEAR_BYTES_MAX = 8 * 1_048_576

/**
 * Memories that nobody uses any more may hold this much before they are given back. Left alone, the collector lets a unit's memory lie until
 * long after the next unit has its own, and both count against the ceiling. One collection takes about 7 ms, and touching so much memory longer.
 */
const DEAD_BYTES_MAX = 64 * 1_048_576

/** Sizes of a task's memory. */
export interface TaskMemoryInit {
  readonly initialPages: number
  readonly maximumPages: number
  /** Gives memory back that nobody uses any more, at once. */
  collect(): void
}

/**
 * The memory that the units of a module run in, one after the other. Reserving a memory costs several times what a small unit takes,
 * so it is cleared and used again, unless a unit has grown it: memory does not shrink, and the next unit would see it.
 */
export class TaskMemory {
  readonly #init: TaskMemoryInit
  #held: GuestMemory | null = null
  #deadBytes = 0

  constructor(init: TaskMemoryInit) {
    this.#init = init
  }

  /** Whether memories of this size are worth using again at all. */
  get shared(): boolean {
    return this.#initialBytes <= CLEAR_BYTES_MAX
  }

  /** Whether {@link take} will give the same memory again: not when it has grown. */
  get reusable(): boolean {
    return this.shared && this.#held?.memory.buffer.byteLength === this.#initialBytes
  }

  /**
   * A memory of the initial size, all zeros. What was taken before must not be used any more.
   * @throws {HostTrouble} when the machine has none
   */
  take(): GuestMemory {
    if (this.#held !== null && this.reusable) {
      new Uint8Array(this.#held.memory.buffer).fill(0)
      return this.#held
    }
    this.#letGo()
    if (this.#deadBytes > DEAD_BYTES_MAX) {
      this.#deadBytes = 0
      this.#init.collect()
    }
    this.#held = this.#make()
    return this.#held
  }

  get #initialBytes(): number {
    return this.#init.initialPages * PAGE_BYTES
  }

  /** In a function of its own: no frame may hold the memory while it is collected. */
  #letGo(): void {
    this.#deadBytes += this.#held?.memory.buffer.byteLength ?? 0
    this.#held = null
  }

  #make(): GuestMemory {
    const { initialPages, maximumPages } = this.#init
    try {
      return new GuestMemory(new engine.Memory({ initial: initialPages, maximum: maximumPages }))
    } catch (cause) {
      const message = `A memory of ${initialPages} pages could not be had: ${messageOf(cause)}.`
      throw new HostTrouble(message, { cause })
    }
  }
}

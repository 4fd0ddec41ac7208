import type { WasmMemory } from './engine.ts'

/** Data mostly lies together, and a copy costs about as much as clearing a block of this size. */
const BLOCK_BYTES = 4_096
const ZEROS = new Uint8Array(BLOCK_BYTES)

/** What a memory held at one time, without its zeros. */
export class MemoryImage {
  readonly #ranges: { at: number; bytes: Uint8Array }[] = []

  constructor(memory: WasmMemory) {
    const all = new Uint8Array(memory.buffer)
    let start: number | null = null
    for (let at = 0; at < all.length; at += BLOCK_BYTES) {
      const zero = Buffer.compare(all.subarray(at, at + BLOCK_BYTES), ZEROS) === 0
      if (!zero) start ??= at
      if (zero && start !== null) {
        this.#ranges.push({ at: start, bytes: all.slice(start, at) })
        start = null
      }
    }
    if (start !== null) this.#ranges.push({ at: start, bytes: all.slice(start) })
  }

  /** @param memory - as long as the one the image is of, and all zeros */
  writeTo(memory: WasmMemory): void {
    if (this.#ranges.length === 0) return
    const all = new Uint8Array(memory.buffer)
    for (const { at, bytes } of this.#ranges) all.set(bytes, at)
  }
}

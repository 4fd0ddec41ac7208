import type { WasmMemory } from './engine.ts'

/** Thrown when a task hands the host a range outside its memory. */
export const GUEST_FAULT = Symbol('guest fault')

/** Checked access to a task's memory. Every pointer is the task's word and is not believed. */
export class GuestMemory {
  /** What instances of the task share. */
  readonly memory: WasmMemory
  #view: DataView

  constructor(memory: WasmMemory) {
    this.memory = memory
    this.#view = new DataView(memory.buffer)
  }

  /**
   * The bytes of a range, as they are now: growing the memory detaches them.
   * @throws {@link GUEST_FAULT} when the range is not inside the memory
   */
  bytes(pointer: number, length: number): Uint8Array {
    const start = pointer >>> 0
    const size = length >>> 0
    const { buffer } = this.memory
    if (start + size > buffer.byteLength) throw GUEST_FAULT
    return new Uint8Array(buffer, start, size)
  }

  /** @throws {@link GUEST_FAULT} */
  readU32(pointer: number): number {
    return this.#at(pointer, 4).getUint32(pointer >>> 0, true)
  }

  /** @throws {@link GUEST_FAULT} */
  writeU32(pointer: number, value: number): void {
    this.#at(pointer, 4).setUint32(pointer >>> 0, value, true)
  }

  /** @throws {@link GUEST_FAULT} */
  writeU64(pointer: number, value: bigint): void {
    this.#at(pointer, 8).setBigUint64(pointer >>> 0, value, true)
  }

  #at(pointer: number, length: number): DataView {
    if (this.#view.buffer !== this.memory.buffer) this.#view = new DataView(this.memory.buffer)
    if ((pointer >>> 0) + length > this.#view.byteLength) throw GUEST_FAULT
    return this.#view
  }
}

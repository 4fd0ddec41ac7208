/**
 * Decisions drawn from bytes, one after another. When the bytes are used up every answer is 0, which each generator keeps for its simplest
 * way, so a shorter or smaller byte string makes a simpler thing and fast-check can shrink what was found.
 */
export class Choices {
  readonly #bytes: Uint8Array
  #used = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether all that follows is 0. */
  get spent(): boolean {
    return this.#used >= this.#bytes.length
  }

  byte(): number {
    return this.#bytes[this.#used++] ?? 0
  }

  /** A whole number from 0 to before `count`, at most 65 536. */
  below(count: number): number {
    if (count <= 1) return 0
    return (count <= 256 ? this.byte() : this.byte() * 256 + this.byte()) % count
  }

  /** True about `percent` times in a hundred, and never once the bytes are spent. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent
  }

  /** One of at least one item. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('pick needs items')
    return item
  }
}

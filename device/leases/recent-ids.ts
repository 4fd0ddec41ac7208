/** Remembers the numbers seen last, to know one that comes twice. */
export class RecentIds {
  readonly #max: number
  /** In order of arrival. */
  readonly #ids = new Set<number>()

  constructor(max: number) {
    this.#max = max
  }

  /** @returns false when the number has been seen */
  add(id: number): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    if (this.#ids.size > this.#max) {
      for (const oldest of this.#ids) {
        this.#ids.delete(oldest)
        break
      }
    }
    return true
  }
}

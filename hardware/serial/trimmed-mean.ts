/**
 * The mean of the values since it was last taken, without the least and the greatest of them when there are more than two: how
 * sensor.community's firmware makes one value of a burst (airrohr-firmware.ino). Needs the same memory for any number of values.
 */
export class TrimmedMean {
  #count = 0
  #sum = 0
  #least = Number.POSITIVE_INFINITY
  #greatest = Number.NEGATIVE_INFINITY
  #newest: number | null = null

  add(value: number): void {
    this.#count++
    this.#sum += value
    this.#least = Math.min(this.#least, value)
    this.#greatest = Math.max(this.#greatest, value)
    this.#newest = value
  }

  /** As a whole number, and begins anew. Without a new value, the newest there ever was; null when there was none. */
  take(): number | null {
    if (this.#newest === null || this.#count === 0) return this.#newest
    const mean =
      this.#count > 2 ? (this.#sum - this.#least - this.#greatest) / (this.#count - 2) : this.#sum / this.#count
    this.#count = 0
    this.#sum = 0
    this.#least = Number.POSITIVE_INFINITY
    this.#greatest = Number.NEGATIVE_INFINITY
    // Adding zero makes -0 the zero that frames can hold.
    return Math.round(mean) + 0
  }

  /** Forgets all values. */
  clear(): void {
    this.take()
    this.#newest = null
  }
}

/** Keeps the last bytes of a stream, for people who want to see what a program said last. */
export class OutputTail {
  readonly #bytesMax: number
  #bytes: Uint8Array = new Uint8Array(0)

  /** @param bytesMax - how much is kept, at least 1 */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** What is kept now. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Takes the stream's next bytes, which may change afterwards. */
  push(bytes: Uint8Array): void {
    const fresh = bytes.subarray(Math.max(0, bytes.length - this.#bytesMax))
    const kept = this.#bytes.subarray(Math.max(0, this.#bytes.length + fresh.length - this.#bytesMax))
    const joined = new Uint8Array(kept.length + fresh.length)
    joined.set(kept)
    joined.set(fresh, kept.length)
    this.#bytes = joined
  }
}

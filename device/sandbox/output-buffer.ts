/** Bytes that a unit writes bit by bit, kept in one piece: a program that writes single bytes must not cost an object for each. */
export class OutputBuffer {
  #bytes = new Uint8Array(0)
  /** How many bytes have been pushed. */
  length = 0

  /** Takes the next bytes, which may change afterwards. */
  push(bytes: Uint8Array): void {
    const length = this.length + bytes.length
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.length))
      grown.set(this.#bytes.subarray(0, this.length))
      this.#bytes = grown
    }
    this.#bytes.set(bytes, this.length)
    this.length = length
  }

  /** All of them. Nothing may be pushed afterwards. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }
}

/** Bytes that grow, written forward. */
export class ByteWriter {
  #bytes: Uint8Array
  /** How many bytes have been written. */
  length = 0

  /** @param capacity - bytes to have room for at once */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** What has been written, as a view. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.length++] = value
  }

  /** Unsigned LEB128 of a number below 2^32. */
  u32(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  /** Signed LEB128 of a number of 0 or more below 2^53. */
  signed(value: number): void {
    let rest = value
    while (rest >= 0x40) {
      this.byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  /** An instruction, with its prefix where it has one. */
  op(opcode: number): void {
    if (opcode >= 0x100) {
      this.byte(opcode >>> 8)
      this.u32(opcode & 0xff)
    } else {
      this.byte(opcode)
    }
  }

  /** An instruction and an unsigned immediate. */
  opIndex(opcode: number, index: number): void {
    this.op(opcode)
    this.u32(index)
  }

  /** Bytes `start` to before `end` of `source`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    if (this.length + count > this.#bytes.length) this.#grow(count)
    // Instructions are a few bytes, for which a loop is faster than making a view.
    if (count > 16) this.#bytes.set(source.subarray(start, end), this.length)
    else for (let at = 0; at < count; at++) this.#bytes[this.length + at] = source[start + at] as number
    this.length += count
  }

  append(source: Uint8Array): void {
    this.copy(source, 0, source.length)
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count))
    grown.set(this.bytes)
    this.#bytes = grown
  }
}

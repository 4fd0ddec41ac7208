import { concatBytes } from '../../protocol/bytes.ts'

const HEAD_BYTES = 4

/** Cuts a byte stream into frames of a 32-bit big-endian length and that many bytes. */
export class FrameSplitter {
  readonly #frameBytesMax: number
  #chunks: Uint8Array[] = []
  #held = 0

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  /** Takes the stream's next bytes. Returns the contents of the frames they complete, or null when a frame is too long. */
  push(chunk: Uint8Array): Uint8Array[] | null {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    const frames: Uint8Array[] = []
    for (;;) {
      const length = this.#frameLength()
      if (length === null) return frames
      if (length > this.#frameBytesMax) return null
      if (HEAD_BYTES + length > this.#held) return frames
      frames.push(this.#cut(HEAD_BYTES + length).subarray(HEAD_BYTES))
    }
  }

  /** What the head in hand says, or null while it is not complete. */
  #frameLength(): number | null {
    if (this.#held < HEAD_BYTES) return null
    const first = this.#chunks[0]
    const bytes = first !== undefined && first.length >= HEAD_BYTES ? first : this.#join()
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  }

  #cut(length: number): Uint8Array {
    const bytes = this.#join()
    this.#chunks = length < bytes.length ? [bytes.subarray(length)] : []
    this.#held -= length
    return bytes.subarray(0, length)
  }

  #join(): Uint8Array {
    const [first] = this.#chunks
    if (first !== undefined && this.#chunks.length === 1) return first
    const joined = concatBytes(...this.#chunks)
    this.#chunks = [joined]
    return joined
  }
}

/** Joins many small pieces into few large ones on their way to a sink. */
import { concatBytes } from '../../protocol/index.ts'
import type { AggregateSink } from './aggregator.ts'

/** A write to a file or a hash costs about the same for one byte as for this many. */
const CHUNK_BYTES = 65_536

/** Holds at most one chunk; the sink gets pieces of {@link CHUNK_BYTES} or more. */
export class ChunkWriter {
  readonly #sink: AggregateSink
  #held = new Uint8Array(CHUNK_BYTES)
  #length = 0

  constructor(sink: AggregateSink) {
    this.#sink = sink
  }

  /** Appends a copy of the bytes. */
  write(bytes: Uint8Array): void {
    if (this.#length + bytes.length <= CHUNK_BYTES) {
      this.#held.set(bytes, this.#length)
      this.#length += bytes.length
      return
    }
    this.#sink(concatBytes(this.rest(), bytes))
    this.#length = 0
  }

  /** What the sink has not got yet; good until the next write. */
  rest(): Uint8Array {
    return this.#held.subarray(0, this.#length)
  }
}

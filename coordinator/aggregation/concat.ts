/** The outputs one after the other. */
import type { AggregateSink, Reducer } from './aggregator.ts'
import { ChunkWriter } from './chunks.ts'

/** Bytes of all outputs in the order of their units; a skipped unit adds nothing. */
export class Concat implements Reducer {
  readonly ordered = true
  readonly #chunks: ChunkWriter

  constructor(sink: AggregateSink) {
    this.#chunks = new ChunkWriter(sink)
  }

  add(_unit: number, output: Uint8Array): void {
    this.#chunks.write(output)
  }

  skip(): void {}

  finish(): Uint8Array {
    return this.#chunks.rest()
  }
}

/** The outputs side by side. */
import { encodeSequence } from '../../protocol/index.ts'
import type { AggregateSink, Reducer } from './aggregator.ts'
import { ChunkWriter } from './chunks.ts'

const NULL = Uint8Array.of(0xf6)

/** A deterministic CBOR array with one byte string per unit, in the order of the units; null for a skipped unit. */
export class Collect implements Reducer {
  readonly ordered = true
  readonly #chunks: ChunkWriter

  constructor(units: number, sink: AggregateSink) {
    this.#chunks = new ChunkWriter(sink)
    this.#chunks.write(arrayHead(units))
  }

  add(_unit: number, output: Uint8Array): void {
    this.#chunks.write(encodeSequence([output]))
  }

  skip(): void {
    this.#chunks.write(NULL)
  }

  finish(): Uint8Array {
    return this.#chunks.rest()
  }
}

/** The shortest head of an array of a 32-bit length (RFC 8949 §3). */
function arrayHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x80 | length)
  if (length < 2 ** 8) return Uint8Array.of(0x98, length)
  if (length < 2 ** 16) return Uint8Array.of(0x99, length >> 8, length & 255)
  return Uint8Array.of(0x9a, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255)
}

/** Where the units of a blob begin. Made once by reading the blob from start to end, in pieces. */

import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Cut } from '../messages/lease.ts'
import { BoundaryScan } from './boundaries.ts'
import { refuse } from './read.ts'

export type BlobCut = Extract<Cut, { kind: 'bytes' | 'lines' | 'records' }>

/** Offsets of a blob's units. Unit `i` is the bytes [offset(i), offset(i + 1)). */
export interface BlobIndex {
  readonly cut: BlobCut
  readonly units: number
  /** Length of the blob. */
  readonly bytes: number
  /** First byte of a unit, 0..units; `offset(units)` is the blob's length. */
  offset(unit: number): number
}

/** What ends a line. */
const NEWLINE = Uint8Array.of(0x0a)

/**
 * Indexes a blob while it streams by: 4 bytes of memory a unit, none at all for a cut by bytes.
 * @example const indexer = new BlobIndexer(cut); for await (const chunk of blob) indexer.push(chunk); indexer.finish()
 */
export class BlobIndexer {
  readonly #cut: BlobCut
  readonly #scan: BoundaryScan | null
  readonly #ends = new OffsetList()
  #bytes = 0

  constructor(cut: BlobCut) {
    this.#cut = cut
    this.#scan = cut.kind === 'bytes' ? null : boundaryScan(cut)
  }

  /**
   * Takes the next piece of the blob; it may be cut anywhere and is not kept.
   * @throws {ConfigError} `bad_job` as soon as the blob is too long, makes too many units or has too long a unit
   */
  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (this.#bytes > LIMITS.blobBytesMax) {
      refuse('split.source', `is longer than ${LIMITS.blobBytesMax} bytes: submit it as several jobs`)
    }
    this.#scan?.push(chunk, end => this.#endUnit(end))
  }

  /**
   * The index of everything that was pushed.
   * @throws {ConfigError} `bad_job` when the blob is empty, makes too many units or has too long a unit
   */
  finish(): BlobIndex {
    const bytes = this.#bytes
    if (bytes === 0) refuse('split.source', 'is empty: there is nothing to split')
    if (this.#cut.kind === 'bytes') return bytesIndex(this.#cut, bytes)
    // What follows the last delimiter, or the last full unit, is a unit too.
    if (this.#ends.last < bytes) this.#endUnit(bytes)
    const ends = this.#ends
    return { cut: this.#cut, units: ends.length, bytes, offset: unit => (unit === 0 ? 0 : ends.at(unit - 1)) }
  }

  #endUnit(end: number): void {
    const length = end - this.#ends.last
    if (length > LIMITS.unitInputBytesMax) refuseLongUnit(this.#ends.length, length)
    this.#ends.push(end)
    refuseTooManyUnits(this.#ends.length)
  }
}

/** The scan that finds the units of a text blob. */
export function boundaryScan(cut: Exclude<BlobCut, { kind: 'bytes' }>): BoundaryScan {
  return cut.kind === 'lines' ? new BoundaryScan(NEWLINE, cut.lines) : new BoundaryScan(cut.delimiter, cut.records)
}

function bytesIndex(cut: Extract<BlobCut, { kind: 'bytes' }>, bytes: number): BlobIndex {
  const units = Math.ceil(bytes / cut.bytes)
  refuseTooManyUnits(units)
  return { cut, units, bytes, offset: unit => Math.min(bytes, unit * cut.bytes) }
}

function refuseTooManyUnits(units: number): void {
  if (units <= LIMITS.unitsPerJobMax) return
  refuse('split.size', `makes more than ${LIMITS.unitsPerJobMax} units of this blob: choose a larger size`)
}

function refuseLongUnit(unit: number, length: number): never {
  const limit = LIMITS.unitInputBytesMax
  refuse(
    'split.size',
    `makes unit ${unit} ${length} bytes long, above ${limit}: choose a smaller size, or split by bytes`,
  )
}

const BLOCK = 16_384

/** An ascending list of 32-bit offsets in blocks, so that growing copies nothing. */
class OffsetList {
  readonly #blocks: Uint32Array[] = []
  #length = 0
  #last = 0

  get length(): number {
    return this.#length
  }

  /** The newest offset; 0 before the first. */
  get last(): number {
    return this.#last
  }

  push(offset: number): void {
    const place = this.#length % BLOCK
    if (place === 0) this.#blocks.push(new Uint32Array(BLOCK))
    const block = this.#blocks.at(-1)
    assert(block !== undefined, 'the list has a block for its newest offset')
    block[place] = offset
    this.#last = offset
    this.#length++
  }

  at(index: number): number {
    const offset = this.#blocks[Math.floor(index / BLOCK)]?.[index % BLOCK]
    assert(offset !== undefined && index < this.#length, 'the index has the unit')
    return offset
  }
}

import type { Flags } from '../../../protocol/index.ts'
import type { Reading, Series } from '../readings/reading.ts'

/** A reading and the verdict about it; null when it has not been judged. */
export interface JudgedReading extends Series {
  readonly reading: Reading
  readonly flags: Flags | null
}

/** How readings become a file of one format. Made anew for each file. */
export interface ExportFile {
  readonly mediaType: string
  /** What comes first, even when there are no readings. */
  readonly head: Uint8Array
  readonly tail: Uint8Array
  /** The bytes of some readings, in the order they are given. */
  chunk(readings: readonly JudgedReading[]): Uint8Array
  /** For formats that say in the beginning how much follows: the pieces of the file, once all has been read. */
  whole?(chunks: Iterable<readonly JudgedReading[]>): Iterable<Uint8Array>
}

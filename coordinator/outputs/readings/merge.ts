import type { Reading, Series } from './reading.ts'
import type { ReadingsReader, TimeRange } from './readings-reader.ts'

/** A reading and what it is of. */
export interface SeriesReading<Of extends Series = Series> {
  readonly series: Of
  readonly reading: Reading
}

/**
 * The readings of several series in one order of time, equal times in the order of the series. A null says that a stretch of stored
 * readings has just been read, so that whoever serves others too can take a breath.
 */
export function* mergeSeries<Of extends Series>(
  reader: ReadingsReader,
  series: readonly Of[],
  range: TimeRange,
  newestFirst = false,
): Iterable<SeriesReading<Of> | null> {
  const sign = newestFirst ? -1 : 1
  const cursors: Cursor<Of>[] = []
  for (const of of series) {
    const cursor = new Cursor(of, reader.blocks(of, range, newestFirst))
    while (cursor.needsBlock && cursor.readBlock()) yield null
    if (cursor.head) cursors.push(cursor)
  }
  for (;;) {
    let next: Cursor<Of> | undefined
    for (const cursor of cursors) {
      if (!next?.head || (cursor.head && sign * (cursor.head.atMs - next.head.atMs) < 0)) next = cursor
    }
    if (!next?.head) return
    yield { series: next.series, reading: next.head }
    next.pass()
    while (next.needsBlock && next.readBlock()) yield null
    if (!next.head) cursors.splice(cursors.indexOf(next), 1)
  }
}

/** One series and how far it has been read. */
class Cursor<Of extends Series> {
  readonly series: Of
  private readonly blocks: Iterator<readonly Reading[]>
  private block: readonly Reading[] = []
  private at = 0

  constructor(series: Of, blocks: Iterable<readonly Reading[]>) {
    this.series = series
    this.blocks = blocks[Symbol.iterator]()
  }

  /** The next reading; undefined when a block is needed, or at the end. */
  get head(): Reading | undefined {
    return this.block[this.at]
  }

  get needsBlock(): boolean {
    return this.at >= this.block.length
  }

  /** @returns false at the end */
  readBlock(): boolean {
    const { done, value } = this.blocks.next()
    this.block = done ? [] : value
    this.at = 0
    return !done
  }

  pass(): void {
    this.at++
  }
}

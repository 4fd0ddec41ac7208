import type { FrameRow } from '../../store/rows.ts'
import type { SensingSource } from '../source.ts'
import { type OpenFrame, openFrame, type Reading, readingsIn, type Series } from './reading.ts'
import type { Work } from './work.ts'

/** A stretch of time; a bound left out is none. */
export interface TimeRange {
  readonly fromMs?: number
  /** Exclusive. */
  readonly toMs?: number
}

/** The first block is a quarter of an hour: 900 readings of a sensor that is read each second. */
const BLOCK_MS = 900_000
const BLOCK_MS_MAX = 30 * 86_400_000
/** A block with fewer readings is followed by a longer one, with more by a shorter one; above the last it is cut. */
const BLOCK_READINGS_FEW = 64
const BLOCK_READINGS_MANY = 2_048
const BLOCK_READINGS_MAX = 8_192

/** Frames kept decoded: neighbouring blocks share some. */
const FRAMES_KEPT = 64

/** Beyond every time. */
const LAST_MS = Number.MAX_SAFE_INTEGER

/**
 * Reads stored readings in the order of time. Frames of several profiles overlap, so time is cut into blocks and each block is read
 * whole: its readings are in order, and of what was said about one moment only what was received first is there.
 */
export class ReadingsReader {
  private readonly source: SensingSource
  private readonly work: Work
  private readonly open = new Map<number, OpenFrame>()

  constructor(source: SensingSource, work: Work) {
    this.source = source
    this.work = work
  }

  /** The readings of a series, block by block; empty blocks are there too, so that whoever reads can take a breath. */
  *blocks(series: Series, range: TimeRange, newestFirst = false): Iterable<readonly Reading[]> {
    let { fromMs = -LAST_MS, toMs = LAST_MS } = range
    let widthMs = BLOCK_MS
    while (fromMs < toMs) {
      const [edge] = this.source.frames({ ...series, fromMs, toMs, newestFirst, limit: 1 })
      if (edge === undefined) return
      const block = this.block(series, edge, { fromMs, toMs }, widthMs, newestFirst)
      yield newestFirst ? block.readings.reverse() : block.readings
      if (newestFirst) toMs = block.fromMs
      else fromMs = block.toMs
      if (block.readings.length < BLOCK_READINGS_FEW) widthMs = Math.min(widthMs * 2, BLOCK_MS_MAX)
      else if (block.readings.length > BLOCK_READINGS_MANY) widthMs = Math.max(Math.round(widthMs / 2), 1)
    }
  }

  /** The reading of a series at a moment; null when there is none. */
  at(series: Series, atMs: number): Reading | null {
    return this.within(series, atMs, atMs + 1)?.[0] ?? null
  }

  /** All readings in a range, ascending; what was received first about a moment stands. Null when there are too many for `max`. */
  within(series: Series, fromMs: number, toMs: number, max = Number.POSITIVE_INFINITY): Reading[] | null {
    const found = new Map<number, Reading>()
    for (const row of this.source.frames({ ...series, fromMs, toMs })) {
      for (const reading of readingsIn(this.opened(row), series, fromMs, toMs)) {
        const before = found.get(reading.atMs)
        if (before === undefined || reading.frame < before.frame) found.set(reading.atMs, reading)
      }
      if (found.size > max) return null
    }
    return [...found.values()].sort((a, b) => a.atMs - b.atMs)
  }

  /** A stored frame, decoded. */
  opened(row: FrameRow): OpenFrame {
    const known = this.open.get(row.id)
    if (known !== undefined) return known
    const open = openFrame(row, this.source.profile(row.profile))
    this.work.spend(1 + open.frame.count)
    const oldest = this.open.size >= FRAMES_KEPT ? this.open.keys().next().value : undefined
    if (oldest !== undefined) this.open.delete(oldest)
    this.open.set(row.id, open)
    return open
  }

  /**
   * The block at the near end of a range.
   * @param edge - the frame of the range that begins first, or last when newest are first: beyond its beginning there is nothing
   */
  private block(
    series: Series,
    edge: FrameRow,
    range: Required<TimeRange>,
    widthMs: number,
    newestFirst: boolean,
  ): Required<TimeRange> & { readings: Reading[] } {
    let fromMs = Math.max(range.fromMs, newestFirst ? Math.min(edge.fromMs, range.toMs - widthMs) : edge.fromMs)
    let toMs = newestFirst ? range.toMs : Math.min(range.toMs, fromMs + widthMs)
    for (;;) {
      const isShortest = toMs - fromMs <= 1
      const max = isShortest ? Number.POSITIVE_INFINITY : BLOCK_READINGS_MAX
      const readings = this.within(series, fromMs, toMs, max)
      if (readings !== null) return { fromMs, toMs, readings }
      const halfMs = Math.ceil((toMs - fromMs) / 2)
      if (newestFirst) fromMs = toMs - halfMs
      else toMs = fromMs + halfMs
    }
  }
}

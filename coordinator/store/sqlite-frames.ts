import type { DeviceId, ProfileId } from '../../protocol/index.ts'
import type { FrameRow, FramesFilter } from './rows.ts'
import { type Columns, int, text } from './sqlite-columns.ts'
import { frameRow } from './sqlite-sensing-rows.ts'
import type { Statements } from './statements.ts'
import { Where } from './where.ts'

/** Rows that all series of a query hold at once, and that one of them does; a row may have 64 KiB. */
const HELD_ROWS_MAX = 1_024
const PAGE_ROWS_MAX = 64

/** Beyond every time and id. */
const LAST = Number.MAX_SAFE_INTEGER

const SERIES =
  'SELECT s.profile, s.device, s.span_max_ms, p.id AS profile_id, d.id AS device_id FROM frame_series s ' +
  'JOIN profile p ON p.no = s.profile JOIN device d ON d.no = s.device'
const FRAME = 'SELECT id, seq, received_at_ms, from_ms, to_ms, frame FROM frame WHERE profile = ? AND device = ?'
const IN_TIME = 'AND from_ms < ? AND to_ms > ? AND id <= ?'
const PAGE_ASCENDING = `${FRAME} AND from_ms >= ? AND (from_ms > ? OR id > ?) ${IN_TIME} ORDER BY from_ms, id LIMIT ?`
const PAGE_DESCENDING = `${FRAME} AND from_ms >= ? AND from_ms <= ? AND (from_ms < ? OR id < ?) ${IN_TIME} ORDER BY from_ms DESC, id DESC LIMIT ?`

/**
 * Frames in the order of their time, read page by page from the index while they are taken, so nothing is held open between two
 * of them. What a filter finds comes from series (a profile on a device), each in order by itself, and is merged here.
 */
export function* readFrames(statements: Statements, filter: FramesFilter): Iterable<FrameRow> {
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  if (left <= 0) return
  const found = seriesOf(statements, filter)
  const pageRows = Math.min(PAGE_ROWS_MAX, left, Math.max(1, Math.floor(HELD_ROWS_MAX / found.length)))
  const open = found.map(series => new FrameCursor(statements, filter, series, pageRows)).filter(cursor => cursor.head)
  const sign = filter.newestFirst ? -1 : 1
  while (left > 0) {
    let next: FrameCursor | undefined
    for (const cursor of open) if (!next || sign * compare(cursor.head, next.head) < 0) next = cursor
    if (!next?.head) return
    yield next.head
    left--
    next.advance()
    if (!next.head) open.splice(open.indexOf(next), 1)
  }
}

const RECEIVED =
  'SELECT f.id, f.seq, f.received_at_ms, f.from_ms, f.to_ms, f.frame, p.id AS profile_id, d.id AS device_id FROM frame f ' +
  'JOIN profile p ON p.no = f.profile JOIN device d ON d.no = f.device WHERE f.id > ? ORDER BY f.id LIMIT ?'

/** Frames in the order of receipt, page by page. */
export function* readFramesAbove(statements: Statements, id: number): Iterable<FrameRow> {
  let last = id
  for (;;) {
    const page = statements.plain(RECEIVED).all(last, PAGE_ROWS_MAX)
    for (const columns of page) {
      const row = frameRow(text(columns, 'profile_id') as ProfileId, text(columns, 'device_id') as DeviceId, columns)
      last = row.id
      yield row
    }
    if (page.length < PAGE_ROWS_MAX) return
  }
}

interface Series {
  readonly columns: Columns
  readonly profile: ProfileId
  readonly device: DeviceId
  readonly spanMaxMs: number
}

function seriesOf(statements: Statements, { sensor, quantity, device }: FramesFilter): Series[] {
  const where = new Where()
  if (sensor !== undefined || quantity !== undefined) {
    const channel = new Where()
    if (sensor !== undefined) channel.and('sensor = ?', sensor)
    if (quantity !== undefined) channel.and('quantity = ?', quantity)
    where.and(`s.profile IN (SELECT profile FROM profile_channel${channel.sql})`, ...channel.values)
  }
  if (device !== undefined) where.and('s.device = (SELECT no FROM device WHERE id = ?)', device)
  const rows = statements.plain(`${SERIES}${where.sql}`).all(...where.values)
  return rows.map(columns => ({
    columns,
    profile: text(columns, 'profile_id') as ProfileId,
    device: text(columns, 'device_id') as DeviceId,
    spanMaxMs: int(columns, 'span_max_ms'),
  }))
}

function compare(a: FrameRow | undefined, b: FrameRow | undefined): number {
  return (a?.fromMs ?? 0) - (b?.fromMs ?? 0) || (a?.id ?? 0) - (b?.id ?? 0)
}

/** The frames of one series, one after another. */
class FrameCursor {
  /** The next frame; undefined after the last. */
  head: FrameRow | undefined
  private page: FrameRow[] = []
  private at = 0
  private isLastPage = false
  private readonly readPage: (after: Pick<FrameRow, 'fromMs' | 'id'> | undefined) => Columns[]
  private readonly series: Series
  private readonly pageRows: number

  constructor(statements: Statements, filter: FramesFilter, series: Series, pageRows: number) {
    this.series = series
    this.pageRows = pageRows
    const { profile = 0, device = 0 } = series.columns
    const { fromMs = -LAST, toMs = LAST, idMax = LAST } = filter
    // No frame that touches the range begins before this.
    const startMs = fromMs - series.spanMaxMs
    const ascending = statements.plain(PAGE_ASCENDING)
    const descending = statements.plain(PAGE_DESCENDING)
    this.readPage = filter.newestFirst
      ? ({ fromMs: beforeMs, id } = END) =>
          descending.all(profile, device, startMs, beforeMs, beforeMs, id, toMs, fromMs, idMax, pageRows)
      : ({ fromMs: afterMs, id } = BEGIN) =>
          ascending.all(profile, device, Math.max(startMs, afterMs), afterMs, id, toMs, fromMs, idMax, pageRows)
    this.advance()
  }

  /** Goes to the frame after the head. */
  advance(): void {
    if (this.at >= this.page.length && !this.isLastPage) {
      const { profile, device } = this.series
      this.page = this.readPage(this.page.at(-1)).map(columns => frameRow(profile, device, columns))
      this.at = 0
      this.isLastPage = this.page.length < this.pageRows
    }
    this.head = this.page[this.at++]
  }
}

const BEGIN = { fromMs: -LAST, id: -LAST }
const END = { fromMs: LAST, id: LAST }

/** Jumps between neighbouring readings, and which of the two is to blame (WeatherXM SQC, after WMO). */
import { exceeds, medianOf } from './numbers.ts'
import { firstFrom, type Sample } from './series.ts'
import type { QualityRules } from './types.ts'

type JumpRule = NonNullable<QualityRules['jump']>

const MINUTE_MS = 60_000
/** Readings further apart are not compared: nature moves on. */
const PAIR_GAP_MAX_MS = 3_600_000
/** The median that tells the guilty reading is of the last 10 minutes; of the last 60 when readings are more than a minute apart. */
const FAST_WINDOW_MS = 600_000
const SLOW_WINDOW_MS = 3_600_000
/** Share of the window's readings that must be there, and how many at least. */
const PRESENT_MIN = 0.67
const READINGS_MIN = 3

/**
 * How far back jumps reach: the last reading before the window may be an hour old and repeat a guilty value for an hour at most, since that
 * is the median then, and the guilt of that value needs the hour before it.
 */
export const JUMP_HISTORY_MS = 2 * PAIR_GAP_MAX_MS + SLOW_WINDOW_MS

/** Why a reading is said to jump. */
export interface Jump {
  /** Guilty, or only beside a jump that nobody can be blamed for. */
  readonly guilty: boolean
  /** The two readings, the earlier first. */
  readonly earlier: Sample
  readonly later: Sample
  readonly limit: number
  /** Median that the blame rests on, and its window; null when there are too few readings. */
  readonly median: number | null
  readonly windowMs: number
}

/** The largest change that a stretch of time allows. @see spec/quality.md [QC-3.1] */
export function jumpLimit({ perMinute, max }: JumpRule, gapMs: number): number {
  return Math.min(max, perMinute * Math.max(1, gapMs / MINUTE_MS))
}

/** The jumps of a series by the position of the reading they are said of. Guilt outweighs doubt, an earlier finding a later one. */
export function findJumps(samples: readonly Sample[], rule: JumpRule, periodMs: number): Map<number, Jump> {
  const found = new Map<number, Jump>()
  const windowMs = periodMs > MINUTE_MS ? SLOW_WINDOW_MS : FAST_WINDOW_MS
  const note = (position: number, jump: Jump): void => {
    if (found.get(position)?.guilty === true || (found.has(position) && !jump.guilty)) return
    found.set(position, jump)
  }
  for (let at = 1; at < samples.length; at++) {
    const earlier = samples[at - 1]
    const later = samples[at]
    if (earlier === undefined || later === undefined || later.atMs - earlier.atMs > PAIR_GAP_MAX_MS) continue
    const limit = jumpLimit(rule, later.atMs - earlier.atMs)
    if (exceeds(Math.abs(later.value - earlier.value), limit)) {
      const median = medianBefore(samples, at, windowMs, periodMs)
      const blame = { earlier, later, limit, median, windowMs }
      const guilty = median === null ? 0 : furtherOf(earlier.value, later.value, median)
      if (guilty <= 0) note(at - 1, { ...blame, guilty: guilty < 0 })
      if (guilty >= 0) note(at, { ...blame, guilty: guilty > 0 })
    } else if (later.value === earlier.value && found.get(at - 1)?.guilty === true) {
      const median = medianBefore(samples, at, windowMs, periodMs)
      // It stays at the guilty value; once most of the window is there too, the guilty value is the new truth.
      if (median !== null && exceeds(Math.abs(later.value - median), limit)) {
        note(at, { earlier, later, limit, median, windowMs, guilty: true })
      }
    }
  }
  return found
}

/** -1 when the first is further from the median, 1 when the second is, 0 when nobody can tell. */
function furtherOf(first: number, second: number, median: number): -1 | 0 | 1 {
  const lead = Math.abs(second - median) - Math.abs(first - median)
  if (exceeds(lead, 0)) return 1
  return exceeds(-lead, 0) ? -1 : 0
}

/** Median of the window that ends with a reading; null when too few of its readings are there. @see spec/quality.md [QC-3.3] */
function medianBefore(samples: readonly Sample[], at: number, windowMs: number, periodMs: number): number | null {
  const endMs = samples[at]?.atMs ?? 0
  const from = firstFrom(samples, endMs - windowMs)
  const values = samples
    .slice(from, at + 1)
    .filter(({ atMs }) => atMs > endMs - windowMs)
    .map(({ value }) => value)
  const wanted = PRESENT_MIN * (windowMs / periodMs)
  return values.length < READINGS_MIN || exceeds(wanted, values.length) ? null : medianOf(values)
}

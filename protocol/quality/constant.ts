/** Flat lines: values that stay the same for longer than nature keeps one (WeatherXM SQC). */
import { exceeds } from './numbers.ts'
import type { Sample } from './series.ts'
import type { QualityRules } from './types.ts'

type ConstantRule = NonNullable<QualityRules['constant']>

const MINUTE_MS = 60_000
/** Share of the readings of a stretch that must be there. */
const PRESENT_MIN = 0.67
/** A stretch that is longer, for lack of readings, could not have enough of them. */
const STRETCH_RATIO_MAX = 1.5

/** A stretch of readings that stay within the tolerance of each other for long enough. */
export interface FlatLine {
  readonly from: Sample
  readonly to: Sample
  readonly least: number
  readonly greatest: number
}

/**
 * The flat line that each reading is in, by its position. A reading with all before it, back to the last that is at least `minutes`
 * earlier, is one when everything is within `tolerance` and 67 % of the readings that fit are there.
 * @see spec/quality.md [QC-4.1] [QC-4.2]
 */
export function findFlatLines(samples: readonly Sample[], rule: ConstantRule, periodMs: number): Map<number, FlatLine> {
  const found = new Map<number, FlatLine>()
  const looked = samples.flatMap((sample, position) => (isExempt(sample.value, rule) ? [] : [{ sample, position }]))
  const lows = createSlide((a, b) => a <= b)
  const highs = createSlide((a, b) => a >= b)
  /** First reading that everything up to now is within tolerance of, and the last that is long enough ago. */
  let steady = 0
  let from = -1
  let covered = 0
  const lengthMsMax = stretchMsMax(rule, periodMs)
  looked.forEach(({ sample: to }, end) => {
    lows.push(end, to.value)
    highs.push(end, to.value)
    while (exceeds(highs.first() - lows.first(), rule.tolerance)) {
      steady++
      lows.dropBefore(steady)
      highs.dropBefore(steady)
    }
    while (isLongAgo(looked[from + 1]?.sample, to, rule)) from++
    const start = looked[from]?.sample
    if (from < steady || start === undefined || to.atMs - start.atMs > lengthMsMax) return
    if (!isDense(start, to, end - from + 1, periodMs)) return
    const line = { from: start, to, least: lows.first(), greatest: highs.first() }
    for (let i = Math.max(from, covered); i <= end; i++) found.set(looked[i]?.position ?? -1, line)
    covered = end + 1
  })
  return found
}

function isExempt(value: number, { exemptAbove, exemptBelow }: ConstantRule): boolean {
  return (exemptAbove !== null && value >= exemptAbove) || (exemptBelow !== null && value <= exemptBelow)
}

function isLongAgo(sample: Sample | undefined, to: Sample, { minutes }: ConstantRule): boolean {
  return sample !== undefined && to.atMs - sample.atMs >= minutes * MINUTE_MS
}

function isDense(from: Sample, to: Sample, count: number, periodMs: number): boolean {
  return !exceeds(PRESENT_MIN * ((to.atMs - from.atMs) / periodMs + 1), count)
}

/** The longest that a stretch may be. @see spec/quality.md [QC-4.2] */
export function stretchMsMax({ minutes }: ConstantRule, periodMs: number): number {
  return STRETCH_RATIO_MAX * minutes * MINUTE_MS + 2 * periodMs
}

/** The first of the sliding window's values in an order, in constant time each (a monotonic queue). */
interface Slide {
  push(position: number, value: number): void
  dropBefore(position: number): void
  first(): number
}

function createSlide(keeps: (earlier: number, later: number) => boolean): Slide {
  const kept: { position: number; value: number }[] = []
  let head = 0
  return {
    push: (position, value) => {
      while (kept.length > head && !keeps(kept[kept.length - 1]?.value ?? value, value)) kept.pop()
      kept.push({ position, value })
    },
    dropBefore: position => {
      while ((kept[head]?.position ?? position) < position) head++
    },
    first: () => kept[head]?.value ?? Number.NaN,
  }
}

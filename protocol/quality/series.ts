/** Readings as the checks walk over them. */
import { exceeds } from './numbers.ts'
import type { Point, QualityRules } from './types.ts'

/** A reading with a value. */
export interface Sample {
  readonly atMs: number
  readonly value: number
  /** Its place in the window's points; -1 for one of before the window. */
  readonly index: number
}

const MS_PER_SECOND = 1_000

/** Whether a point holds a number that was taken at a moment; anything else counts as missing. */
export function isPresent(point: Point): point is { atMs: number; value: number } {
  return Number.isFinite(point.atMs) && Number.isFinite(point.value)
}

/** The bounds of a single value: those of the rule, and what can be counted in a period. */
export function boundsOf(range: NonNullable<QualityRules['range']>, periodMs: number): { min: number; max: number } {
  const { min, max, maxPerSecond } = range
  return { min, max: maxPerSecond === null ? max : Math.min(max, (maxPerSecond * periodMs) / MS_PER_SECOND) }
}

/** Whether a value can be. @see spec/quality.md [QC-2.2] */
export function isInRange(value: number, range: QualityRules['range'], periodMs: number): boolean {
  if (range === null) return true
  const { min, max } = boundsOf(range, periodMs)
  return !exceeds(min, value) && !exceeds(value, max)
}

/** The points that have a value in range, in time order; equal times in the order they came. */
export function samplesOf(
  points: readonly Point[],
  { range }: Pick<QualityRules, 'range'>,
  periodMs: number,
  indexOf: (index: number) => number = index => index,
): Sample[] {
  const samples: Sample[] = []
  points.forEach((point, index) => {
    if (isPresent(point) && isInRange(point.value, range, periodMs)) {
      samples.push({ atMs: point.atMs, value: point.value, index: indexOf(index) })
    }
  })
  return inTimeOrder(samples)
}

function inTimeOrder(samples: Sample[]): Sample[] {
  const ordered = samples.every((sample, i) => i === 0 || sample.atMs >= (samples[i - 1]?.atMs ?? 0))
  return ordered ? samples : samples.sort((a, b) => a.atMs - b.atMs)
}

/** The first position whose sample is at or after a moment. */
export function firstFrom(samples: readonly Sample[], atMs: number): number {
  let low = 0
  let high = samples.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((samples[middle]?.atMs ?? Number.POSITIVE_INFINITY) < atMs) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The sample nearest in time to a moment, at most a period away; of two as near the earlier.
 * @see spec/quality.md [QC-1.5]
 */
export function nearest(samples: readonly Sample[], atMs: number, periodMs: number): Sample | null {
  const at = firstFrom(samples, atMs)
  const before = samples[at - 1]
  const after = samples[at]
  const gapBefore = before === undefined ? Number.POSITIVE_INFINITY : atMs - before.atMs
  const gapAfter = after === undefined ? Number.POSITIVE_INFINITY : after.atMs - atMs
  const best = gapBefore <= gapAfter ? before : after
  return best !== undefined && Math.min(gapBefore, gapAfter) <= periodMs ? best : null
}

/** Buddy check: a reading against the median of its neighbours (after titanlib, with median and MAD for mean and variance). */
import { type NeighbourValue, type PreparedNeighbour, valuesAt, withinReach } from './neighbourhood.ts'
import { exceeds, medianOf, spreadAbout } from './numbers.ts'
import type { Sample } from './series.ts'
import type { QualityRules } from './types.ts'

type BuddyRule = NonNullable<QualityRules['buddy']>

/** Neighbours this many robust deviations from their own median are not asked. Fixed, so that a laxer `threshold` never flags more. */
const LIAR_DEVIATIONS = 5
const ROUNDS_MAX = 5

/** How far a reading is from its neighbours' median, and how far it may be. */
export interface Deviation {
  /** Neighbours that were asked, and those that were dropped for being far from the others. */
  readonly neighbours: number
  readonly dropped: number
  readonly expected: number
  readonly spread: number
  readonly difference: number
  readonly allowed: number
}

/** Whether a deviation is more than is allowed. */
export function isFar({ difference, allowed }: Deviation): boolean {
  return exceeds(difference, allowed)
}

/**
 * Compares a reading with its neighbours; null when there are too few.
 * @see spec/quality.md [QC-7.1]
 */
export function checkBuddies(
  self: Sample,
  neighbours: readonly PreparedNeighbour[],
  rule: BuddyRule,
  periodMs: number,
): Deviation | null {
  const all = valuesAt(withinReach(neighbours, rule), rule, self.atMs, periodMs)
  const kept = withoutLiars(all, rule)
  if (kept.length < rule.neighboursMin || kept.length === 0) return null
  const values = kept.map(({ value }) => value)
  const expected = medianOf(values)
  const spread = spreadAbout(expected, values, rule.spreadMin)
  return {
    neighbours: kept.length,
    dropped: all.length - kept.length,
    expected,
    spread,
    difference: Math.abs(self.value - expected),
    allowed: rule.threshold * spread,
  }
}

/** The neighbours without those that are far from the others' median. @see spec/quality.md [QC-7.2] */
function withoutLiars(all: readonly NeighbourValue[], rule: BuddyRule): readonly NeighbourValue[] {
  let kept = all
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const values = kept.map(({ value }) => value)
    const median = medianOf(values)
    const allowed = LIAR_DEVIATIONS * spreadAbout(median, values, rule.spreadMin)
    const honest = kept.filter(({ value }) => !exceeds(Math.abs(value - median), allowed))
    if (honest.length === kept.length) break
    kept = honest
  }
  return kept
}

/**
 * Spatial consistency: a reading against what its neighbours predict for its place, judged by how well the neighbours predict one
 * another (the idea of titanlib's resistant SCT, with inverse-distance weights for its optimal interpolation).
 */
import type { Deviation } from './buddy.ts'
import { type NeighbourValue, type PreparedNeighbour, valuesAt, withinReach } from './neighbourhood.ts'
import { exceeds, spreadAbout } from './numbers.ts'
import type { Sample } from './series.ts'
import type { QualityRules } from './types.ts'

type SpatialRule = NonNullable<QualityRules['spatial']>

/** Sensors closer than this count as if they were this far apart: what a garden differs within. Metres, squared. */
const NEAR2 = 100 * 100
/** A neighbour this many spreads from what the others predict is dropped, the worst first. */
const LIAR_DEVIATIONS = 5
const ROUNDS_MAX = 5

/**
 * Compares a reading with the prediction for its place; null when there are too few neighbours.
 * @see spec/quality.md [QC-8.1]
 */
export function checkSpatially(
  self: Sample,
  neighbours: readonly PreparedNeighbour[],
  rule: SpatialRule,
  periodMs: number,
): Deviation | null {
  const near = withinReach(neighbours, { ...rule, elevationDifferenceMaxM: null })
  const all = valuesAt(near, rule, self.atMs, periodMs)
  const kept = withoutLiars(all, rule)
  // A prediction of each neighbour by the others takes two.
  if (kept.length < Math.max(2, rule.neighboursMin)) return null
  const expected = predict({ eastM: 0, northM: 0 }, kept, null)
  const spread = spreadAbout(0, residualsOf(kept), rule.spreadMin)
  return {
    neighbours: kept.length,
    dropped: all.length - kept.length,
    expected,
    spread,
    difference: Math.abs(self.value - expected),
    allowed: rule.threshold * spread,
  }
}

type Place = Pick<NeighbourValue, 'eastM' | 'northM'>

/** What a neighbour counts for at a place. @see spec/quality.md [QC-8.2] */
function weightAt(place: Place, other: NeighbourValue): number {
  const east = other.eastM - place.eastM
  const north = other.northM - place.northM
  return 1 / (east * east + north * north + NEAR2)
}

/** Weighted mean of the others' values. */
function predict(place: Place, others: readonly NeighbourValue[], except: NeighbourValue | null): number {
  let weights = 0
  let sum = 0
  for (const other of others) {
    if (other === except) continue
    const weight = weightAt(place, other)
    weights += weight
    sum += weight * other.value
  }
  return sum / weights
}

/** Weighted median of the others' values: the least at which half of the weight is reached. One liar does not move it far. */
function predictRobustly(place: Place, byValue: readonly NeighbourValue[], except: NeighbourValue): number {
  const others = byValue.filter(other => other !== except).map(other => ({ ...other, weight: weightAt(place, other) }))
  const half = others.reduce((sum, { weight }) => sum + weight, 0) / 2
  let reached = 0
  for (const { weight, value } of others) {
    reached += weight
    if (reached >= half) return value
  }
  return Number.NaN
}

/** How far each neighbour is from what the others predict for its place. */
function residualsOf(values: readonly NeighbourValue[]): number[] {
  return values.map(one => one.value - predict(one, values, one))
}

/** The neighbours without those that the others do not predict, the worst of each round dropped. @see spec/quality.md [QC-8.3] */
function withoutLiars(all: readonly NeighbourValue[], rule: SpatialRule): readonly NeighbourValue[] {
  let kept = all
  for (let round = 0; round < ROUNDS_MAX && kept.length > 2; round++) {
    const byValue = [...kept].sort((a, b) => a.value - b.value)
    const distances = kept.map(one => Math.abs(one.value - predictRobustly(one, byValue, one)))
    const worst = Math.max(...distances)
    if (!exceeds(worst, LIAR_DEVIATIONS * spreadAbout(0, distances, rule.spreadMin))) break
    // All that are equally bad, so that it does not matter which comes first.
    kept = kept.filter((_, i) => distances[i] !== worst)
  }
  return kept
}

/** Series and neighbourhoods for the tests of verdicts. */
import {
  codesOf,
  DEFAULT_RULES,
  judge,
  judgeSeries,
  type Neighbour,
  NO_RULES,
  type Point,
  type QualityRules,
  type SeriesInput,
  type VerdictInput,
} from '../../../../protocol/index.ts'

export const START_MS = Date.UTC(2026, 5, 1, 10, 0, 0)
export const MINUTE_MS = 60_000

export function rulesOf(quantity: string): QualityRules {
  return DEFAULT_RULES.get(quantity) ?? NO_RULES
}

/** Readings a period apart, the first at the start of the window. */
export function pointsOf(values: readonly (number | null)[], periodMs = MINUTE_MS, fromMs = START_MS): Point[] {
  return values.map((value, i) => ({ atMs: fromMs + i * periodMs, value }))
}

/** The same value many times. */
export function steady(value: number, count: number): number[] {
  return Array.from({ length: count }, () => value)
}

/** Values that are never the same twice in a row, about one of them. */
export function lively(value: number, count: number, step = 0.01): number[] {
  return Array.from({ length: count }, (_, i) => value + (i % 2) * step)
}

export function seriesOf(
  quantity: string,
  values: readonly (number | null)[],
  more: Partial<SeriesInput> = {},
): SeriesInput {
  const periodMs = more.periodMs ?? MINUTE_MS
  return {
    quantity,
    rules: rulesOf(quantity),
    periodMs,
    points: pointsOf(values, periodMs),
    history: [],
    twins: [],
    ...more,
  }
}

/** Readings of before the window, the last a period before its start. */
export function historyOf(values: readonly (number | null)[], periodMs = MINUTE_MS): Point[] {
  return pointsOf(values, periodMs, START_MS - values.length * periodMs)
}

/** The codes of each reading by its own checks. */
export function ownCodes(input: SeriesInput): string[][] {
  return judgeSeries(input).map(codesOf)
}

/** A neighbour with one value all the time. */
export function neighbour(id: string, value: number, place: Partial<Neighbour> = {}): Neighbour {
  return { id, eastM: 1_000, northM: 0, elevationM: 0, points: pointsOf(steady(value, 3)), ...place }
}

export function verdictInput(
  series: SeriesInput,
  neighbours: readonly Neighbour[],
  more: Partial<VerdictInput> = {},
): VerdictInput {
  return { series, elevationM: 0, neighbours, extraFlags: [], ...more }
}

/** The codes of the first reading of a series among neighbours. */
export function firstCodes(input: VerdictInput): string[] {
  return codesOf(judge(input)[0] ?? 0)
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  DEFAULT_RULES,
  explainVerdict,
  flag,
  historyMsOf,
  isAccepted,
  judge,
  judgeSeries,
  type Neighbour,
  NO_RULES,
  type Point,
  QUANTITIES,
  type QualityRules,
  type SeriesInput,
  type VerdictInput,
} from '../../protocol/index.ts'
import { findJumps } from '../../protocol/quality/jump.ts'
import { samplesOf } from '../../protocol/quality/series.ts'

const RUNS = { numRuns: 300 }
const START_MS = 1_780_000_000_000
const PERIOD_MS = 60_000
const quantity = fc.constantFrom(...QUANTITIES.keys())
const rulesOf = (name: string): QualityRules => DEFAULT_RULES.get(name) ?? NO_RULES

/** Whole numbers, so that shifting them all loses nothing. */
const value = fc.integer({ min: -30, max: 50 })
const points = (maxLength: number): fc.Arbitrary<Point[]> =>
  fc
    .array(fc.option(value, { freq: 8 }), { minLength: 1, maxLength })
    .map(values => values.map((one, i) => ({ atMs: START_MS + i * PERIOD_MS, value: one })))
const place = { eastM: fc.integer({ min: -12_000, max: 12_000 }), northM: fc.integer({ min: -12_000, max: 12_000 }) }
const neighbour = fc
  .record({ ...place, elevationM: fc.integer({ min: -50, max: 250 }), points: points(6) })
  .map(fields => ({ ...fields, points: fields.points.filter(point => point.value !== null) }))
const neighbours = fc
  .array(neighbour, { maxLength: 12 })
  .map(all => all.map((one, i): Neighbour => ({ id: `n${i % 7}`, ...one })))
const twins = fc
  .array(points(8), { maxLength: 3 })
  .map(all => all.map((readings, i) => ({ id: `t${i}`, points: readings })))

const input: fc.Arbitrary<VerdictInput> = fc
  .record({ points: points(8), history: points(20), twins, neighbours, elevationM: fc.integer({ min: 0, max: 100 }) })
  .map(({ neighbours: others, elevationM, history, ...own }) => ({
    series: {
      quantity: 'temperature',
      rules: rulesOf('temperature'),
      periodMs: PERIOD_MS,
      history: history.map(({ atMs, value: one }) => ({ atMs: atMs - 20 * PERIOD_MS, value: one })),
      ...own,
    },
    elevationM,
    neighbours: others,
    extraFlags: [],
  }))

const withRules = (given: VerdictInput, rules: QualityRules): VerdictInput => ({
  ...given,
  series: { ...given.series, rules },
})

test('[QC-1.3] verdicts do not depend on the order of neighbours and twins', () => {
  const shuffled = input.chain(given =>
    fc
      .tuple(
        fc.shuffledSubarray([...given.neighbours], { minLength: given.neighbours.length }),
        fc.shuffledSubarray([...given.series.twins], { minLength: given.series.twins.length }),
      )
      .map(
        ([others, twinsOf]) =>
          [given, { ...given, neighbours: others, series: { ...given.series, twins: twinsOf } }] as const,
      ),
  )
  fc.assert(
    fc.property(shuffled, ([given, other]) => {
      expect(judge(other)).toEqual(judge(given))
      given.series.points.forEach((_, i) => {
        expect(explainVerdict(other, i)).toEqual(explainVerdict(given, i))
      })
    }),
    RUNS,
  )
})

test('the same input gives the same verdicts after a journey as JSON', () => {
  fc.assert(
    fc.property(input, given => {
      expect(judge(JSON.parse(JSON.stringify(given)))).toEqual(judge(given))
    }),
    RUNS,
  )
})

test('a reading that half of its neighbours share is never flagged by them', () => {
  fc.assert(
    fc.property(value, fc.array(neighbour, { maxLength: 8 }), (shared, others) => {
      const rules = { ...rulesOf('temperature'), jump: null }
      const ground = others.map((one, i) => ({ ...one, id: `o${i}`, elevationM: 0 }))
      const equals = Array.from({ length: Math.max(3, others.length) }, (_, i) => ({
        id: `e${i}`,
        eastM: 100 * i,
        northM: 0,
        elevationM: 0,
        points: [{ atMs: START_MS, value: shared }],
      }))
      const series: SeriesInput = {
        quantity: 'temperature',
        rules: { ...rules, spatial: null },
        periodMs: PERIOD_MS,
        points: [{ atMs: START_MS, value: shared }],
        history: [],
        twins: [],
      }
      const verdict = { series, elevationM: 0, extraFlags: [], neighbours: [...equals, ...ground] }
      expect(judge(verdict)).toEqual([0])
      // Where everybody agrees, the field fits as well.
      const agreed = {
        ...verdict,
        series: { ...series, rules },
        neighbours: equals.map(one => ({ ...one, points: series.points })),
      }
      expect(judge(agreed)).toEqual([0])
    }),
    RUNS,
  )
})

test('moving all values by the same amount changes nothing but the range', () => {
  fc.assert(
    fc.property(input, fc.integer({ min: -1_000, max: 1_000 }), (given, offset) => {
      const rules = { ...rulesOf('temperature'), range: null }
      const move = (all: readonly Point[]): Point[] =>
        all.map(({ atMs, value: one }) => ({ atMs, value: one === null ? null : one + offset }))
      const { series } = given
      const moved: VerdictInput = {
        ...given,
        neighbours: given.neighbours.map(one => ({ ...one, points: move(one.points) })),
        series: {
          ...series,
          points: move(series.points),
          history: move(series.history),
          twins: series.twins.map(twin => ({ ...twin, points: move(twin.points) })),
        },
      }
      expect(judge(withRules(moved, rules))).toEqual(judge(withRules(given, rules)))
    }),
    RUNS,
  )
})

test('a laxer limit never flags more by its own check', () => {
  const factor = fc.integer({ min: 1, max: 10 })
  const rules = rulesOf('temperature')
  const laxer = (by: number): [number, QualityRules][] => [
    [flag('range'), { ...rules, range: { min: -20 - by, max: 40 + by, maxPerSecond: null } }],
    [flag('jump') | flag('jump_unclear'), { ...rules, jump: { perMinute: by, max: 5 * by } }],
    [flag('constant'), { ...rules, constant: { minutes: by, tolerance: 1, exemptAbove: null, exemptBelow: null } }],
    [flag('twin'), { ...rules, twin: { absolute: by, ratio: 0 } }],
    [flag('buddy'), { ...rules, buddy: rules.buddy && { ...rules.buddy, threshold: by } }],
    [flag('spatial'), { ...rules, spatial: rules.spatial && { ...rules.spatial, threshold: by } }],
  ]
  fc.assert(
    fc.property(input, factor, factor, (given, a, b) => {
      const strict = laxer(Math.min(a, b))
      const lax = laxer(Math.max(a, b))
      strict.forEach(([bit, strictRules], check) => {
        // Alone, since what one check lets through another looks at.
        const alone = (all: QualityRules): QualityRules => ({ ...NO_RULES, ...pick(all, check) })
        const flagged = judge(withRules(given, alone(strictRules)))
        const laxRules = lax[check]?.[1] ?? strictRules
        judge(withRules(given, alone(laxRules))).forEach((flags, i) => {
          if ((flags & bit) !== 0) expect((flagged[i] ?? 0) & bit).not.toBe(0)
        })
      })
    }),
    RUNS,
  )
})

const CHECKS = ['range', 'jump', 'constant', 'twin', 'buddy', 'spatial'] as const
function pick(rules: QualityRules, check: number): Partial<QualityRules> {
  const name = CHECKS[check] ?? 'range'
  return { [name]: rules[name] }
}

test('nothing throws, whatever the numbers are', () => {
  const hostile = fc.oneof(
    fc.double(),
    fc.constantFrom(
      0,
      -0,
      1e308,
      -1e308,
      Number.MIN_VALUE,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ),
  )
  const time = fc.oneof(hostile, fc.integer({ min: START_MS, max: START_MS + 10 * PERIOD_MS }))
  const series = fc.array(fc.record({ atMs: time, value: fc.option(hostile) }), { maxLength: 12 })
  const other = fc.record({
    id: fc.string({ maxLength: 4 }),
    eastM: hostile,
    northM: hostile,
    elevationM: hostile,
    points: series,
  })
  const given = fc.record({
    series: fc
      .record({
        quantity,
        points: series,
        history: series,
        twins: fc.array(fc.record({ id: fc.string(), points: series }), { maxLength: 3 }),
      })
      .map(fields => ({ ...fields, rules: rulesOf(fields.quantity), periodMs: PERIOD_MS })),
    elevationM: hostile,
    neighbours: fc.array(other, { maxLength: 12 }),
    extraFlags: fc.array(fc.record({ index: fc.integer(), codes: fc.subarray(['future', 'late'] as const) }), {
      maxLength: 3,
    }),
  })
  fc.assert(
    fc.property(given, one => {
      const flags = judge(one)
      expect(flags).toHaveLength(one.series.points.length)
      for (const [i, { value: measured }] of one.series.points.entries()) {
        expect(explainVerdict(one, i).join(' ')).not.toContain('undefined')
        if (measured === null || !Number.isFinite(measured)) expect(isAccepted(flags[i] ?? 0)).toBe(false)
      }
    }),
    RUNS,
  )
})

test('readings from further back than the rules reach change nothing', () => {
  const sparse = (maxLength: number): fc.Arbitrary<Point[]> =>
    fc
      .array(fc.record({ minutes: fc.integer({ min: 0, max: 499 }), value: fc.integer({ min: 0, max: 1 }) }), {
        maxLength,
      })
      .map(all =>
        [...new Map(all.map(one => [one.minutes, one.value * 20]))]
          .sort(([a], [b]) => a - b)
          .map(([minutes, one]) => ({ atMs: START_MS - (500 - minutes) * PERIOD_MS, value: one })),
      )
  const rules = { ...NO_RULES, jump: { perMinute: 3, max: 15 } }
  const constant = fc.record({
    minutes: fc.integer({ min: 1, max: 200 }),
    tolerance: fc.constant(0),
    exemptAbove: fc.constant(null),
    exemptBelow: fc.constant(null),
  })
  fc.assert(
    fc.property(
      sparse(400),
      fc.option(constant),
      fc.constantFrom(60_000, 900_000, 1_200_000),
      (history, rule, periodMs) => {
        const series: SeriesInput = {
          quantity: 'temperature',
          rules: { ...rules, constant: rule },
          periodMs,
          history,
          points: pointsAt([0, 1, 2, 3]),
          twins: [],
        }
        const fromMs = START_MS - historyMsOf(series.rules, periodMs)
        const verdicts = judgeSeries({ ...series, history: history.filter(({ atMs }) => atMs >= fromMs) })
        expect(verdicts).toEqual(judgeSeries(series))
        // Flat lines by their definition, which looks at everything there is, and jumps by their finder within reach.
        expect(verdicts.map(flags => (flags & flag('constant')) !== 0)).toEqual(flatByDefinition(series))
        const reached = history.filter(({ atMs }) => atMs >= fromMs)
        const samples = [...samplesOf(reached, NO_RULES, periodMs), ...samplesOf(series.points, NO_RULES, periodMs)]
        const jumps = findJumps(samples, { perMinute: 3, max: 15 }, periodMs)
        expect(verdicts.map(flags => (flags & flag('jump')) !== 0)).toEqual(
          series.points.map((_, i) => jumps.get(reached.length + i)?.guilty === true),
        )
      },
    ),
    RUNS,
  )
})

function pointsAt(minutes: readonly number[]): Point[] {
  return minutes.map(minute => ({ atMs: START_MS + minute * PERIOD_MS, value: 0 }))
}

/** The definition of a flat line, word by word and slowly. */
function flatByDefinition({ points: own, history, rules, periodMs }: SeriesInput): boolean[] {
  const rule = rules.constant
  const all = [...history, ...own].filter(
    (point): point is { atMs: number; value: number } =>
      point.value !== null && !(rule?.exemptBelow != null && point.value <= rule.exemptBelow),
  )
  const isFlat = (point: Point): boolean =>
    all.some(to => {
      if (rule === null) return false
      const from = all.findLast(({ atMs }) => to.atMs - atMs >= rule.minutes * 60_000)
      if (from === undefined || point.atMs < from.atMs || point.atMs > to.atMs) return false
      if (to.atMs - from.atMs > 1.5 * rule.minutes * 60_000 + 2 * periodMs) return false
      const stretch = all.filter(({ atMs }) => atMs >= from.atMs && atMs <= to.atMs)
      const values = stretch.map(one => one.value)
      const fits = (to.atMs - from.atMs) / periodMs + 1
      return Math.max(...values) - Math.min(...values) <= rule.tolerance && stretch.length >= 0.67 * fits
    })
  return own.map(point => all.some(one => one.atMs === point.atMs) && isFlat(point))
}

test('[QC-4.1] [QC-4.2] [QC-4.3] flat lines are those of the definition', () => {
  const constant = fc.record({
    minutes: fc.integer({ min: 1, max: 8 }),
    tolerance: fc.integer({ min: 0, max: 2 }),
    exemptAbove: fc.constant(null),
    exemptBelow: fc.constantFrom(null, 0),
  })
  const few = fc
    .array(fc.option(fc.integer({ min: 0, max: 3 }), { freq: 4 }), { minLength: 1, maxLength: 24 })
    .map(values => values.map((one, i) => ({ atMs: START_MS + i * PERIOD_MS, value: one })))
  fc.assert(
    fc.property(few, fc.nat({ max: 23 }), constant, (all, cut, rule) => {
      const series: SeriesInput = {
        quantity: 'temperature',
        rules: { ...NO_RULES, constant: rule },
        periodMs: PERIOD_MS,
        history: all.slice(0, cut),
        points: all.slice(cut),
        twins: [],
      }
      expect(judgeSeries(series).map(flags => (flags & flag('constant')) !== 0)).toEqual(flatByDefinition(series))
    }),
    { numRuns: 2_000 },
  )
})

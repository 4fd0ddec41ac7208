import { describe, expect, test } from 'vitest'
import { historyOf, lively, MINUTE_MS, ownCodes, pointsOf, rulesOf, START_MS, seriesOf } from './worlds.ts'

const codesOfValue = (quantity: string, value: number | null, periodMs = MINUTE_MS): string[] =>
  ownCodes(seriesOf(quantity, [value], { periodMs }))[0] ?? []

describe('a single value', () => {
  test.each([null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '[QC-2.1] of %s is missing',
    value => {
      expect(codesOfValue('temperature', value)).toEqual(['missing'])
    },
  )

  test('[QC-2.1] without a time is missing', () => {
    const points = [{ atMs: Number.NaN, value: 20 }]
    expect(ownCodes(seriesOf('temperature', [], { points }))).toEqual([['missing']])
  })

  test.each([
    ['temperature', -40, 60, 0.01],
    ['humidity', 1, 100, 0.01],
    ['pressure', 30_000, 110_000, 1],
    ['wind-speed', 0, 50, 0.01],
    ['wind-direction', 0, 360, 1],
    ['light', 0, 400_000, 1],
    ['pm2.5', 0, 1_000, 0.1],
    ['co2', 300, 10_000, 1],
    ['latitude', -90, 90, 0.000_001],
  ])('[QC-2.2] of %s may be %d to %d', (quantity, min, max, step) => {
    expect(codesOfValue(quantity, min - step)).toEqual(['range'])
    expect(codesOfValue(quantity, min)).toEqual([])
    expect(codesOfValue(quantity, min + step)).toEqual([])
    expect(codesOfValue(quantity, max - step)).toEqual([])
    expect(codesOfValue(quantity, max)).toEqual([])
    expect(codesOfValue(quantity, max + step)).toEqual(['range'])
  })

  test('[QC-2.2] of rain is bounded by what the period can bring', () => {
    expect(codesOfValue('rain', 15.24, MINUTE_MS)).toEqual([])
    expect(codesOfValue('rain', 15.25, MINUTE_MS)).toEqual(['range'])
    expect(codesOfValue('rain', 228.6, 15 * MINUTE_MS)).toEqual([])
    expect(codesOfValue('rain', 228.61, 15 * MINUTE_MS)).toEqual(['range'])
    expect(codesOfValue('rain', 305, 60 * MINUTE_MS)).toEqual([])
    expect(codesOfValue('rain', 305.01, 60 * MINUTE_MS)).toEqual(['range'])
  })

  test('without rules is only ever missing', () => {
    expect(ownCodes(seriesOf('level', [1e300, -1e300, null, 0, 0]))).toEqual([[], [], ['missing'], [], []])
  })

  test('[QC-2.3] out of range does not make the next one jump', () => {
    const values = [...lively(20, 12), 85, ...lively(20, 2)]
    const codes = ownCodes(seriesOf('temperature', values))
    expect(codes[12]).toEqual(['range'])
    expect(codes.filter((_, i) => i !== 12).flat()).toEqual([])
  })
})

describe('a jump', () => {
  /** Twelve quiet readings before the window, then two with a change between them. */
  const change = (quantity: string, from: number, to: number, periodMs: number): string[][] => {
    const history = historyOf(lively(from, Math.ceil((70 * MINUTE_MS) / periodMs) + 12, 0), periodMs)
    const rules = { ...rulesOf(quantity), constant: null }
    return ownCodes(seriesOf(quantity, [from, to], { history, periodMs, rules }))
  }

  test.each([
    ['temperature', 20, 3, MINUTE_MS, 0.01],
    ['temperature', 20, 3, 16_000, 0.01],
    ['temperature', 20, 9, 3 * MINUTE_MS, 0.01],
    ['temperature', 20, 15, 5 * MINUTE_MS, 0.01],
    ['temperature', 20, 15, 20 * MINUTE_MS, 0.01],
    ['humidity', 10, 10, MINUTE_MS, 0.01],
    ['humidity', 10, 30, 3 * MINUTE_MS, 0.01],
    ['humidity', 10, 80, 8 * MINUTE_MS, 0.01],
    ['wind-speed', 0.5, 10, MINUTE_MS, 0.01],
    ['wind-speed', 0.5, 15, 3 * MINUTE_MS, 0.01],
    ['pressure', 100_000, 80, MINUTE_MS, 1],
    ['pressure', 100_000, 240, 3 * MINUTE_MS, 1],
    ['pressure', 100_000, 1_500, 20 * MINUTE_MS, 1],
    ['light', 10, 97_600, MINUTE_MS, 1],
    ['light', 10, 146_400, 3 * MINUTE_MS, 1],
    ['co2', 600, 1_000, MINUTE_MS, 1],
  ])('[QC-3.1] of %s from %d by more than %d in %d ms is one', (quantity, from, limit, periodMs, step) => {
    expect(change(quantity, from, from + limit - step, periodMs)).toEqual([[], []])
    expect(change(quantity, from, from + limit, periodMs)).toEqual([[], []])
    expect(change(quantity, from, from + limit + step, periodMs)).toEqual([[], ['jump']])
  })

  test('[QC-1.4] is not made by the noise of binary fractions', () => {
    for (const from of [20.1, 20.3, 19.7, 0.1])
      expect(change('temperature', from, from + 3, MINUTE_MS)).toEqual([[], []])
    expect(change('temperature', 0.1 + 0.2, 3.3, MINUTE_MS)).toEqual([[], []])
  })

  test('[QC-3.1] is not looked for over more than an hour', () => {
    const history = [...historyOf(lively(20, 12))].map(point => ({ ...point, atMs: point.atMs - 60 * MINUTE_MS }))
    expect(ownCodes(seriesOf('temperature', [40], { history }))).toEqual([[]])
    const nearer = history.map(point => ({ ...point, atMs: point.atMs + MINUTE_MS }))
    expect(ownCodes(seriesOf('temperature', [40], { history: nearer }))).toEqual([['jump_unclear']])
  })

  test('[QC-3.2] is the fault of the reading further from the median, before or behind it', () => {
    const codes = ownCodes(seriesOf('temperature', [...lively(20, 12), 50, ...lively(20, 4)]))
    expect(codes.map(found => found.join())).toEqual([...Array(12).fill(''), 'jump', '', '', '', ''])
  })

  test('[QC-3.2] [QC-3.3] of too few readings is nobody’s', () => {
    expect(ownCodes(seriesOf('temperature', [20, 30, 20.1]))).toEqual([
      ['jump_unclear'],
      ['jump_unclear'],
      ['jump_unclear'],
    ])
  })

  test('[QC-3.3] wants 67 % of ten minutes', () => {
    // Of ten readings seven are enough and six are not: the jump is with the last of them.
    const values = (present: number): (number | null)[] => [
      ...Array(10 - present).fill(null),
      ...lively(20, present - 1),
      30,
    ]
    expect(ownCodes(seriesOf('temperature', values(7))).at(-1)).toEqual(['jump'])
    expect(ownCodes(seriesOf('temperature', values(6))).at(-1)).toEqual(['jump_unclear'])
  })

  test('[QC-3.3] takes the median of an hour when readings are more than a minute apart', () => {
    const periodMs = 3 * MINUTE_MS
    // The last ten minutes are at 30, the hour is at 20.
    const history = historyOf([...lively(20, 16), ...lively(28, 3)], periodMs)
    expect(ownCodes(seriesOf('temperature', [40], { history, periodMs }))).toEqual([['jump']])
    const few = historyOf([...lively(20, 9), ...lively(28, 3)], periodMs)
    expect(ownCodes(seriesOf('temperature', [40], { history: few, periodMs }))).toEqual([['jump_unclear']])
  })

  test('[QC-1.6] [QC-3.2] that is as far from the median on both sides is nobody’s', () => {
    const periodMs = 20 * MINUTE_MS
    // Three readings in the hour: the median is the middle one, and the two that jump are its neighbours.
    const input = seriesOf('temperature', [30], { history: historyOf([10, 10], periodMs), periodMs })
    expect(ownCodes(input)).toEqual([['jump']])
    const even = seriesOf('temperature', [0, 20], {
      history: historyOf([0, 20], 15 * MINUTE_MS),
      periodMs: 15 * MINUTE_MS,
    })
    expect(ownCodes(even)).toEqual([['jump_unclear'], ['jump_unclear']])
  })

  test('[QC-3.3] of readings an hour apart is nobody’s', () => {
    const periodMs = 60 * MINUTE_MS
    const input = seriesOf('temperature', [30], { history: historyOf([10, 10, 10], periodMs), periodMs })
    expect(ownCodes(input)).toEqual([['jump_unclear']])
  })

  test('[QC-3.4] lasts while the same value is repeated, until that is the median', () => {
    const codes = ownCodes(seriesOf('temperature', [...lively(20, 12), ...Array(8).fill(50)]))
    expect(codes.slice(12).map(found => found.join())).toEqual(['jump', 'jump', 'jump', 'jump', 'jump', '', '', ''])
  })

  test('[QC-3.5] from the history into the window is one', () => {
    expect(ownCodes(seriesOf('temperature', lively(20, 3), { history: historyOf([...lively(20, 11), 50]) }))).toEqual([
      [],
      [],
      [],
    ])
    expect(ownCodes(seriesOf('temperature', [50, 20, 20.1], { history: historyOf(lively(20, 12)) }))).toEqual([
      ['jump'],
      [],
      [],
    ])
  })

  test('is not looked for in dust and angles', () => {
    expect(ownCodes(seriesOf('pm2.5', [10, 400, 10, 900])).flat()).toEqual([])
    expect(ownCodes(seriesOf('wind-direction', [359, 1, 180])).flat()).toEqual([])
  })
})

describe('a flat line', () => {
  const hours = (count: number): number => count * 60 + 1
  const isFlat = (quantity: string, values: readonly (number | null)[]): boolean[] =>
    ownCodes(seriesOf(quantity, values)).map(codes => codes.includes('constant'))

  test.each([
    ['temperature', 21.5, 240],
    ['humidity', 60, 360],
    ['pressure', 100_000, 120],
    ['light', 500, 120],
    ['wind-speed', 3, 360],
    ['wind-direction', 90, 1_440],
    ['pm2.5', 12, 240],
    ['co2', 600, 240],
    ['noise', 50, 120],
  ])('[QC-4.1] of %s at %d is one after %d minutes', (quantity, value, minutes) => {
    // Readings a minute apart: one more than minutes makes the stretch that long.
    expect(isFlat(quantity, Array(minutes).fill(value))).not.toContain(true)
    expect(isFlat(quantity, Array(minutes + 1).fill(value))).not.toContain(false)
  })

  test('[QC-4.1] ends where the value moves', () => {
    const flat = isFlat('temperature', [20, 20.01, ...Array(hours(4)).fill(21), 21.01, 21])
    expect(flat.indexOf(true)).toBe(2)
    expect(flat.lastIndexOf(true)).toBe(2 + hours(4) - 1)
    expect(flat.filter(Boolean)).toHaveLength(hours(4))
  })

  test('[QC-4.1] allows for a tolerance', () => {
    const rules = {
      ...rulesOf('temperature'),
      constant: { minutes: 240, tolerance: 0.1, exemptAbove: null, exemptBelow: null },
    }
    const within = Array.from({ length: hours(4) }, (_, i) => 20 + (i % 2) * 0.1)
    const beyond = Array.from({ length: hours(4) }, (_, i) => 20 + (i % 2) * 0.11)
    expect(ownCodes(seriesOf('temperature', within, { rules }))[0]).toEqual(['constant'])
    expect(ownCodes(seriesOf('temperature', beyond, { rules }))[0]).toEqual([])
  })

  test('[QC-4.2] wants 67 % of its readings', () => {
    const thinned = (keep: number): (number | null)[] =>
      Array.from({ length: hours(4) }, (_, i) => (i % 100 < keep || i === hours(4) - 1 ? 21 : null))
    expect(isFlat('temperature', thinned(70))[0]).toBe(true)
    expect(isFlat('temperature', thinned(60))[0]).toBe(false)
  })

  test.each([
    ['humidity', 94.99, 95],
    ['light', 1, 0],
    ['wind-speed', 0.01, 0],
    ['pm2.5', 5.1, 5],
    ['co2', 421, 420],
    ['noise', 35.1, 35],
  ])('[QC-4.3] of %s is one at %d and none at %d', (quantity, looked, exempt) => {
    expect(isFlat(quantity, Array(hours(6)).fill(looked))[0]).toBe(true)
    expect(isFlat(quantity, Array(hours(6)).fill(exempt))).not.toContain(true)
  })

  test('[QC-4.4] begins in the history', () => {
    const history = historyOf(Array(236).fill(21))
    expect(ownCodes(seriesOf('temperature', [21, 21, 21, 21, 21, 21.1], { history }))).toEqual([
      ['constant'],
      ['constant'],
      ['constant'],
      ['constant'],
      ['constant'],
      [],
    ])
    expect(ownCodes(seriesOf('temperature', [21, 21, 21, 21], { history }))).toEqual([[], [], [], []])
  })

  test('after a long silence is told from the readings since', () => {
    const long = [
      ...pointsOf(Array(10).fill(21), MINUTE_MS, START_MS - 720 * MINUTE_MS),
      ...historyOf(Array(240).fill(21)),
    ]
    expect(ownCodes(seriesOf('temperature', [21], { history: long }))).toEqual([['constant']])
  })

  test('of a value that cannot be is only out of range', () => {
    expect(ownCodes(seriesOf('temperature', Array(hours(4)).fill(85)))[200]).toEqual(['range'])
  })
})

describe('twins', () => {
  const against = (quantity: string, a: number, ...others: (number | null)[]): string[] => {
    const twins = others.map((value, i) => ({ id: `twin-${i}`, points: pointsOf([value]) }))
    return ownCodes(seriesOf(quantity, [a], { twins }))[0] ?? []
  }

  test.each([
    // PurpleAir AB_03: both a difference above 5 and above 70 %.
    [10, 10, []],
    [3, 8, []],
    [2, 7.1, ['twin']],
    [2, 7, []],
    [20, 26, []],
    [20, 41, []],
    [20, 41.6, ['twin']],
    [100, 207, []],
    [100, 208, ['twin']],
    [0, 5, []],
    [0, 5.1, ['twin']],
    [208, 100, ['twin']],
  ])('[QC-5.1] of fine dust at %d and %d: %j', (a, b, codes) => {
    expect(against('pm2.5', a, b)).toEqual(codes)
  })

  test('[QC-5.1] of temperature disagree by the difference alone', () => {
    expect(against('temperature', 20, 23)).toEqual([])
    expect(against('temperature', 20, 23.01)).toEqual(['twin'])
    expect(against('temperature', -20, -23.01)).toEqual(['twin'])
  })

  test('[QC-5.2] outvote the one that is wrong', () => {
    expect(against('pm2.5', 10, 11, 90)).toEqual([])
    expect(against('pm2.5', 90, 10, 11)).toEqual(['twin'])
    expect(against('pm2.5', 10, 90, 91)).toEqual(['twin'])
    expect(against('pm2.5', 10, 10, 90, 91)).toEqual(['twin'])
    expect(against('pm2.5', 10, 10, 11, 90, 91)).toEqual([])
  })

  test('[QC-2.3] that are broken have no vote', () => {
    expect(against('pm2.5', 10, 1_999.9)).toEqual([])
    expect(against('pm2.5', 10, null)).toEqual([])
  })

  test('[QC-1.5] answer with their reading nearest in time, of two as near the earlier, at most a period away', () => {
    const at = (offsetsMs: readonly [number, number][]): string[] => {
      const points = offsetsMs.map(([offsetMs, value]) => ({ atMs: START_MS + offsetMs, value }))
      return ownCodes(seriesOf('temperature', [20], { twins: [{ id: 'twin', points }] }))[0] ?? []
    }
    expect(
      at([
        [-20_000, 20],
        [19_000, 30],
      ]),
    ).toEqual(['twin'])
    expect(
      at([
        [-20_000, 20],
        [20_000, 30],
      ]),
    ).toEqual([])
    expect(
      at([
        [-20_000, 30],
        [20_000, 20],
      ]),
    ).toEqual(['twin'])
    expect(at([[60_000, 30]])).toEqual(['twin'])
    expect(at([[-60_000, 30]])).toEqual(['twin'])
    expect(at([[60_001, 30]])).toEqual([])
    expect(at([[-60_001, 30]])).toEqual([])
  })
})

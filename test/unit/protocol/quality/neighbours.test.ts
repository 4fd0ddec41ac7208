import { describe, expect, test } from 'vitest'
import { codesOf, flag, judge, judgeNeighbours, type Neighbour, type QualityRules } from '../../../../protocol/index.ts'
import {
  firstCodes,
  MINUTE_MS,
  neighbour,
  pointsOf,
  rulesOf,
  START_MS,
  seriesOf,
  steady,
  verdictInput,
} from './worlds.ts'

const temperature = rulesOf('temperature')
/** One of the two checks alone. */
const only = (check: 'buddy' | 'spatial', quantity = 'temperature'): QualityRules => ({
  ...rulesOf(quantity),
  jump: null,
  constant: null,
  [check === 'buddy' ? 'spatial' : 'buddy']: null,
})

const codes = (value: number, neighbours: readonly Neighbour[], rules: QualityRules, elevationM = 0): string[] =>
  firstCodes(verdictInput(seriesOf('temperature', [value], { rules }), neighbours, { elevationM }))

const around = (values: readonly number[], place: Partial<Neighbour> = {}): Neighbour[] =>
  values.map((value, i) => neighbour(`n${i}`, value, place))

describe('the buddy check', () => {
  const rules = only('buddy')

  test.each([
    // Spread of neighbours that agree is the least, 0.8: at most 4 is allowed.
    [24, [20, 20, 20], []],
    [24.01, [20, 20, 20], ['buddy']],
    [16, [20, 20, 20], []],
    [15.99, [20, 20, 20], ['buddy']],
    // Median 21, distances 2, 1, 0, 1, 2: MAD 1, spread 1.4826, at most 7.413.
    [28.4, [19, 20, 21, 22, 23], []],
    [28.42, [19, 20, 21, 22, 23], ['buddy']],
    // Median of an even number, 20.5: distances all 0.5, spread 0.8.
    [24.5, [20, 21, 20, 21], []],
    [24.6, [20, 21, 20, 21], ['buddy']],
  ] as const)('[QC-7.1] of %d among %j: %j', (value, neighbours, expected) => {
    expect(codes(value, around(neighbours), rules)).toEqual(expected)
  })

  test('[QC-7.2] leaves out neighbours that lie, where a mean and a variance would follow them', () => {
    expect(codes(20.5, around([20, 20.2, 21, 60, 60]), rules)).toEqual([])
    expect(codes(60, around([20, 20.2, 21, 60, 60]), rules)).toEqual(['buddy'])
  })

  test('[QC-7.3] wants three neighbours that are left', () => {
    expect(codes(30, around([20, 20]), rules)).toEqual(['isolated'])
    expect(codes(30, around([20, 20, 20]), rules)).toEqual(['buddy'])
    // The outlier of four leaves three.
    expect(codes(30, around([20, 20, 20, 90]), rules)).toEqual(['buddy'])
    expect(codes(20, [], rules)).toEqual(['isolated'])
  })

  test('[QC-6.1] asks who is near enough in plan and height', () => {
    const at = (eastM: number, elevationM: number): string[] =>
      codes(40, around([20, 20, 20], { eastM, elevationM }), rules)
    expect(at(10_000, 0)).toEqual(['buddy'])
    expect(at(10_001, 0)).toEqual(['isolated'])
    expect(at(1_000, 200)).toEqual(['buddy'])
    expect(at(1_000, 201)).toEqual(['isolated'])
    expect(at(1_000, -201)).toEqual(['isolated'])
    expect(codes(40, around([20, 20, 20], { eastM: 6_000, northM: -8_000 }), rules)).toEqual(['buddy'])
    expect(codes(40, around([20, 20, 20], { eastM: 6_001, northM: -8_000 }), rules)).toEqual(['isolated'])
  })

  test('[QC-6.1] asks the 32 nearest and no more', () => {
    const near = Array.from({ length: 32 }, (_, i) => neighbour(`near${i}`, 20, { eastM: 100 }))
    const far = Array.from({ length: 60 }, (_, i) => neighbour(`far${i}`, 30, { eastM: 200 }))
    expect(codes(30, [...far, ...near], rules)).toEqual(['buddy'])
    expect(codes(20, [...far, ...near], rules)).toEqual([])
  })

  test('[QC-6.1] takes the first by id of those that are as near', () => {
    const first = Array.from({ length: 32 }, (_, i) => neighbour(`a${i}`, 30))
    const later = Array.from({ length: 60 }, (_, i) => neighbour(`b${i}`, 20))
    expect(codes(30, [...later, ...first], rules)).toEqual([])
    expect(codes(20, [...later, ...first], rules)).toEqual(['buddy'])
  })

  test('[QC-6.2] brings neighbours to the height of the sensor', () => {
    // 200 m up it is 1.3 colder: 14.7 is expected above neighbours at 16 on the ground.
    expect(codes(18.7, around([16, 16, 16]), rules, 200)).toEqual([])
    expect(codes(18.71, around([16, 16, 16]), rules, 200)).toEqual(['buddy'])
    expect(codes(10.7, around([16, 16, 16]), rules, 200)).toEqual([])
    expect(codes(10.69, around([16, 16, 16]), rules, 200)).toEqual(['buddy'])
  })

  test('[QC-6.2] compares with what neighbours had at the time, else with their median', () => {
    const warming = { points: pointsOf([20, 25, 30]) }
    const input = (value: number, atMs: number): string[] => {
      const points = [{ atMs, value }]
      const neighbours = around([0, 0, 0], warming)
      return firstCodes(verdictInput(seriesOf('temperature', [], { points, rules }), neighbours))
    }
    expect(input(33, START_MS + 2 * MINUTE_MS)).toEqual([])
    expect(input(33, START_MS + MINUTE_MS)).toEqual(['buddy'])
    expect(input(33, START_MS + 3 * MINUTE_MS)).toEqual([])
    // Further than a period from any of their readings it is 25.
    expect(input(33, START_MS + 5 * MINUTE_MS)).toEqual(['buddy'])
    expect(input(26, START_MS + 5 * MINUTE_MS)).toEqual([])
  })
})

describe('the spatial check', () => {
  const rules = only('spatial')
  /** On a line 1 km apart; the judged sensor is in the middle. */
  const line = (values: readonly number[], extra: Partial<Neighbour> = {}): Neighbour[] =>
    values.map((value, i) => {
      const eastM = (i < values.length / 2 ? i - values.length / 2 : i + 1 - values.length / 2) * 1_000
      return neighbour(`n${i}`, value, { eastM, ...extra })
    })

  test('[QC-8.1] lets a slope be and finds what does not fit it', () => {
    // From 14 in the west to 26 in the east: the buddies' median would do as well, but a sensor at the edge would not fit it.
    const slope = line([14, 16, 18, 22, 24, 26])
    expect(codes(20, slope, rules)).toEqual([])
    expect(codes(45, slope, rules)).toEqual(['spatial'])
  })

  test('[QC-8.2] weighs near neighbours more, and what is within 100 m alike', () => {
    // Five far ones at 20, five near ones at 22: weights 1/(4000² + 100²) and 1/(100² + 100²), so 22 to within 0.003.
    const far = Array.from({ length: 5 }, (_, i) => neighbour(`far${i}`, 20, { eastM: 4_000 }))
    const near = Array.from({ length: 5 }, (_, i) => neighbour(`near${i}`, 22, { northM: 100, eastM: 0 }))
    expect(codes(25.99, [...far, ...near], rules)).toEqual([])
    expect(codes(26.01, [...far, ...near], rules)).toEqual(['spatial'])
    expect(codes(17.99, [...far, ...near], rules)).toEqual(['spatial'])
  })

  test('[QC-8.2] counts no distance below 100 m for much', () => {
    // Weights 1/100² beside it and 1/(100² + 100²) at 100 m: (2 × 20 + 26) / 3 = 22 is predicted. Neighbours miss each other by
    // 2.3077, so the spread is 3.4214 and 17.107 is allowed.
    const beside = Array.from({ length: 5 }, (_, i) => neighbour(`beside${i}`, 20, { eastM: 0 }))
    const near = Array.from({ length: 5 }, (_, i) => neighbour(`near${i}`, 26, { eastM: 100 }))
    expect(codes(39.1, [...beside, ...near], rules)).toEqual([])
    expect(codes(39.11, [...beside, ...near], rules)).toEqual(['spatial'])
  })

  test('[QC-8.3] leaves out a neighbour that the others do not predict', () => {
    const honest = line([20, 20.1, 19.9, 20, 20.2, 19.8])
    const liar = neighbour('liar', 70, { eastM: 200 })
    expect(codes(20, [...honest, liar], rules)).toEqual([])
    expect(codes(25, [...honest, liar], rules)).toEqual(['spatial'])
    expect(codes(59, [...honest, liar], rules)).toEqual(['spatial'])
  })

  test('[QC-8.4] wants five neighbours, and two in any case', () => {
    expect(codes(60, line([20, 20, 20, 20]), rules)).toEqual(['isolated'])
    expect(codes(60, line([20, 20, 20, 20, 20]), rules)).toEqual(['spatial'])
    const { spatial } = temperature
    const few = { ...rules, spatial: spatial === null ? null : { ...spatial, neighboursMin: 1 } }
    expect(codes(60, line([20]), few)).toEqual(['isolated'])
    expect(codes(60, line([20, 20]), few)).toEqual(['spatial'])
  })

  test('[QC-6.1] does not mind heights, which it corrects for', () => {
    const up = line(steady(13.5, 6), { elevationM: 1_000 })
    expect(codes(20, up, rules)).toEqual([])
    expect(codes(13.5, up, rules)).toEqual(['spatial'])
  })
})

describe('both checks', () => {
  test('[QC-6.3] leave a lone sensor accepted, and say so', () => {
    expect(codes(20, [], temperature)).toEqual(['isolated'])
    // Three neighbours are enough for the one check, so it is compared.
    expect(codes(20, around([20, 20, 20]), temperature)).toEqual([])
  })

  test('[QC-6.3] do not look at what is rejected already', () => {
    const points = pointsOf([20, 20, 20, 20])
    const self = { eastM: 0, northM: 0, elevationM: 0, periodMs: MINUTE_MS, points }
    const before = [flag('future'), flag('late'), flag('jump'), 0]
    expect(judgeNeighbours(self, before, [], temperature).map(codesOf)).toEqual([
      ['future'],
      ['isolated', 'late'],
      ['jump'],
      ['isolated'],
    ])
  })

  test('are not made where there is no rule', () => {
    const rules = { ...temperature, buddy: null, spatial: null }
    expect(codes(55, around(steady(20, 9)), rules)).toEqual([])
  })

  test('place neighbours relative to the sensor', () => {
    const self = { eastM: 500_000, northM: 0, elevationM: 0, periodMs: MINUTE_MS, points: pointsOf([40]) }
    expect(judgeNeighbours(self, [0], around([20, 20, 20]), temperature).map(codesOf)).toEqual([['isolated']])
    const beside = around([20, 20, 20], { eastM: 501_000 })
    expect(judgeNeighbours(self, [0], beside, temperature).map(codesOf)).toEqual([['buddy']])
  })

  test('come after what the region knows of the frame', () => {
    const input = verdictInput(
      seriesOf('temperature', [20, 40, 20.1], { rules: { ...temperature, jump: null } }),
      around([20, 20, 20]),
      {
        extraFlags: [
          { index: 1, codes: ['future'] },
          { index: 2, codes: ['late'] },
          { index: 9, codes: ['late'] },
        ],
      },
    )
    expect(judge(input).map(codesOf)).toEqual([[], ['future'], ['late']])
  })
})

import { describe, expect, test } from 'vitest'
import { explainVerdict, type SeriesInput } from '../../../../protocol/index.ts'
import {
  historyOf,
  lively,
  MINUTE_MS,
  neighbour,
  pointsOf,
  rulesOf,
  START_MS,
  seriesOf,
  verdictInput,
} from './worlds.ts'

const own = (input: SeriesInput, index: number): string[] => {
  const rules = { ...input.rules, buddy: null, spatial: null }
  return explainVerdict(verdictInput({ ...input, rules }, []), index)
}

describe('a verdict in words', () => {
  test('gives the numbers of a buddy check', () => {
    const neighbours = [20.6, 21.4, 21.8, 22, 22.6].map((value, i) => neighbour(`n${i}`, value))
    const rules = { ...rulesOf('temperature'), spatial: null }
    const points = [{ atMs: START_MS + 5 * MINUTE_MS, value: 27.9 }]
    const input = verdictInput(seriesOf('temperature', [], { points, rules }), neighbours)
    expect(explainVerdict(input, 0)).toEqual([
      '27.9 Cel at 2026-06-01 10:05:00 UTC is rejected (buddy).',
      "27.9 Cel at 2026-06-01 10:05:00 UTC is 6.1 from its 5 neighbours' median 21.8; at most 4 is allowed (threshold 5 × spread 0.8).",
    ])
  })

  test('gives them for what is accepted too, and says whom it left out', () => {
    const neighbours = [20, 20, 20.5, 21, 21, 80].map((value, i) => neighbour(`n${i}`, value))
    expect(explainVerdict(verdictInput(seriesOf('temperature', [20]), neighbours), 0)).toEqual([
      '20 Cel at 2026-06-01 10:00:00 UTC is accepted.',
      "20 Cel at 2026-06-01 10:00:00 UTC is 0.5 from its 5 neighbours' median 20.5; up to 4 is allowed (threshold 5 × spread 0.8).",
      'One neighbour was left out for being far from the others.',
      '20 Cel at 2026-06-01 10:00:00 UTC is 0.5 from what its 5 neighbours predict for its place, 20.5; up to 4.63312 is allowed (threshold 5 × spread 0.926625).',
      'One neighbour was left out for being far from the others.',
    ])
  })

  test('says what a lone sensor misses', () => {
    expect(explainVerdict(verdictInput(seriesOf('temperature', [20]), []), 0)).toEqual([
      '20 Cel at 2026-06-01 10:00:00 UTC is accepted (isolated).',
      'It has too few neighbours to be compared with (3 within 10 km or 5 within 20 km are needed). That does not reject it.',
    ])
  })

  test('names bounds', () => {
    expect(own(seriesOf('temperature', [-40.5]), 0)[1]).toBe('It is below -40 Cel, which temperature cannot be here.')
    expect(own(seriesOf('pm2.5', [1_999.9]), 0)[1]).toBe('It is above 1000 ug/m3, which pm2.5 cannot be here.')
    expect(own(seriesOf('rain', [20]), 0)[1]).toBe(
      'It is above 15.24 mm, which rain cannot be here, the most that 1 minute can bring at 0.254 mm a second.',
    )
  })

  test('tells a jump and its guilty side', () => {
    const history = historyOf(lively(20, 12))
    const input = seriesOf('temperature', [20, 50, 20], { history })
    expect(own(input, 1)).toEqual([
      '50 Cel at 2026-06-01 10:01:00 UTC is rejected (jump).',
      'From 20 at 2026-06-01 10:00:00 UTC to 50 at 2026-06-01 10:01:00 UTC is a change of 30 Cel in 1 minute; at most 3 is allowed. ' +
        'It is further than the other one from the median 20.005 of the last 10 minutes.',
    ])
    expect(own(input, 2)).toEqual(['20 Cel at 2026-06-01 10:02:00 UTC is accepted.'])
  })

  test('tells a jump that nobody can be blamed for', () => {
    expect(own(seriesOf('temperature', [20, 50]), 1)[1]).toMatch(
      /hold too few readings to say which of the two is wrong; that does not reject it\.$/,
    )
    const input = seriesOf('temperature', [0, 20], {
      history: historyOf([0, 20], 15 * MINUTE_MS),
      periodMs: 15 * MINUTE_MS,
    })
    expect(own(input, 1)[1]).toMatch(
      /Both are as far from the median 10 of the last 60 minutes, so neither is rejected for it\.$/,
    )
  })

  test('tells a jump that stays', () => {
    expect(own(seriesOf('temperature', [50, 50], { history: historyOf(lively(20, 12, 0)) }), 1)[1]).toBe(
      'It stays at 50, which was a jump just before, 30 from the median 20 of the last 10 minutes.',
    )
  })

  test('tells a flat line', () => {
    expect(own(seriesOf('temperature', [21], { history: historyOf(Array(240).fill(21)) }), 0)[1]).toBe(
      'It has been 21 Cel from 2026-06-01 06:00:00 UTC to 2026-06-01 10:00:00 UTC; 240 minutes without a change are a flat line.',
    )
  })

  test('counts twins', () => {
    const twins = (...values: number[]) => values.map((value, i) => ({ id: `t${i}`, points: pointsOf([value]) }))
    expect(own(seriesOf('pm2.5', [90], { twins: twins(10) }), 0)[1]).toBe(
      'The other sensor of this quantity on its device disagrees: t0 had 10 ug/m3; a difference above 5 ug/m3 and 70 % of their mean is too much.',
    )
    expect(own(seriesOf('pm2.5', [90], { twins: twins(10, 11, 91) }), 0)[1]).toMatch(
      /^2 of the 3 other sensors of this quantity on its device disagree: t0 had 10 ug\/m3, t1 had 11 ug\/m3;/,
    )
    expect(own(seriesOf('temperature', [20], { twins: twins(20) }), 0)[1]).toBe(
      'The other sensor of this quantity on its device agrees.',
    )
    expect(own(seriesOf('temperature', [20], { twins: twins(20, 20, 40) }), 0)[1]).toBe(
      'Of the 3 other sensors of this quantity on its device 2 agree.',
    )
  })

  test('says what is missing, and what came too late or from the future', () => {
    const input = verdictInput(seriesOf('temperature', [null, 20]), [], {
      extraFlags: [{ index: 1, codes: ['future', 'late', 'untimed', 'duplicate_sensor'] }],
    })
    expect(explainVerdict(input, 0)).toEqual([
      'The missing value at 2026-06-01 10:00:00 UTC is rejected (missing).',
      'The sensor gave no value.',
      'Its neighbours are not asked, since it is rejected without them.',
    ])
    expect(explainVerdict(input, 1)).toEqual([
      '20 Cel at 2026-06-01 10:01:00 UTC is rejected (future, untimed, late, duplicate_sensor).',
      'Its time lies in the future: the clock of the device was wrong.',
      'Its time is not known well enough to say that it belongs in this window.',
      'It came after its window had been judged. That does not reject it.',
      'Another device announces the same sensor, and only one of them can have it.',
      'Its neighbours are not asked, since it is rejected without them.',
    ])
    expect(explainVerdict(input, 7)).toEqual(['There is no reading 7 in this window.'])
  })

  test('shows times with their milliseconds, and impossible ones', () => {
    const points = [
      { atMs: START_MS + 250, value: 1 },
      { atMs: 1e300, value: 1 },
    ]
    expect(own(seriesOf('level', [], { points }), 0)).toEqual(['1 at 2026-06-01 10:00:00.250 UTC is accepted.'])
    expect(own(seriesOf('level', [], { points }), 1)).toEqual(['1 at 1e+300 ms is accepted.'])
  })
})

import { describe, expect, test } from 'vitest'
import {
  credibilityOf,
  groupCredibility,
  replicasWorst,
  repliesNeeded,
  spotCheckRate,
} from '../../../../coordinator/verification/index.ts'

/**
 * What the bound stands above: the worst chance that a device which passed k checks gives a wrong result, over all the
 * rates at which saboteurs may cheat. Of the devices, f are saboteurs that cheat at rate s, each with a chance of (1-s)^k
 * to be still here: f·s·(1-s)^k / ((1-f) + f·(1-s)^k).
 */
function worstError(checksPassed: number, share: number): number {
  let worst = 0
  for (let rate = 0.0005; rate <= 1; rate += 0.0005) {
    const surviving = share * (1 - rate) ** checksPassed
    worst = Math.max(worst, (surviving * rate) / (1 - share + surviving))
  }
  return worst
}

describe('credibility', () => {
  test.each([
    [0, 0.1, 0.9],
    [0, 0.2, 0.8],
    [1, 0.1, 0.959_12],
    [5, 0.1, 0.991_82],
    [20, 0.2, 0.995_4],
    [41, 0.1, 0.999_003],
  ])('after %i checks among %f saboteurs is %f', (checksPassed, share, expected) => {
    expect(credibilityOf(checksPassed, share)).toBeCloseTo(expected, 5)
  })

  test('assumes a tenth of saboteurs', () => {
    expect(credibilityOf(7)).toBe(credibilityOf(7, 0.1))
  })

  test('never falls below that of a new device, and rises with each check', () => {
    for (const share of [0.05, 0.1, 0.3, 0.5, 0.9]) {
      let before = 1 - share
      for (let checks = 0; checks < 200; checks++) {
        const credibility = credibilityOf(checks, share)
        expect(credibility).toBeGreaterThanOrEqual(before)
        expect(credibility).toBeLessThan(1)
        before = credibility
      }
    }
  })

  test.each([
    [5, 0.1, 7.1e-3, 8.2e-3],
    [20, 0.2, 4.1e-3, 4.6e-3],
  ])(
    'after %i checks among %f saboteurs, the worst error %f stays below the bound %f',
    (checks, share, worst, bound) => {
      expect(worstError(checks, share)).toBeCloseTo(worst, 4)
      expect(1 - credibilityOf(checks, share)).toBeCloseTo(bound, 4)
    },
  )

  test('is never promised above the worst case', () => {
    for (const share of [0.01, 0.1, 0.3]) {
      for (const checks of [0, 1, 2, 3, 10, 41, 100]) {
        expect(1 - credibilityOf(checks, share)).toBeGreaterThanOrEqual(worstError(checks, share) - 1e-12)
      }
    }
  })
})

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toEqual(expected.map(value => expect.closeTo(value, 12)))
}

describe('group credibility', () => {
  /** The formula as the paper has it. */
  function literal(groups: readonly number[][]): number[] {
    const good = groups.map(group => group.reduce((product, c) => product * c, 1))
    const bad = groups.map(group => group.reduce((product, c) => product * (1 - c), 1))
    const allBad = bad.reduce((product, b) => product * b, 1)
    const onlyGood = good.map((g, a) => g * bad.reduce((product, b, i) => (i === a ? product : product * b), 1))
    const total = onlyGood.reduce((sum, p) => sum + p, allBad)
    return onlyGood.map(p => p / total)
  }

  test('of one result is its maker’s', () => {
    expect(groupCredibility([[0.9]])[0]).toBeCloseTo(0.9, 12)
  })

  test.each([
    [[[0.9, 0.9]], [81 / 82]],
    [
      [[0.9], [0.9]],
      [9 / 19, 9 / 19],
    ],
    [
      [[0.9, 0.9], [0.9]],
      [81 / 91, 9 / 91],
    ],
    [[[0.9, 0.9, 0.9, 0.9]], [6_561 / 6_562]],
    [
      [[0.5], [0]],
      [0.5, 0],
    ],
    [
      [[0.9], []],
      [0.9, 0],
    ],
    [[], []],
  ])('of %j is %j', (groups, expected) => {
    expectClose(groupCredibility(groups), expected)
  })

  test.each([[[[0.9, 0.99], [0.8], [0.95, 0.7, 0.6]]], [[[0.999], [0.9, 0.9, 0.9]]], [[[0.5, 0.5], [0.4]]]])(
    'of %j is what the paper’s formula gives',
    groups => {
      expectClose(groupCredibility(groups), literal(groups))
    },
  )

  test('stays a number for more agreement than a double can multiply', () => {
    const many = Array(400).fill(0.999_999)
    expect(groupCredibility([many])).toEqual([1])
    expect(groupCredibility([many, many])).toEqual([0.5, 0.5])
    expect(groupCredibility([many, [0.1]])).toEqual([1, expect.closeTo(0, 12)])
  })

  test('of a certain device is a bug', () => {
    expect(() => groupCredibility([[1]])).toThrow('below 1')
    expect(() => groupCredibility([[Number.NaN]])).toThrow('below 1')
  })
})

describe('replies needed', () => {
  const checks = [0, 1, 3, 5, 10, 20]

  test.each([
    [0.05, 0.999, [3, 2, 2, 2, 2, 1], 20],
    [0.1, 0.99, [3, 2, 2, 1, 1, 1], 5],
    [0.1, 0.999, [4, 3, 2, 2, 2, 2], 41],
    [0.1, 0.9999, [5, 3, 3, 2, 2, 2], 409],
    [0.2, 0.999, [5, 4, 2, 2, 2, 2], 92],
  ])('among %f saboteurs for %f are %j, and one from %i checks on', (share, theta, expected, alone) => {
    expect(checks.map(k => repliesNeeded(theta, k, share))).toEqual(expected)
    expect(repliesNeeded(theta, alone, share)).toBe(1)
    expect(repliesNeeded(theta, alone - 1, share)).toBe(2)
    expect(replicasWorst(theta, share)).toBe(expected[0])
  })

  test('are one where the certainty asked is that of a new device', () => {
    expect(repliesNeeded(0.9, 0)).toBe(1)
    expect(repliesNeeded(0, 0)).toBe(1)
  })

  test('are seven at the highest certainty a job may ask', () => {
    expect(replicasWorst(0.999_999)).toBe(7)
  })

  test('cannot be told where most devices are assumed saboteurs, nor for certainty', () => {
    expect(() => replicasWorst(0.999, 0.5)).toThrow('more often right than wrong')
    expect(() => replicasWorst(1)).toThrow('below 1')
  })
})

test('spot checks fall to a floor when a single result suffices, and never to nothing', () => {
  expect([0, 1, 40, 41, 1_000_000].map(checks => spotCheckRate(checks))).toEqual([0.1, 0.1, 0.1, 0.05, 0.05])
  expect(repliesNeeded(0.999, 40)).toBe(2)
  expect(repliesNeeded(0.999, 41)).toBe(1)
})

test.each([-1, 0.5, Number.NaN])('%f checks are a bug', checks => {
  expect(() => credibilityOf(checks)).toThrow('whole numbers')
})

test.each([0, 1, -0.1])('a share of %f saboteurs is a bug', share => {
  expect(() => credibilityOf(0, share)).toThrow('between 0 and 1')
})

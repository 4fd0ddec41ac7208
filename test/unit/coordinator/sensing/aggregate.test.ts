import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aggregateValues, type Scaled } from '../../../../coordinator/sensing/aggregate.ts'
import { decimalText } from '../../../../coordinator/sensing/decimal-text.ts'
import { WINDOW_AGGREGATES } from '../../../../protocol/index.ts'

const tenths = (...values: number[]): Scaled[] => values.map(scaled => ({ scaled, exponent: -1 }))

describe('an aggregate', () => {
  test.each([
    ['mean', tenths(1, 2, 4), '0.23'],
    ['mean', tenths(-1, -2), '-0.15'],
    ['median', tenths(9, 1, 5), '0.5'],
    ['median', tenths(9, 1, 5, 6), '0.55'],
    ['min', tenths(9, 1, -5), '-0.5'],
    ['max', tenths(9, 1, -5), '0.9'],
    ['sum', tenths(9, 1, -5), '0.5'],
  ] as const)('%s is an exact decimal', (aggregate, readings, value) => {
    expect(aggregateValues(aggregate, readings).value).toBe(value)
  })

  test('of nothing is null', () => {
    for (const aggregate of WINDOW_AGGREGATES) {
      expect(aggregateValues(aggregate, [])).toEqual({ value: null, least: null, greatest: null })
    }
  })

  test('counts in the finest resolution among its readings', () => {
    const mixed = [
      { scaled: 21, exponent: 0 },
      { scaled: 2_150, exponent: -2 },
    ]
    expect(aggregateValues('mean', mixed)).toEqual({ value: '21.25', least: '21', greatest: '21.5' })
  })

  test('does not depend on the order, and lies between least and greatest', () => {
    const reading = fc.record({ scaled: fc.integer({ min: -(2 ** 47), max: 2 ** 47 }), exponent: fc.constant(-2) })
    fc.assert(
      fc.property(
        fc.array(reading, { minLength: 1, maxLength: 40 }),
        fc.constantFrom('mean', 'median'),
        (readings, kind) => {
          const { value, least, greatest } = aggregateValues(kind, readings)
          expect(aggregateValues(kind, [...readings].reverse()).value).toBe(value)
          // A mean is rounded by at most half of its last digit.
          expect(Number(value)).toBeGreaterThanOrEqual(Number(least) - 0.001)
          expect(Number(value)).toBeLessThanOrEqual(Number(greatest) + 0.001)
        },
      ),
    )
  })
})

test.each([
  [0n, -2, '0'],
  [5n, -2, '0.05'],
  [-5n, -2, '-0.05'],
  [1_200n, -2, '12'],
  [1_234n, -1, '123.4'],
  [7n, 2, '700'],
] as const)('the decimal text of %d × 10^%d is %s', (value, exponent, text) => {
  expect(decimalText(value, exponent)).toBe(text)
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromUnit, toUnit, valueText } from '../../../../protocol/readings/index.ts'

const MAX = 2 ** 47
const scaled = fc.oneof(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: -MAX, max: MAX }))
const exponent = fc.integer({ min: -9, max: 9 })

describe('decimal texts', () => {
  test.each<[number, number, string]>([
    [2345, -2, '23.45'],
    [2340, -2, '23.40'],
    [-5, -1, '-0.5'],
    [-5, -3, '-0.005'],
    [0, -2, '0.00'],
    [0, 3, '0'],
    [7, 0, '7'],
    [-12, 3, '-12000'],
    [MAX, -9, '140737.488355328'],
    [-MAX, 0, '-140737488355328'],
  ])('%d × 10^%d is %s', (value, power, text) => {
    expect(valueText(value, power)).toBe(text)
  })

  test('are what the number of the unit is read from', () => {
    fc.assert(
      fc.property(scaled, exponent, (value, power) => {
        expect(Number(valueText(value, power))).toBe(toUnit(value, power))
      }),
    )
  })
})

describe('numbers of the unit', () => {
  test('are the nearest doubles, so that 2345 hundredths are 23.45 and nothing beside it', () => {
    expect(toUnit(2345, -2)).toBe(23.45)
    expect(toUnit(3, -1)).toBe(0.3)
    expect(toUnit(-7, 2)).toBe(-700)
  })

  test('lead back to the whole number they came from', () => {
    fc.assert(
      fc.property(scaled, exponent, (value, power) => {
        expect(fromUnit(toUnit(value, power), power)).toBe(value)
      }),
    )
  })

  test('that are no whole number of the resolution, or one too large, lead nowhere', () => {
    expect(fromUnit(23.456, -2)).toBeNull()
    expect(fromUnit(5, 1)).toBeNull()
    expect(fromUnit(MAX + 1, 0)).toBeNull()
    expect(fromUnit(Number.NaN, 0)).toBeNull()
    expect(fromUnit(Number.POSITIVE_INFINITY, -3)).toBeNull()
    expect(Object.is(fromUnit(-0, -1), 0)).toBe(true)
  })
})

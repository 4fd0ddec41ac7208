import { describe, expect, test } from 'vitest'
import { colourAt, colourOf, figure, inkOn, roundStep, scaleOf } from '../../../../dashboard/map/colours.ts'

/** CIE lightness of a colour, 0..100. */
function lightness(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(at => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y
}

describe('a scale', () => {
  test.each([
    [[14.73, 14.985], 14.7, 15],
    [[0, 1], 0, 1],
    [[-3.2, 4.1], -4, 6],
    [[1_013_20, 1_013_90], 101_320, 101_400],
  ])('of %j ends at round numbers', (values, least, greatest) => {
    const scale = scaleOf(values)
    expect([scale?.least, scale?.greatest]).toEqual([least, greatest])
  })

  test.each([[[7]], [[0]], [[-2, -2]], [[1e-9]], [[123_456_789]]])('holds all of %j, with ticks in order', values => {
    const scale = scaleOf(values)
    if (scale === null) throw new Error('there is a scale')
    expect(scale.least).toBeLessThan(scale.greatest)
    for (const value of values) {
      expect(value).toBeGreaterThanOrEqual(scale.least)
      expect(value).toBeLessThanOrEqual(scale.greatest)
    }
    expect([...scale.ticks].sort((a, b) => a - b)).toEqual(scale.ticks)
    expect(new Set(scale.ticks).size).toBe(scale.ticks.length)
  })

  test('of nothing is none', () => {
    expect(scaleOf([])).toBeNull()
  })
})

describe('the colours', () => {
  test('grow lighter in even steps, so that they keep their order in grey', () => {
    const steps = Array.from({ length: 21 }, (_, i) => lightness(colourAt(i / 20)))
    const differences = steps.slice(1).map((value, i) => value - (steps[i] ?? 0))
    expect(Math.min(...differences)).toBeGreaterThan(1.5)
    expect(Math.max(...differences)).toBeLessThan(6)
  })

  test('of values outside of the scale are those of its ends', () => {
    const scale = { least: 0, greatest: 10, ticks: [0, 10] }
    expect(colourOf(-5, scale)).toBe(colourAt(0))
    expect(colourOf(50, scale)).toBe(colourAt(1))
    expect(colourOf(5, scale)).toBe(colourAt(0.5))
  })

  test.each([0, 0.2, 0.4, 0.5, 0.6, 0.8, 1])('have an ink that can be read, at %f', share => {
    const colour = colourAt(share)
    const [light, dark] = [lightness(colour), inkOn(colour)]
    // A difference of 50 in lightness is a contrast of 4.5 or more.
    expect(Math.abs(light - (dark === '#000000' ? 0 : 100))).toBeGreaterThan(48)
  })
})

test('figures tell apart what colours tell apart', () => {
  const scale = { least: 14.7, greatest: 15, ticks: [] }
  expect([14.73, 14.77].map(value => figure(value, scale))).toEqual(['14.73', '14.77'])
  expect(figure(1234.5, { least: 0, greatest: 5_000, ticks: [] })).toBe('1235')
})

test.each([
  [0.3, 0.5],
  [1, 1],
  [1.2, 2],
  [2.2, 2.5],
  [60, 100],
  [0.0001, 0.0001],
])('a step of about %f is %f', (wanted, step) => {
  expect(roundStep(wanted)).toBeCloseTo(step, 10)
})

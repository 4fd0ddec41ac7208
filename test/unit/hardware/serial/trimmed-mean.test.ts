import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TrimmedMean } from '../../../../hardware/serial/trimmed-mean.ts'

const of = (values: readonly number[]): TrimmedMean => {
  const mean = new TrimmedMean()
  for (const value of values) mean.add(value)
  return mean
}

describe('TrimmedMean', () => {
  test.each([
    [[], null],
    [[7], 7],
    [[7, 10], 9],
    [[7, 10, 9_000], 10],
    [[1, 2, 3, 9_000], 3],
    [[-4, -1, 0], -1],
    [[0, -0, 0], 0],
  ])('of %j is %j', (values, mean) => {
    expect(of(values).take()).toBe(mean)
  })

  test('begins anew when it is taken, and gives the newest value when there is no newer', () => {
    const mean = of([5, 6, 7])
    expect(mean.take()).toBe(6)
    expect(mean.take()).toBe(7)
    mean.add(40)
    expect(mean.take()).toBe(40)
    mean.clear()
    expect(mean.take()).toBeNull()
  })

  test('is what is left when the least and the greatest are taken out', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20_000, max: 20_000 }), { minLength: 3, maxLength: 50 }), values => {
        const left = values.toSorted((a, b) => a - b).slice(1, -1)
        const mean = left.reduce((sum, value) => sum + value, 0) / left.length
        expect(of(values).take()).toBe(Math.round(mean) + 0)
      }),
    )
  })
})

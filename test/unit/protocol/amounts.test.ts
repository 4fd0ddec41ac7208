import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCredits, fuelPrice, MICRO_MAX, parseCredits, splitLargestRemainder } from '../../../protocol/amounts.ts'
import { LedgerError } from '../../../protocol/errors.ts'
import { LIMITS } from '../../../protocol/limits.ts'

describe('credits as text', () => {
  test.each([
    ['0', 0n],
    ['1', 1_000_000n],
    ['1.25', 1_250_000n],
    ['0.000001', 1n],
    ['007.10', 7_100_000n],
    ['9223372036854.775807', MICRO_MAX],
  ])('reads %s', (text, micro) => {
    expect(parseCredits(text)).toBe(micro)
  })

  test.each([
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '.5',
    '1.',
    '1.2345678',
    '1e3',
    '1,5',
    '0x10',
    '١',
    'Infinity',
    '9223372036854.775808',
    '99999999999999',
  ])('refuses %j', text => {
    expect(() => parseCredits(text)).toThrow(LedgerError)
  })

  test('a refusal shows no more than 64 characters of what was typed', () => {
    expect(() => parseCredits('9'.repeat(10_000))).toThrow(
      expect.objectContaining({ info: { code: 'bad_amount', value: '9'.repeat(64) } }),
    )
  })

  test.each([
    [0n, '0'],
    [1n, '0.000001'],
    [1_250_000n, '1.25'],
    [-1_250_000n, '-1.25'],
    [-1n, '-0.000001'],
    [10_000_000n, '10'],
  ])('writes %s micro', (micro, text) => {
    expect(formatCredits(micro)).toBe(text)
  })

  test('reads back what it writes', () => {
    fc.assert(fc.property(fc.bigInt(0n, MICRO_MAX), micro => parseCredits(formatCredits(micro)) === micro))
  })
})

describe('fuelPrice', () => {
  test.each<[number | bigint, bigint, bigint]>([
    [0, 10_000n, 0n],
    [1, 10_000n, 1n],
    [100_000, 10_000n, 1n],
    [100_001, 10_000n, 2n],
    [1_000_000_000, 10_000n, 10_000n],
    [1_000_000_001, 10_000n, 10_001n],
    [1_000_000_000n, 1n, 1n],
    [999_999_999, 1n, 1n],
    [1_000_000_001n, 1n, 2n],
    [5, 0n, 0n],
    [LIMITS.unitsPerLeaseMax * LIMITS.unitFuelMax, LIMITS.gigafuelPriceMicroMax, 6_553_600_000_000_000_000n],
  ])('%s fuel at %s micro-credits a gigafuel cost %s [PAY-1.7]', (fuel, price, micro) => {
    expect(fuelPrice(fuel, price)).toBe(micro)
  })

  const fuels = fc.bigInt(0n, BigInt(LIMITS.unitFuelMax))
  const prices = fc.bigInt(0n, LIMITS.gigafuelPriceMicroMax)

  test('is the smallest whole amount that pays all of the fuel [PAY-1.7]', () => {
    fc.assert(
      fc.property(fuels, prices, (fuel, price) => {
        const micro = fuelPrice(fuel, price)
        expect(micro * 10n ** 9n >= fuel * price).toBe(true)
        expect(micro === 0n || (micro - 1n) * 10n ** 9n < fuel * price).toBe(true)
        expect(fuelPrice(Number(fuel), price)).toBe(micro)
      }),
    )
  })

  test('a run costs at most what its units cost one by one, and what each could have burned [PAY-1.7]', () => {
    fc.assert(
      fc.property(fc.array(fuels, { minLength: 1, maxLength: 30 }), prices, (units, price) => {
        const run = fuelPrice(
          units.reduce((sum, fuel) => sum + fuel, 0n),
          price,
        )
        const apart = units.reduce((sum, fuel) => sum + fuelPrice(fuel, price), 0n)
        expect(run <= apart).toBe(true)
        expect(apart <= BigInt(units.length) * fuelPrice(LIMITS.unitFuelMax, price)).toBe(true)
      }),
    )
  })

  test('what is no amount of fuel or no price is a bug', () => {
    expect(() => fuelPrice(-1, 1n)).toThrow('neither fuel nor its price is negative')
    expect(() => fuelPrice(1n, -1n)).toThrow('neither fuel nor its price is negative')
    for (const fuel of [0.5, Number.NaN, 2 ** 53]) {
      expect(() => fuelPrice(fuel, 1n)).toThrow('fuel is an exact whole number')
    }
  })
})

describe('splitLargestRemainder', () => {
  test.each<[bigint, bigint[], bigint[]]>([
    [10n, [1n, 1n, 1n], [4n, 3n, 3n]],
    [2n, [1n, 1n, 1n], [1n, 1n, 0n]],
    [100n, [1n, 0n, 3n], [25n, 0n, 75n]],
    [7n, [2n, 3n], [3n, 4n]],
    [0n, [0n, 0n], [0n, 0n]],
    [0n, [], []],
    [5n, [9n], [5n]],
  ])('splits %s by %s', (total, weights, parts) => {
    expect(splitLargestRemainder(total, weights)).toEqual(parts)
  })

  test('a negative total or weight, or a total without any weight, is a bug', () => {
    expect(() => splitLargestRemainder(-1n, [1n])).toThrow('no negative')
    expect(() => splitLargestRemainder(1n, [1n, -1n])).toThrow('no negative')
    expect(() => splitLargestRemainder(1n, [0n])).toThrow('a weight to go to')
    expect(() => splitLargestRemainder(1n, [])).toThrow('a weight to go to')
  })

  test('sums to the total, and each part is its exact share rounded down or up', () => {
    const weights = fc.array(fc.bigInt(0n, 10n ** 18n), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.bigInt(0n, MICRO_MAX), weights, (total, weights) => {
        const sum = weights.reduce((a, b) => a + b, 0n)
        fc.pre(sum > 0n)
        const parts = splitLargestRemainder(total, weights)
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(total)
        for (const [i, part] of parts.entries()) {
          const scaled = total * (weights[i] ?? 0n) - part * sum
          expect(scaled > -sum && scaled < sum).toBe(true)
        }
      }),
    )
  })
})

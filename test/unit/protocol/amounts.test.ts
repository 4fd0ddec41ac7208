import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCredits, MICRO_MAX, parseCredits, splitLargestRemainder } from '../../../protocol/amounts.ts'
import { LedgerError } from '../../../protocol/errors.ts'

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

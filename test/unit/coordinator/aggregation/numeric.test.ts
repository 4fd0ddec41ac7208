import { describe, expect, test } from 'vitest'
import { createAggregator } from '../../../../coordinator/aggregation/index.ts'
import { utf8 } from '../../../../protocol/bytes.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import type { AggregateKind, AggregateSpec } from '../../../../protocol/jobs/index.ts'
import { aggregateText } from '../../../support/aggregate.ts'

type NumericKind = Exclude<AggregateKind, 'histogram'>
const answer = (kind: NumericKind, ...outputs: (string | null)[]) => aggregateText({ kind }, outputs)

describe('sum', () => {
  test.each([
    [['1', '2', '3'], '6'],
    [['1 2\n3\t4\r\n', '', ' \n', '-10'], '0'],
    [['0.1', '0.2'], '0.3'],
    [['1.50', '1.5'], '3'],
    [['+7', '-0', '.5', '5.'], '12.5'],
    [['1e3', '1E-3', '-1e+0'], '999.001'],
    [['9007199254740993', '9007199254740993'], '18014398509481986'],
    [['999999999999999 '.repeat(20)], '19999999999999980'],
    [['-999999999999999 '.repeat(20)], '-19999999999999980'],
    [['999999999999999 '.repeat(9), '10000000000000'], '9009999999999991'],
    [['123456789012345678901234567890', '-123456789012345678901234567889'], '1'],
    [['1e1000', '-1e1000', '1e-1000'], `0.${'0'.repeat(999)}1`],
    [[`${'0'.repeat(9_999)}7`], '7'],
    [['-0.001'], '-0.001'],
    [['100'], '100'],
    [[null, '2', null], '2'],
    [[null], '0'],
  ])('of %j is %s', (outputs, expected) => {
    expect(answer('sum', ...outputs)).toBe(expected)
  })
})

describe('mean', () => {
  test.each([
    [['1', '2'], '1.5'],
    [['1 2', '3 4'], '2.5'],
    [['1', '1', '2'], '1.33333333333333333'],
    [['2', '2', '1'], '1.66666666666666667'],
    [['-2', '-2', '-1'], '-1.66666666666666667'],
    // Half to even, at the 18th digit.
    [['1.00000000000000001', '1.00000000000000002'], '1.00000000000000002'],
    [['1.00000000000000002', '1.00000000000000003'], '1.00000000000000002'],
    [['-1.00000000000000001', '-1.00000000000000002'], '-1.00000000000000002'],
    // Small means keep their digits, and whole digits are never rounded away.
    [['1e-30', '1e-30', '2e-30'], '0.00000000000000000000000000000133333333333333333'],
    [['123456789012345678901', '123456789012345678902'], '123456789012345678902'],
    [['123456789012345678900', '123456789012345678901'], '123456789012345678900'],
    [['9.99999999999999999', '10'], '10'],
    [['0.999999999999999999', '1'], '1'],
    [['1', '-1'], '0'],
    [['5', null], '5'],
    [[''], ''],
    [[null], ''],
  ])('of %j is %s', (outputs, expected) => {
    expect(answer('mean', ...outputs)).toBe(expected)
  })
})

describe('min and max', () => {
  test.each([
    [['3', '1', '2'], '1', '3'],
    [['-0.5 7', '-0.50', '7.0'], '-0.5', '7'],
    [['1e3', '999.999', '1000.001'], '999.999', '1000.001'],
    [['9007199254740993', '9007199254740992'], '9007199254740992', '9007199254740993'],
    [['-1', '-1e-9', '1e-9'], '-1', '0.000000001'],
    [['1e-1000', '0', '1e1000'], '0', `1${'0'.repeat(1_000)}`],
    [['', null], '', ''],
  ])('of %j are %s and %s', (outputs, min, max) => {
    expect(answer('min', ...outputs)).toBe(min)
    expect(answer('max', ...outputs)).toBe(max)
  })
})

describe('histogram', () => {
  const counts = (spec: { from: number; to: number; bins: number }, ...outputs: (string | null)[]) =>
    JSON.parse(aggregateText({ kind: 'histogram', ...spec }, outputs))

  test('counts numbers in half-open bins and apart from them', () => {
    expect(
      counts({ from: 0, to: 10, bins: 5 }, '0 1.999 2', '9.999999999999999999999 10', '-1e-300 1e300', null),
    ).toEqual({
      from: 0,
      to: 10,
      bins: [2, 1, 0, 0, 1],
      below: 1,
      above: 2,
      count: 7,
    })
  })

  test('takes its edges as decimal numbers, where floats would miss them', () => {
    // In doubles (0.3 - 0) * 10 / 1 is 3, yet (0.7 - 0.1) * 10 is 5.999…
    const output = '0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9'
    expect(counts({ from: 0.1, to: 0.9, bins: 8 }, output)).toMatchObject({ bins: Array(8).fill(1), above: 1 })
    expect(counts({ from: 0, to: 1, bins: 3 }, '0.333333333333333333 0.333333333333333334').bins).toEqual([1, 1, 0])
    expect(counts({ from: -1e300, to: 1e300, bins: 2 }, '-1e-300 0 1e299').bins).toEqual([1, 2])
    expect(counts({ from: 5e-324, to: 1e-323, bins: 1 }, '5e-324 9.9e-324 1e-323')).toMatchObject({
      bins: [2],
      above: 1,
    })
  })

  test('of nothing is all zeros', () => {
    expect(counts({ from: 0, to: 1, bins: 2 }, '')).toMatchObject({ bins: [0, 0], count: 0 })
  })
})

describe('an output that is not numbers', () => {
  test.each([
    ['abc', 'expected decimal numbers separated by white space, found "abc" at byte 0'],
    ['1 2 x3\n', 'found "x3" at byte 4'],
    ['1,5', 'found "1,5" at byte 0'],
    ['1\u00a02', 'expected decimal numbers'],
    ['0x10', 'expected decimal numbers'],
    ['NaN', 'expected decimal numbers'],
    ['-', 'expected decimal numbers'],
    ['.', 'expected decimal numbers'],
    ['e5', 'expected decimal numbers'],
    ['--1', 'expected decimal numbers'],
    ['1e', 'expected decimal numbers'],
    ['1e1.5', 'expected decimal numbers'],
    ['1e1001', 'expected numbers with an exponent from -1000 to 1000, found "1e1001" at byte 0'],
    ['1e-99999999', 'an exponent from -1000 to 1000'],
    [`3 ${'9'.repeat(10_001)}`, 'expected numbers of at most 10000 digits, found a longer one at byte 2'],
    [`0.${'9'.repeat(20_000)}`, 'at most 10000 digits'],
    ['\u001b[31m"ü', 'found "\\u001b[31m\\"\u00b7" at byte 0'],
    ['y'.repeat(1_000), `found "${'y'.repeat(32)}"… at byte 0`],
  ])('%j is refused', (output, words) => {
    const aggregator = createAggregator({ kind: 'sum' }, 8, () => {})
    const act = () => aggregator.add(7, utf8(output))
    expect(act).toThrow(TaskError)
    const info = { code: 'bad_output', unit: 7, reason: expect.stringContaining(words) }
    expect(act).toThrow(expect.objectContaining({ info }))
  })

  test('leaves no trace, and its unit may be skipped', () => {
    const specs: AggregateSpec[] = [
      { kind: 'sum' },
      { kind: 'mean' },
      { kind: 'min' },
      { kind: 'max' },
      { kind: 'histogram', from: 0, to: 5, bins: 5 },
    ]
    for (const spec of specs) {
      const aggregator = createAggregator(spec, 2, () => {})
      aggregator.add(0, utf8('3'))
      expect(() => aggregator.add(1, utf8('1 4 oops'))).toThrow('The output of unit 1 does not suit')
      aggregator.skip(1)
      const text = new TextDecoder().decode(aggregator.finish().bytes)
      expect(text).toBe(spec.kind === 'histogram' ? aggregateText(spec, ['3']) : '3')
    }
  })
})

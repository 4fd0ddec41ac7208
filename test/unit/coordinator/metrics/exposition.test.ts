import { describe, expect, test } from 'vitest'
import { expositionText, gauge } from '../../../../coordinator/metrics/exposition.ts'
import { Histogram } from '../../../../coordinator/metrics/histogram.ts'
import { Tally } from '../../../../coordinator/metrics/tally.ts'
import { readExposition } from '../../../support/read-exposition.ts'

describe('expositionText', () => {
  test('writes HELP, TYPE and samples, with what must be escaped', () => {
    const text = expositionText([
      {
        name: 'a_bytes',
        type: 'gauge',
        help: 'One \\ two\nthree.',
        samples: [{ value: 1.5, labels: { b: 'x"\\\ny' } }],
      },
    ])
    expect(text).toBe('# HELP a_bytes One \\\\ two\\nthree.\n# TYPE a_bytes gauge\na_bytes{b="x\\"\\\\\\ny"} 1.5\n')
    expect(readExposition(text).get('a_bytes')?.samples).toEqual([
      { name: 'a_bytes', labels: { b: 'x"\\\ny' }, value: 1.5 },
    ])
  })

  test.each([
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
    [1e21, '1e+21'],
    [0, '0'],
  ])('writes %d as %s', (value, written) => {
    expect(expositionText(gauge('a', 'b', value))).toContain(`\na ${written}\n`)
  })

  test('leaves out what nobody knows', () => {
    expect(gauge('a', 'b', null)).toEqual([])
  })

  test.each([
    ['a name twice', [...gauge('a', '', 1), ...gauge('a', '', 1)]],
    ['a counter that does not end in _total', [{ name: 'a', type: 'counter', help: '', samples: [] } as const]],
    ['a gauge that ends in _total', gauge('a_total', '', 1)],
    ['a name that is none', gauge('a-b', '', 1)],
    [
      'a label that is none',
      [{ name: 'a', type: 'gauge', help: '', samples: [{ value: 1, labels: { '1': '' } }] } as const],
    ],
  ])('refuses %s', (_, families) => {
    expect(() => expositionText(families)).toThrow()
  })
})

describe('Histogram', () => {
  test('counts into every bucket that a value is not above', () => {
    const histogram = new Histogram('wait_seconds', 'Wait.', [1, 2])
    for (const value of [0.5, 1, 1.5, 9]) histogram.observe(value)
    const lines = expositionText([histogram.family()]).trim().split('\n').slice(2)
    expect(lines).toEqual([
      'wait_seconds_bucket{le="1"} 2',
      'wait_seconds_bucket{le="2"} 3',
      'wait_seconds_bucket{le="+Inf"} 4',
      'wait_seconds_sum 12',
      'wait_seconds_count 4',
    ])
  })

  test('keeps one series for each value of its label, and none before the first', () => {
    const histogram = new Histogram('wait_seconds', 'Wait.', [1], 'route')
    expect(histogram.family().samples).toEqual([])
    histogram.observe(0.5, 'blob')
    histogram.observe(2, 'log')
    const counts = histogram.family().samples.filter(({ part }) => part === 'count')
    expect(counts).toEqual([
      { part: 'count', labels: { route: 'blob' }, value: 1 },
      { part: 'count', labels: { route: 'log' }, value: 1 },
    ])
  })
})

describe('Tally', () => {
  test('counts by labels, and shows known values from the start', () => {
    const tally = new Tally('a_total', 'A.', ['state'], ['done', 'failed'])
    tally.add(['done'])
    tally.add(['done'], 3)
    tally.add(['new'])
    expect(tally.family().samples).toMatchObject([
      { labels: { state: 'done' }, value: 4 },
      { labels: { state: 'failed' }, value: 0 },
      { labels: { state: 'new' }, value: 1 },
    ])
  })

  test('is bounded, whatever it is given', () => {
    const tally = new Tally('a_total', 'A.', ['reason'])
    for (let i = 0; i < 1_000; i++) tally.add([`reason ${i}`])
    const { samples } = tally.family()
    expect(samples.length).toBeLessThanOrEqual(257)
    expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(1_000)
    expect(samples.at(-1)?.labels).toEqual({ reason: 'other' })
  })
})

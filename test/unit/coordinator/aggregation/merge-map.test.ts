import { describe, expect, test } from 'vitest'
import { createAggregator } from '../../../../coordinator/aggregation/index.ts'
import { utf8 } from '../../../../protocol/bytes.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import { aggregateBytes, aggregateText } from '../../../support/aggregate.ts'

const merged = (...outputs: (string | null)[]) => aggregateText({ kind: 'merge-map' }, outputs)

test.each([
  [['b\t1\na\t2\n', 'b\t3\n'], 'a\t2\nb\t4\n'],
  [['a\t1\na\t1'], 'a\t2\n'],
  [['a\t+1\n', 'a\t-1\n'], 'a\t0\n'],
  [['', null], ''],
  [['\t5\n', ' \t5\n'], '\t5\n \t5\n'],
  [['a\t-0\n'], 'a\t0\n'],
  [['a\t9007199254740991\n', 'a\t1\n', 'a\t1\n'], 'a\t9007199254740993\n'],
  [['a\t999999999999999\n'.repeat(10), 'a\t1\n'], 'a\t9999999999999991\n'],
  [[`a\t${'9'.repeat(100)}\n`, 'a\t1\n'], `a\t1${'0'.repeat(100)}\n`],
  [['a\t1\n', 'A\t1\n', 'ab\t1\n', 'a b\t1\n'], 'A\t1\na\t1\na b\t1\nab\t1\n'],
  [['é\t1\n', 'e\u0301\t1\n'], 'e\u0301\t1\né\t1\n'],
])('%j gives %j', (outputs, expected) => {
  expect(merged(...outputs)).toBe(expected)
})

test('keys are in the order of their bytes, also beyond the basic plane', () => {
  // In UTF-16 the surrogates of the second key sort before the first.
  expect(merged('\u{1F33F}\t1\n\uFF5E\t1\n\u{1F333}x\t1\n\u{1F333}\t1\n')).toBe(
    '\uFF5E\t1\n\u{1F333}\t1\n\u{1F333}x\t1\n\u{1F33F}\t1\n',
  )
})

test('a byte order mark is part of its key', () => {
  expect(merged('\uFEFFa\t1\n', 'a\t1\n')).toBe('a\t1\n\uFEFFa\t1\n')
})

describe('refuses', () => {
  test.each([
    ['a 1\n', 'expected lines of a key, a tab and an integer, found "a 1" in line 1'],
    ['a\t1\n\nb\t1\n', 'found "" in line 2'],
    ['a\t1.5\n', 'found "a\\t1.5" in line 1'],
    ['a\t1\r\n', 'found "a\\t1\\r" in line 1'],
    ['a\tb\t1\n', 'in line 1'],
    ['a\t\n', 'in line 1'],
    [`a\t1\nb\t${'1'.repeat(101)}\n`, 'expected integers of at most 100 characters, found a longer one in line 2'],
    [`${'k'.repeat(257)}\t1\n`, 'expected keys of at most 256 bytes'],
    [`${'ü'.repeat(129)}\t1\n`, 'expected keys of at most 256 bytes'],
  ])('%j', (output, words) => {
    const info = { code: 'bad_output', unit: 0, reason: expect.stringContaining(words) }
    expect(() => merged(output)).toThrow(expect.objectContaining({ info }))
  })

  test('bytes that are no text', () => {
    const act = () => aggregateBytes({ kind: 'merge-map' }, [Uint8Array.of(0x61, 0xff, 0x09, 0x31)])
    expect(act).toThrow(/expected lines of UTF-8 text/)
  })

  test('more keys than the coordinator will hold, and takes none of that unit', () => {
    const aggregator = createAggregator({ kind: 'merge-map' }, 12, () => {})
    const lines = (from: number, count: number) => {
      return utf8(Array.from({ length: count }, (_, i) => `${from + i}\t1\n`).join(''))
    }
    for (let unit = 0; unit < 10; unit++) aggregator.add(unit, lines(unit * 100_000, 100_000))
    const reason = expect.stringContaining(`at most ${LIMITS.mergeMapKeysMax} different keys in the whole job`)
    const info = { code: 'bad_output', unit: 10, reason }
    expect(() => aggregator.add(10, lines(999_999, 2))).toThrow(expect.objectContaining({ info }))
    aggregator.skip(10)
    aggregator.add(11, lines(0, 1_000))
    expect(new TextDecoder().decode(aggregator.finish().bytes).endsWith('999999\t1\n')).toBe(true)
  })
})

test('the longest key and count are accepted', () => {
  expect(merged(`${'ü'.repeat(128)}\t1\n`)).toBe(`${'ü'.repeat(128)}\t1\n`)
})

test('an answer that is longer than a chunk goes to the sink before it ends', () => {
  const chunks: Uint8Array[] = []
  const aggregator = createAggregator({ kind: 'merge-map' }, 1, chunk => chunks.push(chunk))
  const keys = Array.from({ length: 20_000 }, (_, i) => `key ${100_000 + i}`)
  aggregator.add(0, utf8(keys.map(key => `${key}\t1\n`).join('')))
  expect(chunks).toEqual([])
  const end = aggregator.finish()
  expect(chunks.length).toBeGreaterThan(1)
  const text = [...chunks, end.bytes].map(chunk => new TextDecoder().decode(chunk)).join('')
  expect(text).toBe(keys.map(key => `${key}\t1\n`).join(''))
})

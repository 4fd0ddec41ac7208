import { describe, expect, test } from 'vitest'
import { fromUtf8, utf8 } from '../../../../protocol/bytes.ts'
import { sha256Hex } from '../../../../protocol/ids.ts'
import {
  BlobIndexer,
  cutOf,
  cutRun,
  planSplit,
  type SplitPlan,
  type SplitSpec,
} from '../../../../protocol/jobs/index.ts'
import { LIMITS } from '../../../../protocol/limits.ts'

const source = { sha256: sha256Hex('00'.repeat(32)) }

/** What the units of a run read, by way of what travels. */
function inputs(plan: SplitPlan, first: number, count: number, blob: Uint8Array = new Uint8Array()): string[] {
  const input = plan.runInput(first, count)
  if (input === null) return cutRun(plan.cut, first, count, null).map(fromUtf8)
  const bytes = input.kind === 'inline' ? input.bytes : blob.subarray(input.offset, input.offset + input.length)
  expect(plan.runInputBytes(first, count)).toBe(bytes.length)
  return cutRun(plan.cut, first, count, bytes).map(fromUtf8)
}

const allInputs = (plan: SplitPlan, blob?: Uint8Array) => inputs(plan, 0, plan.units, blob)

describe('a range', () => {
  test('gives each unit its first number and the one after its last', () => {
    const plan = planSplit({ kind: 'range', from: -3, to: 7, chunk: 4 })
    expect(allInputs(plan)).toEqual(['-3 1\n', '1 5\n', '5 7\n'])
    expect(inputs(plan, 2, 1)).toEqual(['5 7\n'])
    expect(plan.runInputBytes(0, 3)).toBe(0)
    expect(plan.unitsWithin(1, 10, 0)).toBe(2)
  })

  test('is exact at the ends of the safe integers', () => {
    const top = Number.MAX_SAFE_INTEGER
    expect(allInputs(planSplit({ kind: 'range', from: top - 5, to: top, chunk: 3 }))).toEqual([
      `${top - 5} ${top - 2}\n`,
      `${top - 2} ${top}\n`,
    ])
    expect(allInputs(planSplit({ kind: 'range', from: -top, to: 0, chunk: top - 1 }))).toEqual([
      `${-top} -1\n`,
      '-1 0\n',
    ])
    expect(allInputs(planSplit({ kind: 'range', from: 1, to: top, chunk: top }))).toEqual([`1 ${top}\n`])
  })
})

describe('items', () => {
  test('travel as byte strings', () => {
    const plan = planSplit({ kind: 'items', items: ['a', '', 'ü'] })
    expect(plan.runInput(1, 2)).toEqual({ kind: 'inline', bytes: Uint8Array.of(0x40, 0x42, 0xc3, 0xbc) })
    expect(allInputs(plan)).toEqual(['a', '', 'ü'])
  })

  test('fit a bound by their encoded size, and one always fits', () => {
    const plan = planSplit({ kind: 'items', items: ['x'.repeat(23), 'x'.repeat(24), 'x'.repeat(256), ''] })
    expect(plan.runInputBytes(0, 4)).toBe(24 + 26 + 259 + 1)
    expect(plan.unitsWithin(0, 4, 24)).toBe(1)
    expect(plan.unitsWithin(0, 4, 49)).toBe(1)
    expect(plan.unitsWithin(0, 4, 50)).toBe(2)
    expect(plan.unitsWithin(0, 4, 310)).toBe(4)
    expect(plan.unitsWithin(2, 4, 310)).toBe(2)
    expect(plan.unitsWithin(2, 1, 310)).toBe(1)
    expect(plan.unitsWithin(2, 2, 0)).toBe(1)
  })
})

describe('a grid', () => {
  const grid: SplitSpec = { kind: 'grid', parameters: { size: [1, 2.5], mode: ['fast', 'ü"'], dry: [true, false] } }

  test('numbers its combinations with the last parameter fastest', () => {
    expect(allInputs(planSplit(grid))).toEqual([
      '{"size":1,"mode":"fast","dry":true}',
      '{"size":1,"mode":"fast","dry":false}',
      '{"size":1,"mode":"ü\\"","dry":true}',
      '{"size":1,"mode":"ü\\"","dry":false}',
      '{"size":2.5,"mode":"fast","dry":true}',
      '{"size":2.5,"mode":"fast","dry":false}',
      '{"size":2.5,"mode":"ü\\"","dry":true}',
      '{"size":2.5,"mode":"ü\\"","dry":false}',
    ])
  })

  test('fits a bound by the encoded size of its combinations', () => {
    const plan = planSplit(grid)
    const two = plan.runInputBytes(3, 2)
    expect(plan.unitsWithin(3, 5, two)).toBe(2)
    expect(plan.unitsWithin(3, 5, two - 1)).toBe(1)
    expect(plan.unitsWithin(3, 5, 1)).toBe(1)
    expect(plan.unitsWithin(0, 100, 1e6)).toBe(8)
  })

  test('of many combinations costs nothing to plan', () => {
    const digits = Array.from({ length: 10 }, (_, digit) => digit)
    const plan = planSplit({ kind: 'grid', parameters: Object.fromEntries([...'abcdefg'].map(name => [name, digits])) })
    expect(plan.units).toBe(LIMITS.unitsPerJobMax)
    expect(inputs(plan, 1_234_567, 1)).toEqual(['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7}'])
  })
})

describe('a blob', () => {
  const plan = (text: string, by: 'bytes' | 'lines' | 'records', size: number, delimiter?: string) => {
    const split: SplitSpec = { kind: 'blob', source, by, size, ...(delimiter === undefined ? {} : { delimiter }) }
    const indexer = new BlobIndexer(cutOf(split))
    indexer.push(utf8(text))
    return planSplit(split, indexer.finish())
  }

  test.each([
    ['abcdefg', 'bytes', 3, undefined, ['abc', 'def', 'g']],
    ['abcdef', 'bytes', 3, undefined, ['abc', 'def']],
    ['a\nb\nc\n', 'lines', 2, undefined, ['a\nb\n', 'c\n']],
    ['a\nb\nc', 'lines', 1, undefined, ['a\n', 'b\n', 'c']],
    ['\n\n', 'lines', 1, undefined, ['\n', '\n']],
    ['one\ntwo\n\nthree\n\n', 'records', 1, undefined, ['one\ntwo\n\n', 'three\n\n']],
    ['\n\n\nx', 'records', 1, undefined, ['\n\n', '\nx']],
    ['a;b;c;d;e', 'records', 2, ';', ['a;b;', 'c;d;', 'e']],
    ['aXabXabXaby', 'records', 1, 'XabXaby', ['aXabXabXaby']],
    ['no end', 'records', 5, '--', ['no end']],
  ] as const)('%j by %s of %i is cut at %j into %j', (text, by, size, delimiter, expected) => {
    const made = plan(text, by, size, delimiter)
    expect(made.units).toBe(expected.length)
    expect(allInputs(made, utf8(text))).toEqual(expected)
    expected.forEach((unit, index) => {
      expect(inputs(made, index, 1, utf8(text))).toEqual([unit])
    })
  })

  test('fits a bound by the bytes of its units', () => {
    const made = plan('aaaa\nb\nc\nd\n', 'lines', 1)
    expect(made.unitsWithin(0, 4, 8)).toBe(2)
    expect(made.unitsWithin(1, 4, 100)).toBe(3)
    expect(made.runInput(1, 2)).toEqual({ kind: 'range', offset: 5, length: 4 })
  })

  test('is not planned without its index, or with that of another cut', () => {
    const split: SplitSpec = { kind: 'blob', source, by: 'lines', size: 1 }
    const bytes = new BlobIndexer({ kind: 'bytes', bytes: 1 })
    bytes.push(utf8('abc'))
    const index = bytes.finish()
    expect(() => planSplit(split)).toThrow('indexed by its own cut')
    expect(() => planSplit(split, index)).toThrow('indexed by its own cut')
  })
})

test.each([
  [-1, 1],
  [0, 0],
  [0, 4],
  [3, 1],
  [0.5, 1],
])('a run of %i and %i units is a bug in a job of three', (first, count) => {
  const plan = planSplit({ kind: 'items', items: ['a', 'b', 'c'] })
  expect(() => plan.runInput(first, count)).toThrow('inside its job')
  expect(() => plan.runInputBytes(first, count)).toThrow('inside its job')
})

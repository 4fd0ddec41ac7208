import { expect, test } from 'vitest'
import { createCounters } from '../../../../coordinator/gate/index.ts'

test('counts by reason, in order of name', () => {
  const counters = createCounters()
  for (const reason of ['replayed', 'bad_cbor', 'replayed']) counters.count(reason)
  expect(Object.entries(counters.snapshot())).toEqual([
    ['bad_cbor', 1],
    ['replayed', 2],
  ])
})

test('a snapshot does not change', () => {
  const counters = createCounters()
  const before = counters.snapshot()
  counters.count('replayed')
  expect(before).toEqual({})
})

test('takes names of the language for names', () => {
  const counters = createCounters()
  for (const reason of ['constructor', '__proto__', '__proto__']) counters.count(reason)
  expect(Object.entries(counters.snapshot())).toEqual([
    ['__proto__', 2],
    ['constructor', 1],
  ])
})

test('holds a bounded number of reasons and loses no count', () => {
  const counters = createCounters()
  for (let i = 0; i < 2_000; i++) counters.count(`reason ${i % 1_000}`)
  const counts = counters.snapshot()
  expect(Object.keys(counts)).toHaveLength(513)
  expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(2_000)
})

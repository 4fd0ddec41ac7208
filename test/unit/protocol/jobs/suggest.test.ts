import { expect, test } from 'vitest'
import { closest } from '../../../../protocol/jobs/suggest.ts'

const fields = ['from', 'to', 'chunk', 'onUnitError', 'leaseUnitsMax']

test.each([
  ['form', 'from'],
  ['chunks', 'chunk'],
  ['chnuk', 'chunk'],
  ['Chunk', 'chunk'],
  ['on_unit_error', 'onUnitError'],
  ['maxLeaseUnits', null],
  ['leaseUnitMax', 'leaseUnitsMax'],
  ['size', null],
  ['', null],
  ['x'.repeat(65), null],
])('%s suggests %s', (word, expected) => {
  expect(closest(word, fields)).toBe(expected)
})

test('the closest of several wins', () => {
  expect(closest('minn', ['mean', 'min', 'max'])).toBe('min')
})

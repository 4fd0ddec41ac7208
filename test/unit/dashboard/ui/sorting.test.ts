import { expect, test } from 'vitest'
import { matches, pageOf, sorted } from '../../../../dashboard/ui/sorting.ts'

test('texts are in the order of people, numbers in theirs, and what is equal keeps its place', () => {
  expect(sorted(['pi-10', 'Pi-2', 'pi-1'], name => name, false)).toEqual(['pi-1', 'Pi-2', 'pi-10'])
  expect(sorted([3, 10, 2], value => value, true)).toEqual([10, 3, 2])
  const amounts = [2n ** 60n + 1n, 2n ** 60n]
  expect(sorted(amounts, amount => amount, false)).toEqual([2n ** 60n, 2n ** 60n + 1n])
  const rows = [
    { id: 'a', rank: 1 },
    { id: 'b', rank: 1 },
  ]
  expect(sorted(rows, ({ rank }) => rank, false)).toEqual(rows)
})

test('pages cover all rows once, and a page that is gone is the last one', () => {
  const rows = Array.from({ length: 101 }, (_, i) => i)
  const pages = [0, 1, 2].map(page => pageOf(rows, page, 50))
  expect(pages.flatMap(page => page.rows)).toEqual(rows)
  expect(pageOf(rows, 9, 50)).toEqual({ rows: [100], page: 2, pages: 3, from: 100 })
  expect(pageOf([], 0, 50)).toEqual({ rows: [], page: 0, pages: 1, from: 0 })
})

test('every word of what was typed must be found, whatever the case', () => {
  expect(matches('ANN gard', ['ann-garden', 'x'])).toBe(true)
  expect(matches('ann cellar', ['ann-garden', 'x'])).toBe(false)
  expect(matches('  ', ['ann'])).toBe(true)
  // Words are looked for in each text, not across their borders.
  expect(matches('denx', ['ann-garden', 'x'])).toBe(false)
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BUGS } from './bugs/bugs.ts'
import { huntBug } from './bugs/hunt.ts'

const root = new URL('../..', import.meta.url)

test('there are at least 20 planted bugs, each with a name of its own', () => {
  expect(BUGS.length).toBeGreaterThanOrEqual(20)
  expect(new Set(BUGS.map(({ id }) => id)).size).toBe(BUGS.length)
})

test.each(BUGS)('the bug $id can be planted: what it replaces is in its file once', ({ file, find, replace }) => {
  const source = readFileSync(new URL(file, root), 'utf8')
  expect(source.split(find).length - 1).toBe(1)
  expect(replace).not.toBe(find)
})

const QUICK = [
  'release-before-commit',
  'results-beyond-the-first-dropped',
  'credit-without-debit',
  'every-device-proven',
]

test.each(BUGS.filter(({ id }) => QUICK.includes(id)))(
  'the simulator finds the bug $id',
  async bug => {
    expect(await huntBug(bug, 10)).not.toBe(null)
  },
  120_000,
)

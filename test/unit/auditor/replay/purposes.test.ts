import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { PurposeSet } from '../../../../auditor/replay/purposes.ts'

const digestOf = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest())

test('takes every digest once, however many there are', () => {
  const set = new PurposeSet()
  for (let i = 0; i < 10_000; i++) expect(set.add(digestOf(`${i}`))).toBe(true)
  for (let i = 0; i < 10_000; i++) expect(set.add(digestOf(`${i}`))).toBe(false)
  expect(set.size).toBe(10_000)
})

test('tells digests apart that want the same slot', () => {
  const set = new PurposeSet(10)
  const bytes = (last: number) => Uint8Array.of(0, 0, 0, 7, ...new Array(11).fill(0), last)
  expect([1, 2, 3, 2].map(last => set.add(bytes(last)))).toEqual([true, true, true, false])
})

test('sets no memory aside for a count that nobody has proven', () => {
  const before = process.memoryUsage().arrayBuffers
  const set = new PurposeSet(Number.MAX_SAFE_INTEGER)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
  expect(set.add(digestOf('one'))).toBe(true)
})

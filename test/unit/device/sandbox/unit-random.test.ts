import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { UnitRandom } from '../../../../device/sandbox/unit-random.ts'

const JOB = Uint8Array.from({ length: 10 }, (_, index) => index)

function stream(unit: number, ...lengths: number[]): number[] {
  const random = new UnitRandom(JOB, unit)
  return lengths.flatMap(length => {
    const bytes = new Uint8Array(length)
    random.fill(bytes)
    return [...bytes]
  })
}

test('is SHA-256 in counter mode, seeded by job and unit', () => {
  const number = (value: number) => Buffer.from(value.toString(16).padStart(16, '0'), 'hex')
  const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
  const seed = hash(Buffer.from('hedgerow/random/1'), JOB, number(300))
  expect(stream(300, 70)).toEqual([...Buffer.concat([0, 1, 2].map(block => hash(seed, number(block))))].slice(0, 70))
})

test('does not depend on how much is asked for at a time', () => {
  expect(stream(7, 1, 31, 0, 33, 5)).toEqual(stream(7, 70))
})

test('differs between units', () => {
  expect(stream(1, 32)).not.toEqual(stream(2, 32))
})

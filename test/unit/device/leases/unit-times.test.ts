import { expect, it } from 'vitest'
import { UnitTimes } from '../../../../device/leases/unit-times.ts'
import { jobId } from '../../../../protocol/index.ts'
import { JOB } from '../../../support/device/leases.ts'

it('learns longer times at once and shorter ones by halves', () => {
  const times = new UnitTimes()
  expect(times.of(JOB)).toBeNull()
  times.learn(JOB, 1, 0)
  expect(times.of(JOB)).toBe(0.5)
  times.learn(JOB, 10, 100)
  expect(times.of(JOB)).toBe(10)
  times.learn(JOB, 10, 20)
  expect(times.of(JOB)).toBe(6)
})

it('is not misled by runs that are too short to measure', () => {
  const times = new UnitTimes()
  times.learn(JOB, 100, 1)
  times.learn(JOB, 1, 0)
  expect(times.of(JOB)).toBe(0.01)
})

it('remembers the 64 jobs learnt last', () => {
  const times = new UnitTimes()
  const job = (index: number) => jobId(`${'a'.repeat(14)}${'abcdefgh'[index >> 3]}${'abcdefgh'[index & 7]}`)
  times.learn(JOB, 1, 3)
  for (let index = 1; index < 64; index++) times.learn(job(index), 1, 3)
  times.learn(JOB, 1, 3)
  times.learn(jobId('b'.repeat(16)), 1, 3)
  expect([times.of(JOB), times.of(job(1)), times.of(job(2))]).toEqual([3, null, 3])
})

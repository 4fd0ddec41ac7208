import { expect, test } from 'vitest'
import { type PaidRun, PaidRuns } from '../../../../auditor/replay/runs.ts'

const run = (first: number, count: number, ...devices: string[]): PaidRun => {
  return { first, count, digest: 'd', fuel: 1, deviceMicro: 1n, devices }
}

test('finds what a run lies across, also over the edges of pages', () => {
  const runs = new PaidRuns()
  runs.add(run(32_760, 16, 'ann'))
  expect(runs.firstTaken(0, 32_760)).toBeNull()
  expect(runs.firstTaken(32_700, 100)).toBe(32_760)
  expect(runs.firstTaken(32_775, 100)).toBe(32_775)
  expect(runs.firstTaken(32_776, 100)).toBeNull()
})

test('takes back what rests on one device alone', () => {
  const runs = new PaidRuns()
  const shared = run(0, 10, 'ann')
  runs.add(shared)
  runs.join(shared, 'bob')
  runs.add(run(10, 10, 'ann'))
  runs.add(run(20, 10, 'bob'))
  expect(runs.takeBack('ann').map(({ first }) => first)).toEqual([10])
  expect([runs.find(0), runs.find(10), runs.find(20)].map(found => found !== undefined)).toEqual([true, false, true])
  expect(runs.firstTaken(10, 10)).toBeNull()
  expect(runs.takeBack('ann')).toEqual([])
})

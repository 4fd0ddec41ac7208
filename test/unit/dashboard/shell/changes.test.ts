import { expect, test } from 'vitest'
import { changesInWords, type Snapshot } from '../../../../dashboard/shell/changes.ts'
import { deviceRow, jobRow } from '../rows.ts'

const device = deviceRow()
const job = jobRow()
const seen = (devices = [device], jobs = [job]): Snapshot => ({
  devices: new Map(devices.map(row => [row.id, row])),
  jobs: new Map(jobs.map(row => [row.id, row])),
})

test('what is seen for the first time, or not at all, is not announced', () => {
  expect(changesInWords({ devices: null, jobs: null }, seen())).toEqual([])
  expect(changesInWords(seen(), { devices: null, jobs: null })).toEqual([])
})

test.each([
  ['a device that comes', [deviceRow({ id: 'new', label: 'roof' }), device], undefined, 'roof has joined.'],
  ['one that goes offline', [deviceRow({ online: false })], undefined, 'shed went offline.'],
  ['one that is caught', [deviceRow({ standing: 'caught' })], undefined, 'shed was caught.'],
  ['one that is drained', [deviceRow({ drainReason: 'moved' })], undefined, 'shed gets no more work.'],
  ['a job that comes', undefined, [jobRow({ id: 'new', name: '' }), job], 'new was submitted.'],
  ['one that ends', undefined, [jobRow({ state: 'done' })], 'primes is done.'],
  ['one that fails', undefined, [jobRow({ state: 'failed' })], 'primes failed.'],
] as const)('%s is', (_, devices, jobs, sentence) => {
  expect(changesInWords(seen(), seen(devices && [...devices], jobs && [...jobs]))).toEqual([sentence])
})

test('numbers that move are not', () => {
  const moved = seen(
    [deviceRow({ leasesOut: 3, earnedMicro: '7' })],
    [jobRow({ unitsVerified: 2, state: 'aggregating' })],
  )
  expect(changesInWords(seen(), moved)).toEqual([])
})

import { expect, test } from 'vitest'
import { CommitMeter } from '../../../../coordinator/metrics/commit-meter.ts'
import { expositionText } from '../../../../coordinator/metrics/exposition.ts'
import { createMemoryStore } from '../../../../coordinator/store/memory-store.ts'
import { readExposition } from '../../../support/read-exposition.ts'
import { acceptedRow, DEVICES, deviceRow, JOBS, jobRow, leaseRow, submitterRow } from '../../../support/rows.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const [DEVICE] = DEVICES
const [JOB, OTHER] = JOBS

/** A store that is measured, and what the measure says. */
function measured() {
  const clock = new VirtualClock()
  const kept = createMemoryStore()
  kept.commit([
    { table: 'submitter', row: submitterRow() },
    { table: 'device', row: deviceRow(DEVICE) },
  ])
  const meter = new CommitMeter(clock)
  const store = meter.measure(kept)
  const value = (name: string, label = '') => {
    const [family = ''] = [name.replace(/_(count|sum)$/, '')]
    const samples = readExposition(expositionText(meter.families())).get(family)?.samples ?? []
    return samples.find(one => one.name === name && (label === '' || Object.values(one.labels).includes(label)))?.value
  }
  return { clock, store, value, row: { ...jobRow(JOB), state: 'running' as const, createdAtMs: clock.wallMs() } }
}

test('measures every commit', () => {
  const { store, value } = measured()
  store.commit([{ table: 'meta', key: 'a', value: 'b' }])
  expect([value('hedgerow_commit_rows_count'), value('hedgerow_commit_rows_sum')]).toEqual([1, 1])
  expect(value('hedgerow_commit_duration_seconds_count')).toBe(1)
})

test('counts a job when it is taken and when it ends, however often its row is written', () => {
  const { store, value, row } = measured()
  for (const state of ['running', 'running', 'aggregating', 'done', 'done'] as const) {
    store.commit([{ table: 'job', row: { ...row, state } }])
  }
  expect([value('hedgerow_jobs_total', 'taken'), value('hedgerow_jobs_total', 'done')]).toEqual([1, 1])
  expect(value('hedgerow_jobs_total', 'failed')).toBe(0)
})

test('takes a job that runs at the start for known, and counts its end', () => {
  const { clock, row } = measured()
  const kept = createMemoryStore()
  kept.commit([
    { table: 'submitter', row: submitterRow() },
    { table: 'job', row },
  ])
  const meter = new CommitMeter(clock)
  meter.measure(kept).commit([{ table: 'job', row: { ...row, state: 'cancelled' } }])
  const families = readExposition(expositionText(meter.families()))
  const jobs = families.get('hedgerow_jobs_total')?.samples.map(({ labels, value }) => [labels.event, value])
  expect(jobs).toEqual([
    ['taken', 0],
    ['done', 0],
    ['failed', 0],
    ['cancelled', 1],
  ])
})

test('tells how long a job waited for its first lease, and how long the oldest waits', async () => {
  const { clock, store, value, row } = measured()
  store.commit([{ table: 'job', row }])
  await clock.advance(4_000)
  expect(value('hedgerow_job_queue_oldest_seconds')).toBe(4)
  store.commit([{ table: 'lease', row: leaseRow(1, JOB, DEVICE) }])
  store.commit([{ table: 'lease', row: leaseRow(2, JOB, DEVICE) }])
  expect(value('hedgerow_job_queue_oldest_seconds')).toBe(0)
  expect([value('hedgerow_job_queue_wait_seconds_count'), value('hedgerow_job_queue_wait_seconds_sum')]).toEqual([1, 4])
})

test('counts leases by state, and units and fuel that were decided', () => {
  const { store, value, row } = measured()
  const accepted = acceptedRow(JOB, 0)
  store.commit([
    { table: 'job', row },
    { table: 'lease', row: { ...leaseRow(1, JOB, DEVICE), state: 'out' } },
    { table: 'lease-state', id: 1, state: 'rejected', digest: null, outputs: null },
    { table: 'accepted', row: accepted },
  ])
  expect([value('hedgerow_leases_total', 'out'), value('hedgerow_leases_total', 'rejected')]).toEqual([1, 1])
  expect(value('hedgerow_units_verified_total')).toBe(accepted.unitCount)
  expect(value('hedgerow_fuel_verified_total')).toBe(accepted.fuel)
})

test('counts nothing of a commit that failed', () => {
  const { store, value, row } = measured()
  const broken = () =>
    store.commit([
      { table: 'job', row },
      { table: 'lease', row: leaseRow(1, OTHER, DEVICE) },
    ])
  expect(broken).toThrow()
  expect(value('hedgerow_jobs_total', 'taken')).toBe(0)
})

import { expect, test } from 'vitest'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import { acceptedRow, DEVICES, deviceRow, fund, JOBS, jobRow, leaseRow } from '../../../support/rows.ts'

const [job] = JOBS
const [device] = DEVICES

test('a crash takes back exactly what was not synced', () => {
  const store = createMemoryStore({ sync: 'manual' })
  store.commit([
    { table: 'device', row: deviceRow(device) },
    { table: 'job', row: jobRow(job) },
    { table: 'lease', row: leaseRow(1, job, device) },
    { table: 'accepted', row: acceptedRow(job, 0) },
  ])
  store.sync()
  store.commit([
    { table: 'job', row: { ...jobRow(job), state: 'done' } },
    { table: 'lease-state', id: 1, state: 'accepted', digest: null, outputs: null },
    { table: 'lease', row: leaseRow(2, job, device) },
    { table: 'accepted-delete', job, firstUnit: 0, unitCount: 64 },
  ])
  store.commit(fund('submitter:ada', 5n, 1))
  expect(store.unsyncedCommits()).toBe(2)
  store.crash()
  expect(store.unsyncedCommits()).toBe(0)
  expect(store.job(job)).toEqual(jobRow(job))
  expect(store.openLeases(job)).toEqual([leaseRow(1, job, device)])
  expect(store.leaseIdMax()).toBe(1)
  expect([...store.acceptedOutputs(job)]).toEqual([acceptedRow(job, 0)])
  expect(store.accounts()).toEqual([])
  store.commit(fund('submitter:ada', 5n, 1))
  expect(store.transferCount()).toBe(1)
})

test('every commit is synced unless asked otherwise', () => {
  const store = createMemoryStore()
  store.commit(fund('submitter:ada', 5n, 1))
  store.crash()
  expect(store.transferCount()).toBe(1)
})

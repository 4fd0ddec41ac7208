/** Who was paid for the answer that stands, told from the rows. */
import { expect, it } from 'vitest'
import { readCaseFile } from '../../../../coordinator/disputes/case-file.ts'
import { escrowAccount, holdbackAccount } from '../../../../coordinator/ledger/ledger.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import {
  acceptedRow,
  accountRow,
  DEVICES,
  deviceRow,
  JOBS,
  jobRow,
  leaseRow,
  NAMES,
  transferRow,
} from '../../../support/rows.ts'

const [job] = JOBS
const [EVE, ANN, BOB] = DEVICES as readonly DeviceId[] as readonly [DeviceId, DeviceId, DeviceId]

/** Eve's lease 1 has 8 units, of which the first 4 were decided by themselves. Who else answered those is up to the test. */
function fileOf(solo: DeviceId | null, ...pays: [lease: number, device: DeviceId, units: number, atMs: number][]) {
  const store = createMemoryStore()
  const done = { state: 'accepted', digest: NAMES.digest } as const
  store.commit([
    ...DEVICES.map(id => ({ table: 'device', row: deviceRow(id) }) as const),
    ...[escrowAccount(job), ...DEVICES.map(holdbackAccount)].map(id => {
      return { table: 'account', row: accountRow(id, 0n, 0n) } as const
    }),
    { table: 'job', row: { ...jobRow(job), state: 'done' } },
    ...pays.map(([id, device, unitCount]) => {
      return { table: 'lease', row: { ...leaseRow(id, job, device), firstUnit: 0, unitCount, ...done } } as const
    }),
    { table: 'accepted', row: { ...acceptedRow(job, 0), unitCount: 4, solo } },
    ...pays.map(([id, device, , atMs]) => {
      const row = transferRow(holdbackAccount(device), 5n, `pay/${job}/${id}/0+4`, atMs)
      return { table: 'transfer', row: { ...row, kind: 'pay', debit: escrowAccount(job) } } as const
    }),
  ])
  return readCaseFile(store, 1)?.runs[0]?.paid.map(({ lease }) => lease)
}

it('the pay of a device that was caught before others agreed is not for what stands, though nothing was left to slash', () => {
  expect(fileOf(null, [1, EVE, 8, 10], [2, ANN, 4, 20], [3, BOB, 8, 20])).toEqual([2, 3])
  expect(fileOf(null, [1, EVE, 8, 10], [2, ANN, 8, 10])).toEqual([1, 2])
})

it('nor is it where one other device answered anew, alone', () => {
  expect(fileOf(ANN, [1, EVE, 8, 10], [2, ANN, 4, 20])).toEqual([2])
  expect(fileOf(EVE, [1, EVE, 8, 10])).toEqual([1])
  // Caught, reinstated, and trusted with the same units again.
  expect(fileOf(EVE, [1, EVE, 8, 10], [2, EVE, 4, 20])).toEqual([2])
})

it('whoever was tried with an answer that others had agreed on was paid for it too', () => {
  expect(fileOf(null, [1, EVE, 8, 10], [2, ANN, 4, 20], [3, BOB, 8, 20], [4, EVE, 4, 30])).toEqual([2, 3, 4])
})

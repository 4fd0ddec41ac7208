import { expect, it } from 'vitest'
import type { Lease } from '../../../../coordinator/jobs/job.ts'
import { JobLeases } from '../../../../coordinator/jobs/job-leases.ts'
import { DEVICES } from '../../../support/rows.ts'

const lease = (id: number, device: number) => ({ id, device: DEVICES[device] }) as Lease

it('the leases of a device are found without going through those of others', () => {
  const leases = new JobLeases()
  for (let id = 1; id <= 9; id++) leases.set(id, lease(id, id % 2))
  expect([...leases.of(DEVICES[0])].map(({ id }) => id)).toEqual([2, 4, 6, 8])
  expect([leases.delete(4), leases.delete(4), leases.size]).toEqual([true, false, 8])
  expect([...leases.of(DEVICES[0])].map(({ id }) => id)).toEqual([2, 6, 8])
  for (const id of [2, 6, 8]) leases.delete(id)
  expect([...leases.of(DEVICES[0]), ...leases.of(DEVICES[2])]).toEqual([])
  expect([...leases.keys()]).toEqual([1, 3, 5, 7, 9])
})

import { expect, it } from 'vitest'
import { createRetrials, type RetryEffect } from '../../../../coordinator/disputes/retrial.ts'
import { holdbackAccount } from '../../../../coordinator/ledger/ledger.ts'
import type { LeaseRow } from '../../../../coordinator/store/index.ts'
import { ConfigError, type DeviceId, sha256Hex, toHex } from '../../../../protocol/index.ts'
import { ALICE, DepartmentWorld, honest, liar } from '../../../support/department-world.ts'
import { asked } from '../../../support/dispute-cases.ts'

/** A lie, a dispute about it, two answers of a second look, and a restart; the shell has still to prepare it again. */
function brokenOff() {
  const world = new DepartmentWorld()
  world.join(['eve', liar])
  const job = world.submit({ split: { kind: 'range', from: 0, to: 2, chunk: 1 }, verify: 'trust', leaseUnitsMax: 2 })
  world.run(job.id)
  const rest = world.join(['a', honest], ['b', honest], ['c', honest], ['d', honest], ['e', honest]) as DeviceId[]
  const [lease] = world.store.leasesOfJob(job.id, 1) as [LeaseRow]
  const outcome = world.dispute.lease({ kind: 'submitter', name: ALICE }, lease.id, '')
  if (!outcome.ok) throw new Error(outcome.reason)
  for (const id of asked(world, rest).slice(0, 2)) world.answer(id)
  world.restart()
  const effect: RetryEffect = { kind: 'retry', dispute: outcome.row.id, job: job.id, lease: lease.id }
  const prepared = world.prepared.get(job.id)
  if (!prepared) throw new Error('the job was prepared once')
  return { world, job: job.id, lease, rest, row: outcome.row, effect, prepared }
}

const noBlobs = {
  read: () => {
    throw new ConfigError({ code: 'not_found', path: 'blob' }, 'There is no such blob.')
  },
}

it('[DISP-2.4] prepares a second look from the rows, with outputs that were too large for one', async () => {
  const { world, job, row, effect, prepared } = brokenOff()
  const [large] = world.store.openLeases(job).filter(({ state }) => state === 'returned') as [LeaseRow]
  world.store.commit([{ table: 'lease-state', id: large.id, state: 'returned', digest: large.digest, outputs: null }])
  const blobs = new Map([[sha256Hex(toHex(large.digest as Uint8Array)), large.outputs as Uint8Array]])
  const retry = createRetrials({
    step: world.step.bind(world),
    disputes: world.disputes,
    store: world.store,
    blobs: { read: sha256 => blobs.get(sha256) ?? noBlobs.read() },
    admission: { readmit: async () => prepared },
  })
  await retry(effect)
  expect(world.disputes.stageOf(row.id)).toBe('second_look')
  expect(world.jobs.retrialOf(job)?.runs.size).toBe(1)
  expect([...(world.jobs.retrialOf(job)?.runs ?? [])][0]?.votes).toHaveLength(2)
  world.connectAll()
  world.decide()
  expect(world.store.dispute(row.id)?.state).toBe('upheld')
})

it('[DISP-2.4] asks again for what cannot be read any more', async () => {
  const { world, job, row, effect, prepared, rest } = brokenOff()
  const [large] = world.store.openLeases(job).filter(({ state }) => state === 'returned') as [LeaseRow]
  world.store.commit([{ table: 'lease-state', id: large.id, state: 'returned', digest: large.digest, outputs: null }])
  const components = { step: world.step.bind(world), disputes: world.disputes, store: world.store, blobs: noBlobs }
  await createRetrials({ ...components, admission: { readmit: async () => prepared } })(effect)
  expect(world.store.lease(large.id)?.state).toBe('cancelled')
  world.connectAll()
  world.decide()
  expect(world.store.dispute(row.id)?.state).toBe('upheld')
  expect(rest.some(id => world.balanceMicro(holdbackAccount(id)) > 0n)).toBe(true)
  expect(world.audit().problems).toEqual([])
})

it('[DISP-3.5] gives a dispute up when its job cannot be prepared again, and lets its devices go', async () => {
  const { world, job, row, effect } = brokenOff()
  const components = { step: world.step.bind(world), disputes: world.disputes, store: world.store, blobs: noBlobs }
  await createRetrials({ ...components, admission: { readmit: async () => noBlobs.read() } })(effect)
  expect(world.store.dispute(row.id)).toMatchObject({
    state: 'undecided',
    detail: 'Its units cannot be run again: There is no such blob. The deposit was given back.',
  })
  expect(world.store.openLeases(job)).toEqual([])
  expect(world.audit().problems).toEqual([])
})

import { expect, it } from 'vitest'
import type { Member } from '../../../../coordinator/fleet/fleet.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, UNIT_FUEL } from '../../../support/department-world.ts'
import { expectSettled } from '../../../support/money.ts'

const broken: Behaviour = () => ({ fuel: UNIT_FUEL, kind: 'trap', trap: 'unreachable' })

/** A job of which a proven device has answered some units alone, each without an output. */
function setUp() {
  const world = new DepartmentWorld()
  const ids = world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest], ['eve', broken])
  const eve = ids[4] as DeviceId
  const member = () => world.fleet.member(eve) as Member
  member().row.checksPassed = 1_000
  world.store.commit([{ table: 'device', row: member().row }])
  const split = { kind: 'range', from: 0, to: 400, chunk: 1 }
  const job = world.submit({ split, leaseUnitsMax: 4, onUnitError: 'skip', budgetMicro: '40000000' })
  for (let i = 0; i < 12; i++) world.answer(eve)
  return { world, eve, member, job: job.id }
}

it.each([false, true])('failed units that are done again are not counted any more (after a restart: %s)', restarts => {
  const { world, eve, member, job } = setUp()
  const { failedUnits } = world.jobs.active(job)?.solo.get(eve) ?? {}
  expect(failedUnits).toBeGreaterThan(0)
  expect(world.jobs.active(job)?.row.failedUnits).toBe(failedUnits)
  if (restarts) {
    world.restart()
    world.connectAll()
    expect(world.jobs.active(job)?.solo.get(eve)?.failedUnits).toBe(failedUnits)
  }
  world.step((now, batch) => world.jobs.convict(member(), 'was found to lie', now, batch))
  expect(world.jobs.active(job)?.row).toMatchObject({ state: 'running', failedUnits: 0, reason: '' })
  world.run(job)
  expect(world.store.job(job)?.state).toBe('done')
  expectSettled(world, job)
  expect(world.audit().problems).toEqual([])
})

import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest } from '../../../support/department-world.ts'
import { present } from '../../../support/present.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })

/** Every draw comes out: two are asked about every unit, and a third when there is one. */
function certainWorld(...owners: string[]): { world: DepartmentWorld; ids: DeviceId[] } {
  const world = new DepartmentWorld()
  const ids = world.join(...owners.map((owner): [string, Behaviour] => [owner, honest]))
  for (const id of ids) present(world.fleet.member(id)).row.checksPassed = 1_000
  const { random } = world
  Object.assign(world.desk, { random: { bytes: (count: number) => random.bytes(count), uniform: () => 0 } })
  return { world, ids }
}

describe('what two owners alone agree on', () => {
  it('[VERIFY-4.1] is asked of a third when the draw says so, which confirms the two', () => {
    const { world } = certainWorld('ann', 'bob', 'cat')
    const job = world.submit({ split: range(6), leaseUnitsMax: 1, budgetMicro: '1000000' })
    world.run(job.id)
    const leases = world.store.leasesOfJob(job.id, 100).filter(({ state }) => state === 'accepted')
    const perUnit = Map.groupBy(leases, ({ firstUnit }) => firstUnit)
    expect([...perUnit.values()].map(({ length }) => length)).toEqual(new Array(6).fill(3))
    const [first] = world.desk.fleet.all()
    const owner = present(first).row.owner
    const others = [...world.desk.fleet.all()].map(({ row }) => row.owner).filter(name => name !== owner)
    for (const other of others) expect(world.desk.pairs.of(owner, other)).toMatchObject({ confirmed: 6, alone: 0 })
    expect(world.audit()).toMatchObject({ ok: true, problems: [] })
  })

  it('[VERIFY-4.1] waits for nobody where there is no third', () => {
    const { world, ids } = certainWorld('ann', 'bob', 'ann')
    const job = world.submit({ split: range(6), leaseUnitsMax: 1, budgetMicro: '1000000' })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    const [ann, bob] = ids.slice(0, 2).map(id => present(world.fleet.member(id)).row.owner)
    expect(world.desk.pairs.of(present(ann), present(bob))).toMatchObject({ confirmed: 0, alone: 6 })
    expect(world.desk.pairs.areOne(present(ann), present(bob))).toBe(false)
  })
})

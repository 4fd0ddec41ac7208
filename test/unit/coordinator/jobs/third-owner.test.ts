import { describe, expect, it } from 'vitest'
import { type JobId, type OwnerName, ownerName } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest } from '../../../support/department-world.ts'
import { present } from '../../../support/present.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })

/** Every draw comes out: two are asked about every unit, and a third when there is one. */
const certainWorld = (...owners: string[]) => worldWhere(0, 1_000, owners)

/**
 * @param uniform - what every draw gives: at 0 it comes out, at 0.999 it does not
 * @param checksPassed - by each device
 */
function worldWhere(uniform: number, checksPassed: number, owners: readonly string[]) {
  const world = new DepartmentWorld()
  const ids = world.join(...owners.map((owner): [string, Behaviour] => [owner, honest]))
  for (const id of ids) present(world.fleet.member(id)).row.checksPassed = checksPassed
  const { random } = world
  Object.assign(world.desk, { random: { bytes: (count: number) => random.bytes(count), uniform: () => uniform } })
  return { world, ids }
}

/** How many leases were accepted for each unit. */
function answersPerUnit(world: DepartmentWorld, job: JobId): number[] {
  const leases = world.store.leasesOfJob(job, 100).filter(({ state }) => state === 'accepted')
  return [...Map.groupBy(leases, ({ firstUnit }) => firstUnit).values()].map(({ length }) => length)
}

describe('what two owners alone agree on', () => {
  it('[VERIFY-4.1] is asked of a third when the draw says so, which confirms the two', () => {
    const { world } = certainWorld('ann', 'bob', 'cat')
    const job = world.submit({ split: range(6), leaseUnitsMax: 1, budgetMicro: '1000000' })
    world.run(job.id)
    expect(answersPerUnit(world, job.id)).toEqual(new Array(6).fill(3))
    const [first] = world.desk.fleet.all()
    const owner = present(first).row.owner
    const others = [...world.desk.fleet.all()].map(({ row }) => row.owner).filter(name => name !== owner)
    for (const other of others) expect(world.desk.pairs.of(owner, other)).toMatchObject({ confirmed: 6, alone: 0 })
    expect(world.audit()).toMatchObject({ ok: true, problems: [] })
  })

  it('[VERIFY-4.1] is asked of a third while nobody has confirmed the two and neither would be believed alone', () => {
    // Two of so many checks are enough for theta, one is not.
    const { world } = worldWhere(0.999, 10, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = ['ann', 'bob', 'cat'].map(ownerName) as [OwnerName, OwnerName, OwnerName]
    const first = world.submit({ split: range(1), budgetMicro: '1000000' })
    world.run(first.id)
    expect(answersPerUnit(world, first.id)).toEqual([3])
    expect(world.desk.pairs.of(ann, bob)).toMatchObject({ confirmed: 1, alone: 0 })
    expect(world.desk.pairs.of(bob, cat)).toMatchObject({ confirmed: 1, alone: 0 })
    const second = world.submit({ split: range(1), budgetMicro: '1000000' })
    world.run(second.id)
    expect(answersPerUnit(world, second.id)).toEqual([2])
  })

  it('[VERIFY-4.1] needs no third who is not drawn when one of them would be believed alone', () => {
    const { world, ids } = worldWhere(0.999, 10, ['ann', 'bob', 'cat'])
    for (const id of ids) present(world.fleet.member(id)).row.checksPassed = 1_000
    Object.assign(world.desk, { random: { ...world.desk.random, uniform: () => 0.04 } })
    const job = world.submit({ split: range(1), budgetMicro: '1000000' })
    Object.assign(world.desk, { random: { ...world.desk.random, uniform: () => 0.999 } })
    world.run(job.id)
    expect(answersPerUnit(world, job.id)).toEqual([2])
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

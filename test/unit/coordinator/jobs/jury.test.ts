import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, liar, silent } from '../../../support/department-world.ts'
import { present } from '../../../support/present.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })

function provenWorld(crowd: readonly [string, Behaviour][]): { world: DepartmentWorld; ids: DeviceId[] } {
  const world = new DepartmentWorld()
  const ids = world.join(...crowd)
  for (const id of ids) present(world.fleet.member(id)).row.checksPassed = 20
  return { world, ids }
}

const honestOnes = (count: number) =>
  Array.from({ length: count }, (_, index): [string, Behaviour] => [`owner${index}`, honest])

describe('answers that differ', () => {
  it('[VERIFY-2.7] are decided by the number of owners, so that a ring does not outvote the first honest one it meets', () => {
    const { world, ids } = provenWorld([['eve', liar], ['mal', liar], ...honestOnes(8)])
    const job = world.submit({ split: range(1), budgetMicro: '1000000' })
    const [eve, mal, ...others] = ids as [DeviceId, DeviceId, ...DeviceId[]]
    // Whoever holds the unit first: the ring and one honest device have spoken before anybody else.
    const answered: DeviceId[] = []
    for (let i = 0; i < 40 && world.jobs.active(job.id); i++) {
      const ringFirst = [eve, mal, ...others]
      const next = ringFirst.find(id => (world.devices.get(id)?.inbox.length ?? 0) > 0)
      if (next === undefined) break
      answered.push(next)
      world.answer(next)
    }
    expect(world.store.job(job.id)?.state).toBe('done')
    for (const id of others) expect(world.fleet.member(id)?.row.standing).toBe('joined')
    const [accepted] = world.accepted(job.id)
    expect(Buffer.from(accepted?.outputs as Uint8Array).toString('latin1')).toContain('0')
  })

  it('[VERIFY-2.7] ask more owners than agreement would, until one answer leads by enough', () => {
    const { world, ids } = provenWorld([['eve', liar], ...honestOnes(8)])
    const job = world.submit({ split: range(1), budgetMicro: '1000000' })
    world.run(job.id)
    const voters = world.store.leasesOfJob(job.id, 100).filter(({ state }) => state === 'accepted')
    const caught = ids.filter(id => world.fleet.member(id)?.row.standing === 'caught')
    // Among a tenth of saboteurs a lead of four owners: 9^4 to 1. Without the liar two proven devices would have been enough.
    if (caught.length > 0) expect(voters.length).toBe(5)
    else expect(voters.length).toBeLessThanOrEqual(3)
  })

  it('[VERIFY-2.7] wait for nobody who has gone meanwhile', () => {
    const once: Behaviour = unit => (unit === 15 ? liar(unit) : honest(unit))
    const { world, ids } = provenWorld([['eve', once], ...honestOnes(2), ['zoe', silent]])
    const [eve, , , zoe] = ids as [DeviceId, DeviceId, DeviceId, DeviceId]
    for (const id of ids.slice(0, 3)) world.disconnect(id)
    const other = world.submit({ split: range(12), leaseUnitsMax: 1, budgetMicro: '100000000' })
    expect(world.devices.get(zoe)?.inbox.length).toBeGreaterThan(0)
    const disputed = world.submit({ split: range(16), leaseUnitsMax: 1, budgetMicro: '100000000' })
    for (const id of ids.slice(0, 3)) world.connect(id)
    // Zoe keeps the leases she has and gets no other, so she might still be asked about the disputed unit, and never is.
    for (let i = 0; i < 40; i++) for (const id of ids.slice(0, 3)) world.answer(id)
    const [run] = present(world.jobs.active(disputed.id)).needy
    expect(run).toMatchObject({ first: 15, votes: { length: 3 }, leases: { size: 0 } })
    world.disconnect(zoe)
    world.run(disputed.id, 200)
    world.run(other.id, 200)
    expect([disputed.id, other.id].map(id => world.store.job(id)?.state)).toEqual(['done', 'done'])
    expect(world.fleet.member(eve)?.row.standing).toBe('caught')
  })

  it('[VERIFY-2.4] [VERIFY-2.7] are decided by records where nobody is left to ask', () => {
    const { world, ids } = provenWorld([['eve', liar], ...honestOnes(2)])
    const job = world.submit({ split: range(40), leaseUnitsMax: 4, budgetMicro: '100000000' })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expect(ids.map(id => world.fleet.member(id)?.row.standing)).toEqual(['caught', 'joined', 'joined'])
  })
})

import { describe, expect, it } from 'vitest'
import { type Behaviour, DepartmentWorld, honest, liar, TIGHT } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const OWNERS: [string, Behaviour][] = [
  ['ann', honest],
  ['bob', honest],
  ['cat', honest],
  ['dan', honest],
]

/** Units paid for, by lease. */
function paidUnits(world: DepartmentWorld): Map<number, number> {
  const units = new Map<number, number>()
  for (const { kind, purpose } of world.store.transfers()) {
    const [, , lease, run] = purpose.split('/')
    if (kind !== 'pay') continue
    units.set(Number(lease), (units.get(Number(lease)) ?? 0) + Number(run?.split('+')[1]))
  }
  return units
}

describe('answers that wait for agreement stay reserved', () => {
  it.each([300, 500, 700, 1_100])('[PAY-1.1] pays every accepted lease from a budget of %i', budgetMicro => {
    const world = new DepartmentWorld()
    world.join(...OWNERS)
    const wish = { split: range(3), leaseUnitsMax: 1, verify: { theta: 0.98 }, ...TIGHT }
    const job = world.submit({ ...wish, budgetMicro: `${budgetMicro}` })
    world.run(job.id)
    const accepted = world.store.leasesOfJob(job.id, 100).filter(({ state }) => state === 'accepted')
    const paid = paidUnits(world)
    expect(accepted.map(({ id }) => paid.get(id))).toEqual(accepted.map(({ unitCount }) => unitCount))
    expect(paid.size).toBe(accepted.length)
    expect(world.audit().problems).toEqual([])
  })

  it('counts them until they are decided, over a restart too', () => {
    const world = new DepartmentWorld()
    const [ann] = world.join(...OWNERS, ['eve', liar])
    const job = world.submit({ split: range(6), leaseUnitsMax: 1 })
    world.answer(ann as never)
    const reserved = world.jobs.active(job.id)?.reservedMicro
    expect(reserved).toBeGreaterThan(0n)
    world.restart()
    expect(world.jobs.active(job.id)?.reservedMicro).toBe(reserved)
    world.connectAll()
    const active = world.jobs.active(job.id)
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
    expect(active?.reservedMicro).toBe(0n)
  })
})

/** Whose turn it is between submitters and between the jobs of one. */
import { describe, expect, it } from 'vitest'
import { type JobId, type SubmitterName, submitterName } from '../../../../protocol/index.ts'
import { ALICE, DepartmentWorld, honest, TIGHT } from '../../../support/department-world.ts'

const BOB = submitterName('bob')
const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const endless = { split: range(1_000_000), verify: 'trust', leaseUnitsMax: 40, ...TIGHT } as const

function setUp(devices = 4): DepartmentWorld {
  const world = new DepartmentWorld({ seed: 'fair' })
  world.join(...Array.from({ length: devices }, (_, n) => [`owner${n}`, honest] as [string, typeof honest]))
  world.fund(BOB, 10n ** 12n)
  return world
}

function work(world: DepartmentWorld, answers: number): void {
  for (let n = 0; n < answers; n++) {
    for (const id of world.devices.keys()) world.answer(id)
    world.advance(1)
  }
}

const unitsOf = (world: DepartmentWorld, id: JobId) => world.jobs.active(id)?.accepted.units ?? 0

describe('the time of the fleet', () => {
  it('[SCHED-1.1] is parted equally between submitters, however many jobs one of them has', () => {
    const world = setUp()
    const many = Array.from({ length: 5 }, () => world.submit({ ...endless, budgetMicro: '1000000000' }, ALICE).id)
    const one = world.submit({ ...endless, budgetMicro: '1000000000' }, BOB).id
    work(world, 500)
    const alice = many.reduce((sum, id) => sum + unitsOf(world, id), 0)
    const bob = unitsOf(world, one)
    expect(alice / (alice + bob)).toBeGreaterThan(0.4)
    expect(alice / (alice + bob)).toBeLessThan(0.6)
    for (const id of many) expect(unitsOf(world, id)).toBeGreaterThan(0)
    expect(world.audit().problems).toEqual([])
  })

  it('[SCHED-1.1] goes to a job of higher priority first, and to one of the lowest still', () => {
    const world = setUp()
    const low = world.submit({ ...endless, priority: 0, budgetMicro: '1000000000' }).id
    const high = world.submit({ ...endless, priority: 3, budgetMicro: '1000000000' }).id
    work(world, 1_000)
    expect(unitsOf(world, high)).toBeGreaterThan(4 * unitsOf(world, low))
    expect(unitsOf(world, low)).toBeGreaterThan(0)
  })

  it('is not saved up by who comes late', () => {
    const world = setUp()
    const early = world.submit({ ...endless, budgetMicro: '1000000000' }, ALICE).id
    work(world, 300)
    const before = unitsOf(world, early)
    const late = world.submit({ ...endless, budgetMicro: '1000000000' }, BOB).id
    work(world, 300)
    const since = unitsOf(world, early) - before
    expect(since).toBeGreaterThan(0.3 * (since + unitsOf(world, late)))
  })

  it.each(['alice', 'bob'])('[SCHED-1.2] is never kept from the small job of %s by a large one', who => {
    const world = setUp(1)
    world.submit({ ...endless, budgetMicro: '1000000000' }, ALICE)
    work(world, 50)
    const small = world.submit({ split: range(3), verify: 'trust', ...TIGHT }, who as SubmitterName).id
    work(world, 2_000)
    expect(world.store.job(small)?.state).toBe('done')
  })
})

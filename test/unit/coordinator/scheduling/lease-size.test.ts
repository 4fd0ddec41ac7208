import { describe, expect, it } from 'vitest'
import type { Member } from '../../../../coordinator/fleet/fleet.ts'
import type { Job } from '../../../../coordinator/jobs/job.ts'
import { estimateMs, leaseUnits } from '../../../../coordinator/scheduling/lease-size.ts'
import { LIMITS } from '../../../../protocol/index.ts'
import { DepartmentWorld, silent } from '../../../support/department-world.ts'

/** A job nobody has begun, and a device that may get a lease of it. */
function setUp(specification: Record<string, unknown> = {}) {
  const world = new DepartmentWorld({ policy: { leaseTargetMs: 1_000 } })
  const [id] = world.join(['ann', silent])
  const submitted = world.submit({
    split: { kind: 'range', from: 0, to: 1_000_000, chunk: 1 },
    verify: 'trust',
    ...specification,
  })
  const job = world.jobs.active(submitted.id) as Job
  const member = world.fleet.member(id as Member['row']['id']) as Member
  const learn = (units: number, elapsedMs: number, outputBytes: number) =>
    world.desk.rates.learn(member.row.id, job.prepared.module, units, elapsedMs, outputBytes)
  const units = (available = 1_000_000, devices = 1) => leaseUnits(world.desk, job, member, 0, available, devices)
  return { world, job, member, learn, units }
}

describe('a lease', () => {
  it('has one unit while nothing is known of the module', () => {
    const { world, job, member, units } = setUp()
    expect(units()).toBe(1)
    expect(estimateMs(world.desk, job, member, 100)).toBe(0)
  })

  it('takes the target time on its device', () => {
    const { world, job, member, learn, units } = setUp()
    learn(1_000, 2_000, 1_000)
    expect(units()).toBe(500)
    expect(estimateMs(world.desk, job, member, 500)).toBe(1_000)
  })

  it.each<[what: string, learnt: [number, number, number], units: number]>([
    ['at most eight times the longest that came back', [3, 1, 3], 24],
    [
      'as many as leave room for outputs in the frame',
      [1_000, 1, 100_000],
      Math.floor((LIMITS.resultOutputsInlineBytesMax * 0.8) / 100),
    ],
    ['one unit even when that alone is larger', [1, 1, 1_000_000], 1],
    ['one unit even when that alone takes longer', [1, 60_000, 1], 1],
  ])('has %s', (_what, learnt, expected) => {
    const { learn, units } = setUp()
    learn(...learnt)
    expect(units()).toBe(expected)
  })

  it('leaves work for the other devices as the job nears its end', () => {
    const { job, learn, units } = setUp()
    learn(10_000, 1_000, 10_000)
    job.pending.take(job.pending.units - 1_000)
    expect(units(1_000, 10)).toBe(50)
    expect(units(1_000, 1_000), 'what it does in four milliseconds').toBe(40)
  })

  it.each<[what: string, specification: Record<string, unknown>, available: number, units: number]>([
    ['what is to be had', {}, 7, 7],
    ['the most that the job allows', { leaseUnitsMax: 9 }, 1_000_000, 9],
    ['what its input leaves room for', { split: { kind: 'items', items: Array(100).fill('x'.repeat(4_000)) } }, 100, 4],
  ])('never has more than %s', (_what, specification, available, expected) => {
    const { learn, units } = setUp(specification)
    learn(10_000, 1, 10_000)
    expect(units(available)).toBe(expected)
  })
})

/** Who gets a job's units while several owners have room. */
import { describe, expect, test } from 'vitest'
import type { Job } from '../../../../coordinator/jobs/job.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest, TIGHT } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const trusting = { verify: 'trust', ...TIGHT } as const

/** Units out by owner. */
function held(job: Job): Map<string, number> {
  const units = new Map<string, number>()
  for (const { state, owner, count } of job.leases.values())
    if (state === 'out') units.set(owner, (units.get(owner) ?? 0) + count)
  return units
}

const devicesOf = (owner: string, count: number) =>
  Array.from({ length: count }, () => [owner, honest] as [string, typeof honest])

/** An accepted unit for each owner, so that nobody is new. */
function acquaint(world: DepartmentWorld): void {
  for (const member of world.fleet.all()) world.fleet.countUnits(member, 1, 0)
}

describe('the share of one owner [PRICE-3.1]', () => {
  test('is bounded while another owner has room, whoever comes first', () => {
    const world = new DepartmentWorld({ policy: { ownerShareMax: 0.5 } })
    world.join(...devicesOf('big', 9), ...devicesOf('small', 1))
    acquaint(world)
    // A lease of one unit each, since nothing is known of the module; a slot runs one and one waits.
    const { id } = world.submit({ split: range(4), ...trusting })
    const job = world.jobs.active(id) as Job
    expect(held(job)).toEqual(
      new Map([
        ['big', 2],
        ['small', 2],
      ]),
    )
  })

  test('is all of it when nobody else has room', () => {
    const world = new DepartmentWorld({ policy: { ownerShareMax: 0.5 } })
    world.join(...devicesOf('big', 9), ...devicesOf('small', 1))
    acquaint(world)
    const { id } = world.submit({ split: range(40), ...trusting })
    const job = world.jobs.active(id) as Job
    // Two for each device; the small owner has one device.
    expect(held(job)).toEqual(
      new Map([
        ['big', 18],
        ['small', 2],
      ]),
    )
  })

  test('does not matter when the others cannot run the job', () => {
    const world = new DepartmentWorld({ policy: { ownerShareMax: 0.5 } })
    const ids = world.join(...devicesOf('big', 3), ...devicesOf('small', 1))
    acquaint(world)
    Object.assign(world.fleet.member(ids[3] as DeviceId)?.presence ?? {}, { abis: [] })
    const { id } = world.submit({ split: range(4), ...trusting })
    expect(held(world.jobs.active(id) as Job)).toEqual(new Map([['big', 4]]))
  })

  test('of 1 bounds nobody', () => {
    const world = new DepartmentWorld({ policy: { ownerShareMax: 1 } })
    world.join(...devicesOf('big', 9), ...devicesOf('small', 1))
    acquaint(world)
    const { id } = world.submit({ split: range(4), ...trusting })
    expect(held(world.jobs.active(id) as Job)).toEqual(new Map([['big', 4]]))
  })

  test.each([0.2, 0.3, 0.5])(
    'of %d is passed by no more than the last lease, at every grant, until the job is done',
    share => {
      const world = new DepartmentWorld({ seed: `share-${share}`, policy: { ownerShareMax: share } })
      const owners = ['a', 'a', 'a', 'a', 'b', 'b', 'c', 'd']
      const ids = world.join(...owners.map(owner => [owner, honest] as [string, typeof honest]))
      acquaint(world)
      const { id } = world.submit({ split: range(3_000), leaseUnitsMax: 10, ...trusting })
      for (let step = 0; step < 2_000 && world.jobs.active(id); step++) {
        const device = ids[Math.floor(world.random.uniform() * ids.length)] as DeviceId
        world.answer(device)
        const job = world.jobs.active(id)
        if (job === undefined || job.row.state !== 'running') break
        const units = held(job)
        const total = [...units.values()].reduce((a, b) => a + b, 0)
        for (const [owner, count] of units) {
          if (count - 10 <= share * total || job.pending.isEmpty) continue
          // Then every device of the others that could have taken it is full.
          for (const member of world.fleet.all()) {
            if (member.row.owner === owner) continue
            const { leases, estimateMs } = world.desk.loads.of(member.row.id)
            const isFull = leases.size >= 8 || leases.size > 1 || estimateMs >= 2 * world.policy.leaseTargetMs
            expect(isFull).toBe(true)
          }
        }
      }
      world.run(id)
      expect(world.store.job(id)?.state).toBe('done')
    },
  )
})

describe('a new owner [PRICE-3.2]', () => {
  test('is served before the others once', () => {
    const world = new DepartmentWorld()
    const ids = world.join(...devicesOf('old', 5), ...devicesOf('new', 2))
    for (const { row } of world.fleet.all()) if (row.owner === 'old') row.unitsAccepted = 9
    const { id } = world.submit({ split: range(1), ...trusting })
    const [lease] = [...(world.jobs.active(id)?.leases.values() ?? [])]
    expect(lease?.owner).toBe('new')
    expect(ids.slice(5)).toContain(lease?.device)
    // Its second device waits its turn while the first has its chance.
    const second = world.submit({ split: range(1), ...trusting })
    expect([...(world.jobs.active(second.id)?.leases.values() ?? [])].map(({ owner }) => owner)).toEqual(['old'])
  })

  test('is not one any more once a unit of any of its devices was accepted', () => {
    const world = new DepartmentWorld()
    world.join(...devicesOf('old', 2), ...devicesOf('known', 2))
    const [old, , known] = [...world.fleet.all()]
    for (const member of [old, known]) if (member) world.fleet.countUnits(member, 1, 0)
    const { id } = world.submit({ split: range(1), ...trusting })
    expect([...(world.jobs.active(id)?.leases.values() ?? [])].map(({ owner }) => owner)).toEqual(['old'])
  })

  test('always gets a unit of a job that others would have taken whole', () => {
    const world = new DepartmentWorld({ policy: { ownerShareMax: 1 } })
    world.join(...devicesOf('old', 8), ...devicesOf('new', 1))
    for (const { row } of world.fleet.all()) if (row.owner === 'old') row.unitsAccepted = 9
    const { id } = world.submit({ split: range(8), ...trusting })
    expect(held(world.jobs.active(id) as Job).get('new')).toBe(1)
  })
})

describe('a floor [PRICE-2.1]', () => {
  test('keeps a device from jobs that pay less, now and after the job was taken', () => {
    const world = new DepartmentWorld()
    const [ann, bob] = world.join(['ann', honest], ['bob', honest])
    const ask = (id: DeviceId | undefined, gigafuelMicro: bigint, seq: number) =>
      world.step((_now, batch) =>
        world.pricing.stateFloor(id as DeviceId, { gigafuelMicro, readingMicro: 0n }, seq, batch),
      )
    ask(ann, 10_001n, 1)
    const { id } = world.submit({ split: range(20), ...trusting })
    expect([...held(world.jobs.active(id) as Job).keys()]).toEqual(['bob'])
    ask(bob, 20_000n, 1)
    while (world.answer(bob as DeviceId));
    expect(world.jobs.active(id)?.pending.isEmpty).toBe(false)
    expect(held(world.jobs.active(id) as Job).size).toBe(0)
    // No floor any more.
    ask(ann, 0n, 2)
    world.advance(1)
    expect([...held(world.jobs.active(id) as Job).keys()]).toEqual(['ann'])
  })

  test('of everybody above the price refuses a job with the reason [PRICE-2.2]', () => {
    const world = new DepartmentWorld()
    const ids = world.join(['ann', honest], ['bob', honest])
    world.step((_now, batch) => {
      for (const id of ids) world.pricing.stateFloor(id, { gigafuelMicro: 10_001n, readingMicro: 0n }, 1, batch)
    })
    expect(world.submit({ split: range(20), ...trusting })).toMatchObject({
      ok: false,
      code: 'no_device',
      reason: expect.stringContaining('2 ask more than the 0.01 credits that 10^9 fuel cost now'),
    })
  })
})

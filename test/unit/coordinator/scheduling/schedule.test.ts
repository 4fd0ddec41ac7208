/** Who gets work, what is kept of the reasons, and who gets none for now. */
import { describe, expect, it } from 'vitest'
import type { Job } from '../../../../coordinator/jobs/job.ts'
import { hasRoom } from '../../../../coordinator/scheduling/index.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest, silent, TIGHT } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const trusting = { verify: 'trust', ...TIGHT } as const
const crowd = (count: number, behaviour = honest) =>
  Array.from({ length: count }, (_, n) => [`owner${n}`, behaviour] as [string, typeof honest])
const holders = (world: DepartmentWorld, id: Job['row']['id']) =>
  world.store.leasesOfJob(id, 10_000).map(({ device }) => device)

describe('work that finds devices idle', () => {
  it('goes to each of a few before any gets a second lease', () => {
    const world = new DepartmentWorld()
    const ids = world.join(...crowd(20, silent))
    const job = world.submit({ split: range(20), leaseUnitsMax: 1, ...trusting })
    expect(holders(world, job.id).sort()).toEqual([...ids].sort())
  })

  it('goes to the faster and the nearer of those compared', () => {
    const world = new DepartmentWorld()
    const [slow, fast] = world.join(['ann', silent], ['bob', silent]) as [DeviceId, DeviceId]
    for (const member of world.fleet.all()) world.fleet.countUnits(member, 1, 0)
    const warm = world.submit({ split: range(1), ...trusting })
    const { module } = world.prepared.get(warm.id) ?? {}
    world.step((now, batch) => world.jobs.stop(warm.id, 'cancelled', '', now, batch))
    world.advance(1)
    world.desk.rates.learn(slow, module as never, 10, 1_000, 10)
    world.desk.rates.learn(fast, module as never, 1_000, 1_000, 10)
    const job = world.submit({ split: range(1), ...trusting })
    expect(holders(world, job.id)[0]).toBe(fast)
    expect(world.store.leasesOfJob(job.id, 1)[0]?.placement).toMatch(/^fresh 2 /)
  })

  it('is handed to ten thousand devices in steps, each of a bounded number of leases', () => {
    const world = new DepartmentWorld({ policy: { ownerShareMax: 1 } })
    world.join(...crowd(1_300, silent))
    const before = world.effects.length
    const job = world.submit({ split: range(5_000), leaseUnitsMax: 1, ...trusting })
    const effects = world.effects.slice(before)
    expect(effects.filter(({ kind }) => kind === 'schedule').length).toBeGreaterThan(2)
    expect(new Set(holders(world, job.id)).size).toBe(1_300)
  })
})

describe('a device that is drained', () => {
  it('[SCHED-1.3] finishes what it holds, gets no more, and gets work again afterwards, also over a restart', () => {
    const world = new DepartmentWorld()
    const [ann] = world.join(['ann', honest]) as [DeviceId]
    const job = world.submit({ split: range(5), leaseUnitsMax: 1, ...trusting })
    const member = () => world.fleet.member(ann) ?? expect.fail('ann is there')
    const before = world.store.leasesOfJob(job.id, 10).length
    world.step(() => world.fleet.drain(member(), 'moves house'))
    while (world.answer(ann));
    expect(world.store.leasesOfJob(job.id, 10).length).toBe(before)
    expect(world.jobs.active(job.id)?.accepted.units).toBe(before)
    world.restart()
    world.connectAll()
    world.advance(1_000)
    expect(member().row.drainReason).toBe('moves house')
    expect(hasRoom(world.desk, member())).toBe(false)
    expect(world.store.leasesOfJob(job.id, 10).length).toBe(before)
    world.step((now, batch) => {
      world.fleet.drain(member(), null)
      world.jobs.wake(now, batch)
    })
    world.run(job.id)
    expect(world.store.job(job.id)?.state).toBe('done')
  })

  it('is not waited for by a job that everybody else has given up', () => {
    const world = new DepartmentWorld()
    const [ann, bob] = world.join(['ann', silent], ['bob', silent]) as [DeviceId, DeviceId]
    world.step(() => world.fleet.drain(world.fleet.member(bob) ?? expect.fail('bob is there'), 'moves house'))
    const job = world.submit({ split: range(1), ...trusting })
    for (let n = 0; n < 12; n++) {
      world.giveBack(ann)
      world.advance(20_000)
    }
    expect(world.store.job(job.id)).toMatchObject({ state: 'failed' })
  })
})

describe('maintenance', () => {
  it('[SCHED-1.3] hands out nothing, takes jobs, and lets work in hand finish', () => {
    const world = new DepartmentWorld()
    const [ann] = world.join(['ann', honest]) as [DeviceId]
    const first = world.submit({ split: range(9), leaseUnitsMax: 1, ...trusting })
    const out = world.store.leasesOfJob(first.id, 100).length
    world.desk.maintenance = 'the disk is replaced'
    while (world.answer(ann));
    const second = world.submit({ split: range(1), ...trusting })
    world.advance(10_000)
    expect(second.ok).toBe(true)
    expect(world.store.leasesOfJob(first.id, 100).length).toBe(out)
    expect(world.store.leasesOfJob(second.id, 100)).toEqual([])
    world.desk.maintenance = null
    world.run(first.id)
    world.run(second.id)
    expect([first, second].map(({ id }) => world.store.job(id)?.state)).toEqual(['done', 'done'])
  })
})

describe('a device that is passed over', () => {
  it('[SCHED-1.5] has the reason kept once, and again when it changes', () => {
    const world = new DepartmentWorld()
    const [small] = world.join(['ann', honest], ['bob', silent]) as [DeviceId]
    const member = world.fleet.member(small) ?? expect.fail('ann is there')
    Object.assign(member.presence ?? {}, { memoryMiB: 1 })
    const job = world.submit({ split: range(50), leaseUnitsMax: 1, ...trusting })
    const look = () =>
      world.step((now, batch) => {
        world.desk.ready.wake(small)
        world.jobs.wake(now, batch)
      })
    for (let n = 0; n < 5; n++) look()
    const kept = () => world.store.exclusions({ job: job.id, device: small })
    expect(kept().map(({ device }) => device)).toEqual([small])
    expect(kept()[0]?.reason).toMatch(/needs \d+ MiB and it offers 1$/)
    Object.assign(member.presence ?? {}, { abis: [] })
    look()
    expect(kept()).toHaveLength(1)
    expect(kept()[0]?.reason).toBe('its software does not run reactor tasks')
    expect(world.store.exclusions({ device: small })).toEqual(kept())
  })

  it('[SCHED-1.4] is told of a deadline that it cannot meet, and a slow one still gets a first unit', () => {
    const world = new DepartmentWorld()
    const [slow] = world.join(['ann', silent], ['bob', silent]) as [DeviceId]
    const warm = world.submit({ split: range(1), ...trusting })
    const { module } = world.prepared.get(warm.id) ?? {}
    world.step((now, batch) => world.jobs.stop(warm.id, 'cancelled', '', now, batch))
    world.desk.rates.learn(slow, module as never, 1, 1_500, 1)
    const job = world.submit({ split: range(50), leaseUnitsMax: 1, deadlineMs: 2_000, ...trusting })
    expect(holders(world, job.id).filter(device => device === slow)).toHaveLength(1)
    const excluded = world.store.exclusions({ job: job.id, device: slow })
    expect(excluded[0]?.reason).toBe(
      "it would take 3.0 s for what it holds and one unit more, and the job's deadline is in 2.0 s",
    )
  })
})

describe('a device', () => {
  it('stays with its task for a while before it turns to another', () => {
    const world = new DepartmentWorld()
    const [ann] = world.join(['ann', honest]) as [DeviceId]
    const jobs = [1, 2].map(() => world.submit({ split: range(4_000), leaseUnitsMax: 10, ...trusting }))
    // Tasks are told apart by their modules, and the world has one: the second job gets a name of its own.
    const second = world.jobs.active(jobs[1]?.id as never) as Job
    Object.assign(second.prepared, { module: 'bb'.repeat(32) })
    for (let n = 0; n < 400; n++) {
      world.answer(ann)
      world.advance(1)
    }
    const order = world.store
      .leasesOfDevice(ann, 1_000)
      .reverse()
      .map(({ job }) => job)
    const changes = order.filter((job, index) => index > 0 && job !== order[index - 1]).length
    expect(order.length).toBeGreaterThan(100)
    expect(changes).toBeLessThan(order.length / 10)
  })

  it('gets longer for units whose leases ran out before, so that a wrong estimate does not keep a job for ever', () => {
    const world = new DepartmentWorld({ policy: { leaseTimeoutMinMs: 1_000 } })
    // One answer waits, so the run stays one and is not cut anew.
    const [ann, bob] = world.join(['ann', honest], ['bob', silent]) as [DeviceId, DeviceId]
    const warm = world.submit({ split: range(1), ...trusting })
    const { module } = world.prepared.get(warm.id) ?? {}
    world.step((now, batch) => world.jobs.stop(warm.id, 'cancelled', '', now, batch))
    for (const device of [ann, bob]) world.desk.rates.learn(device, module as never, 1_000, 1, 1_000)
    const job = world.submit({ split: range(50), leaseUnitsMax: 50, verify: { theta: 0.98 }, ...TIGHT })
    while (world.answer(ann));
    for (let n = 0; n < 400; n++) world.advance(1_000)
    const waits = world.store
      .leasesOfJob(job.id, 100)
      .filter(({ device }) => device === bob)
      .map(({ leaseMs }) => leaseMs)
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(16_000)
  })
})

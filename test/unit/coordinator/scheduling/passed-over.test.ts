/** Every way in which a device is passed over is kept once it has happened, and is still there after a restart. */
import { describe, expect, it } from 'vitest'
import type { Member } from '../../../../coordinator/fleet/fleet.ts'
import type { CapacityCheck } from '../../../../coordinator/jobs/capacity-check.ts'
import { DEVICE_PASSES, deviceScope, JOB_PASSES, jobScope } from '../../../../coordinator/scheduling/index.ts'
import type { PassedOverRow } from '../../../../coordinator/store/index.ts'
import { type DeviceId, type JobId, METERING_VERSION } from '../../../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, silent, TIGHT } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const trusting = { verify: 'trust', leaseUnitsMax: 1, ...TIGHT } as const

const MANY = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay']

/** A region of one device for each owner that is named. */
class Scene {
  readonly world: DepartmentWorld
  readonly ids: readonly DeviceId[]

  constructor(owners: readonly string[] = ['ann', 'bob'], behaviour: Behaviour = silent) {
    this.world = new DepartmentWorld()
    this.ids = this.world.join(...owners.map(owner => [owner, behaviour] as [string, Behaviour]))
  }

  get ann(): Member {
    return this.world.fleet.member(this.ids[0] as DeviceId) ?? expect.fail('ann is there')
  }

  submit(units: number, more: Record<string, unknown> = {}): JobId {
    const outcome = this.world.submit({ split: range(units), ...trusting, ...more })
    expect(outcome).toMatchObject({ ok: true })
    return outcome.id
  }

  /** Nobody is a newcomer, and how long a unit takes is known of everybody. */
  acquaint(unitMs: number): this {
    const { world } = this
    for (const member of world.fleet.all()) world.fleet.countUnits(member, 1, 0)
    const id = this.submit(1)
    const { module } = world.prepared.get(id) ?? expect.fail('it was submitted')
    world.step((now, batch) => world.jobs.stop(id, 'cancelled', '', now, batch))
    for (const device of this.ids) world.desk.rates.learn(device, module, 10, 10 * unitMs, 10)
    return this
  }

  /** What everybody says of itself changes, once the job was taken. */
  nobodyCan(changes: Partial<NonNullable<Member['presence']>>): JobId {
    const presences = [...this.world.fleet.all()].map(({ presence }) => presence ?? expect.fail('it is there'))
    this.world.desk.maintenance = 'a moment'
    const id = this.submit(3)
    this.world.desk.maintenance = null
    for (const presence of presences) Object.assign(presence, changes)
    this.look()
    return id
  }

  /** The region looks at everybody again. */
  look(): void {
    this.world.step((now, batch) => {
      for (const id of this.ids) this.world.desk.ready.wake(id)
      this.world.jobs.wake(now, batch)
    })
  }
}

/** Each makes it happen to ann. */
const OF_DEVICES: Record<(typeof DEVICE_PASSES)[number], (scene: Scene) => void> = {
  standing: ({ world, ann }) =>
    world.step((now, batch) => world.fleet.demote(ann, 'revoked', 'sold', now.wallMs, batch)),
  offline: ({ world, ann }) => world.disconnect(ann.row.id),
  drained: ({ world, ann }) => world.fleet.drain(ann, 'moves house'),
  paused: ({ world, ann }) => {
    const status = { session: 1, seq: 1, creditLeases: 0, runningLeases: 0, reason: 'The SoC is at 83 degrees.' }
    world.fleet.status(ann.row.id, status, world.now.wallMs)
  },
  full: scene => {
    Object.assign(scene.ann.presence ?? {}, { creditLeases: 1 })
    scene.submit(50)
  },
  resting: scene => {
    scene.submit(50)
    scene.world.giveBack(scene.ann.row.id)
  },
}

/** Each makes it happen at a job. */
const OF_JOBS: Record<(typeof JOB_PASSES)[number], () => [Scene, JobId]> = {
  price: () => {
    const scene = new Scene()
    const floor = { gigafuelMicro: 10_001n, readingMicro: 0n }
    scene.world.step((_, batch) => scene.world.pricing.stateFloor(scene.ann.row.id, floor, 1, batch))
    return [scene, scene.submit(9)]
  },
  abi: () => ofUnable({ abis: [] }),
  metering: () => ofUnable({ metering: [METERING_VERSION + 1] }),
  memory: () => ofUnable({ memoryMiB: 1 }),
  late: () => {
    const scene = new Scene().acquaint(1_500)
    return [scene, scene.submit(50, { deadlineMs: 2_000 })]
  },
  first_answer: () => {
    const scene = new Scene()
    return [scene, scene.submit(50)]
  },
  unproven: () => {
    const scene = new Scene(MANY).acquaint(1)
    return [scene, scene.submit(500, { verify: { theta: 0.99 } })]
  },
  in_hand: () => {
    const scene = new Scene().acquaint(300)
    return [scene, scene.submit(9)]
  },
  owner_share: () => {
    const scene = new Scene(['ann', 'bob', 'cat']).acquaint(1)
    scene.world.disconnect(scene.ids[1] as DeviceId)
    const id = scene.submit(500)
    return [scene, id]
  },
  has_spoken: () => {
    const scene = new Scene(MANY, honest)
    const { world, ids } = scene
    const id = scene.submit(1, { verify: { theta: 0.99 } })
    const holder = ids.find(device => world.answer(device))
    for (const device of ids) if (device !== holder) world.disconnect(device)
    // What the others held is given up.
    world.advance(11_000)
    return [scene, id]
  },
  budget: () => {
    const scene = new Scene()
    return [scene, scene.submit(50, { budgetMicro: '100' })]
  },
  not_asked: () => ofCheck(false),
  being_checked: () => ofCheck(true),
  maintenance: () => {
    const scene = new Scene()
    scene.world.desk.maintenance = 'the disk is replaced'
    return [scene, scene.submit(9)]
  },
}

function ofUnable(changes: Partial<NonNullable<Member['presence']>>): [Scene, JobId] {
  const scene = new Scene()
  return [scene, scene.nobodyCan(changes)]
}

/** A check of ann alone, and a job beside it. @returns the job at which somebody is passed over for it */
function ofCheck(beside: boolean): [Scene, JobId] {
  const scene = new Scene(['ann'])
  const { world, ann } = scene
  world.desk.maintenance = 'a moment'
  const [checked, other] = [scene.submit(50), scene.submit(50)]
  world.desk.maintenance = null
  const asked = new Set(beside ? [ann.row.id] : [])
  const check: CapacityCheck = { asked, endsMs: 60_000, isOver: false, answers: new Map() }
  Object.assign(world.jobs.active(checked) ?? {}, { check })
  scene.look()
  return [scene, beside ? other : checked]
}

const kinds = (rows: readonly PassedOverRow[]) => rows.map(({ kind }) => kind)

describe('why a device gets no work at all', () => {
  it.each(DEVICE_PASSES)('[SCHED-1.5] is kept when it happened, over a restart: %s', kind => {
    const scene = new Scene()
    const { world, ann } = scene
    const scope = deviceScope(ann.row.id)
    OF_DEVICES[kind](scene)
    world.advance(1)
    const [row] = world.store.passedOver(scope).filter(row => row.kind === kind)
    expect(row).toMatchObject({ kind, times: expect.any(Number) })
    world.restart()
    expect(world.store.passedOver(scope)).toContainEqual(row)
  })

  it('says since when, and until when, and counts how often', () => {
    const scene = new Scene()
    const { world, ann } = scene
    const rows = () => world.store.passedOver(deviceScope(ann.row.id)).filter(({ kind }) => kind === 'drained')
    const drain = (reason: string | null) => {
      world.fleet.drain(scene.ann, reason)
      world.advance(1_000)
      return world.now.wallMs
    }
    const firstAtMs = drain('moves house')
    expect(rows()).toMatchObject([{ times: 1, firstAtMs, lastAtMs: firstAtMs, untilMs: null }])
    world.advance(60_000)
    expect(rows()).toMatchObject([{ times: 1, lastAtMs: firstAtMs, untilMs: null }])
    const untilMs = drain(null)
    expect(rows()).toMatchObject([{ times: 1, untilMs }])
    const lastAtMs = drain('is repaired')
    expect(rows()).toMatchObject([
      { times: 2, firstAtMs, lastAtMs, untilMs: null, reason: 'it is drained: is repaired' },
    ])
    world.restart()
    world.connectAll()
    drain(null)
    const again = drain('moves again')
    expect(rows()).toMatchObject([{ times: 3, firstAtMs, lastAtMs: again }])
  })
})

describe('why a device with room gets nothing of a job', () => {
  it.each(JOB_PASSES)('[SCHED-1.5] is kept when it happened, over a restart: %s', kind => {
    const [{ world }, id] = OF_JOBS[kind]()
    const [row] = world.store.passedOver(jobScope(id)).filter(row => row.kind === kind)
    expect(kinds(world.store.passedOver(jobScope(id))), kind).toContain(kind)
    expect(row?.reason).not.toBe('')
    world.restart()
    expect(world.store.passedOver(jobScope(id))).toContainEqual(row)
  })

  it('is kept for up to 256 devices, and counted for the others', () => {
    const world = new DepartmentWorld()
    world.join(...Array.from({ length: 300 }, (_, n) => [`owner${n}`, silent] as [string, Behaviour]))
    for (const { presence } of world.fleet.all()) Object.assign(presence ?? {}, { abis: ['wasi'] })
    const able = [...world.fleet.all()][0]
    Object.assign(able?.presence ?? {}, { abis: ['wasi', 'reactor'] })
    const { id } = world.submit({ split: range(5), ...trusting })
    for (let n = 0; n < 40; n++) {
      world.step((now, batch) => {
        for (const { row } of world.fleet.all()) world.desk.ready.wake(row.id)
        world.jobs.wake(now, batch)
      })
    }
    expect(world.store.exclusions({ job: id })).toHaveLength(256)
    const before = world.store.passedOver(jobScope(id)).find(({ kind }) => kind === 'abi')
    expect(before).toMatchObject({ times: 1 })
    // Counts are written once a minute, and at the end.
    world.advance(61_000)
    const after = world.store.passedOver(jobScope(id)).find(({ kind }) => kind === 'abi')
    expect(after?.times).toBeGreaterThan(40 * 299)
  })

  it('has its counts written when the job is over, and goes on with them after a restart', () => {
    const scene = new Scene(['ann', 'bob'], honest)
    const { world } = scene
    const id = scene.submit(200)
    const counted = () => world.store.passedOver(jobScope(id)).find(({ kind }) => kind === 'first_answer')?.times ?? 0
    expect(counted()).toBe(1)
    world.advance(61_000)
    const before = counted()
    world.restart()
    world.connectAll()
    world.run(id)
    world.advance(2_000)
    expect(world.store.job(id)?.state).toBe('done')
    expect(counted()).toBeGreaterThan(before)
  })
})

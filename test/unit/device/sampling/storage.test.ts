import { describe, expect, it } from 'vitest'
import { encodeProfile, profileIdOf } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { settle } from '../../../support/virtual-clock.ts'
import { BEGIN_MS, CountingSensor, LoggingSensor, SamplingWorld, streamOf, TEMPERATURE } from './sampling-world.ts'

const folder = tempDirs()
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

async function sampling(init: ConstructorParameters<typeof SamplingWorld>[0] = {}, partial = {}) {
  const world = new SamplingWorld(init)
  await world.start()
  world.plan(1, streamOf(world.sensorId(), partial))
  await settle()
  return world
}

/** Ends the plan, so that all there is becomes frames, and lets them go. */
async function drain(world: SamplingWorld) {
  world.link.answers = ['ok']
  await world.advance(600_000)
  world.plan(99)
  await world.advance(600_000)
}

const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('without a connection', () => {
  it('a week of readings is kept and comes in the order of time', async () => {
    const world = await sampling({}, { periodMs: 60_000, readingsPerFrame: 60 })
    world.link.answers = ['unreachable']
    world.link.last.cut()
    await world.advance(7 * DAY_MS)
    const looks = world.sensors[0]?.looks ?? 0
    expect(looks).toBe(7 * 24 * 60 + 1)
    // Most of it is whole frames of 60 readings; a value takes a little more than a byte.
    expect(world.store?.samples.bytes).toBeLessThan(looks * 4)
    expect(world.store?.outbox.frames).toBe(0)
    await drain(world)
    expect(world.region.values().map(({ value }) => value)).toEqual(count(0, world.sensors[0]?.looks ?? 0))
    expect(world.region.gaps()).toEqual([])
    const frames = [...world.region.frames.values()]
    expect(frames.map(({ fromMs }) => fromMs)).toEqual(frames.map(({ fromMs }) => fromMs).sort((a, b) => a - b))
  })

  it('a week in little room keeps the newest as they were and the older ever coarser', async () => {
    const store = { samplesQuotaBytes: 16_384 }
    const world = await sampling({ store }, { periodMs: 10_000, readingsPerFrame: 6 })
    world.link.answers = ['unreachable']
    world.link.last.cut()
    await world.advance(7 * DAY_MS)
    expect(world.store?.samples.bytes).toBeLessThanOrEqual(16_384 + 1_024)
    const given = world.sensors[0]?.given.length ?? 0
    await drain(world)
    const single = world.region.values().map(({ value }) => value)
    const statistics = world.region.values('statistics')
    const counted = statistics.reduce((sum, { row }) => sum + (row[3] ?? 0), 0)
    expect(counted + single.length).toBe(world.sensors[0]?.given.length)
    expect(new Set(statistics.map(({ profile }) => profile.periodMs))).toEqual(new Set([150_000, 2_250_000]))
    // The newest hour is whole.
    expect(single).toEqual(expect.arrayContaining(count(given - 360, given)))
    expect(new Set(world.region.gaps().map(({ cause }) => cause))).toEqual(new Set(['thinned']))
    const [gap] = world.region.gaps()
    expect(gap?.fromMs).toBe(BEGIN_MS)
  })
})

describe('a crash', () => {
  it('costs what was not flushed, and the gap is told', async () => {
    const world = await sampling({ folder })
    await world.advance(85_000)
    world.crash()
    await world.advance(35_000)
    await world.start()
    await drain(world)
    const values = world.region.values().map(({ value }) => value)
    expect(values.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 9, 10])
    expect(world.region.gaps()).toEqual([{ fromMs: BEGIN_MS + 60_000, toMs: BEGIN_MS + 120_000, cause: 'restart' }])
  })

  it('sends the same bytes again when the receipt was lost', async () => {
    const world = await sampling({ folder })
    world.region.acks = () => false
    await world.advance(60_000)
    world.crash()
    await world.start()
    world.region.acks = () => true
    await world.advance(60_000)
    const [first, ...again] = world.region.arrivals.filter(({ seq }) => seq === world.region.arrivals[0]?.seq)
    expect(again.length).toBeGreaterThan(0)
    for (const arrival of again) expect(arrival).toEqual(first)
    expect(world.region.orphans).toBe(0)
  })

  it('of a machine that comes back without a clock leaves readings that are timed by and by', async () => {
    const world = await sampling({ folder })
    await world.advance(65_000)
    world.link.answers = ['unreachable']
    world.crash()
    world.reboot()
    await world.advance(HOUR_MS)
    await world.start()
    await world.advance(120_000)
    expect(world.explanation).toContain("The region's time is not known yet")
    // This boot never learns it; the next one does.
    world.crash()
    world.reboot()
    await world.advance(HOUR_MS)
    world.link.answers = ['ok']
    await world.start()
    await drain(world)
    const blind = world.region.values().filter(({ uncertaintyMs }) => uncertaintyMs > 1_000)
    expect(blind.length).toBe(12)
    for (const { value, atMs, uncertaintyMs } of blind) {
      const trueMs = world.sensors[0]?.given[value]?.atMs ?? Number.NaN
      expect(Math.abs(atMs - trueMs)).toBeLessThanOrEqual(uncertaintyMs)
      expect(uncertaintyMs).toBeLessThan(1.1 * HOUR_MS)
    }
  })

  it('before the first reading is on disk is told of too', async () => {
    const world = await sampling({ folder })
    await world.advance(5_000)
    world.crash()
    await world.advance(5_000)
    await world.start()
    await drain(world)
    expect(world.region.gaps()).toEqual([{ fromMs: BEGIN_MS, toMs: BEGIN_MS + 10_000, cause: 'restart' }])
  })
})

describe('the time', () => {
  it('is asked for again while a connection lasts', async () => {
    const world = await sampling()
    await world.advance(DAY_MS / 2)
    const { hellos } = world.region.scripted.heard
    expect(hellos.length).toBeGreaterThan(20)
    const uncertainties = [...world.region.frames.values()].map(({ uncertaintyMs }) => uncertaintyMs)
    expect(Math.max(...uncertainties)).toBeLessThan(200)
  })

  it('that the region puts forward leaves a gap, and back costs nothing', async () => {
    const world = await sampling()
    let shiftMs = 0
    world.region.nowMs = () => world.nowMs + shiftMs
    await world.advance(65_000)
    shiftMs = HOUR_MS
    world.link.last.cut()
    await world.advance(65_000)
    shiftMs = 0
    world.link.last.cut()
    await world.advance(65_000)
    const given = world.sensors[0]?.given.length ?? 0
    await drain(world)
    expect(world.region.gaps()).toMatchObject([{ cause: 'clock' }])
    const values = world.region.values().map(({ value }) => value)
    expect(values.slice(0, given)).toEqual(count(0, given))
  })

  it('that is put back behind a restart hides nothing of what the restart cost', async () => {
    const world = await sampling({ folder })
    await world.advance(85_000)
    world.crash()
    world.region.nowMs = () => world.nowMs - HOUR_MS
    await world.start()
    await drain(world)
    expect(world.region.gaps()).toEqual([{ fromMs: BEGIN_MS + 60_000, toMs: BEGIN_MS + 85_000, cause: 'restart' }])
  })
})

describe('a sensor that records by itself', () => {
  const START_MS = BEGIN_MS - DAY_MS
  const recorded = (from: number, to: number) =>
    count(from, to).map(value => ({ atMs: START_MS + value * 5_000 + 1_234, values: [value], faults: [null] }))
  const minutes = { periodMs: 5_000, phaseMs: 1_000, readingsPerFrame: 100 }

  it('is read oldest first, with its own times on the grid of the stream', async () => {
    const world = await sampling({ sensors: [new LoggingSensor('log', recorded(0, 1_050))] }, minutes)
    await world.advance(10_000)
    expect(world.region.values().map(({ value }) => value)).toEqual(count(0, 1_050))
    expect(world.region.values()[0]).toMatchObject({ atMs: START_MS + 1_000, uncertaintyMs: 0 })
    expect([...world.region.frames.values()].map(frame => frame.count)).toEqual([...new Array(10).fill(100), 50])
    expect(world.sensors[0]?.looks).toBe(0)
  })

  it('is read on from where a restart or a crash interrupted', async () => {
    const sensor = new LoggingSensor('log', recorded(0, 700))
    const world = await sampling({ folder, sensors: [sensor] }, minutes)
    await world.advance(1_000)
    await world.stop()
    sensor.log.push(...recorded(700, 1_290))
    await world.start()
    await world.advance(1_000)
    world.crash()
    sensor.log.push(...recorded(1_290, 1_300))
    await world.start()
    await drain(world)
    expect(world.region.values().map(({ value }) => value)).toEqual(count(0, 1_300))
    expect(world.region.gaps()).toEqual([])
  })

  it('waits for room', async () => {
    const store = { samplesQuotaBytes: 16_384 }
    const world = new SamplingWorld({ store, sensors: [new LoggingSensor('log', recorded(0, 20_000))] })
    await world.start()
    world.region.acks = () => false
    world.plan(1, streamOf(world.sensorId(), minutes))
    await world.advance(600_000)
    expect(world.store?.samples.bytes).toBeLessThan(16_384)
    expect(world.region.frames.size).toBeLessThan(40)
    world.region.acks = () => true
    world.link.last.cut()
    await world.advance(HOUR_MS)
    expect(world.region.values().map(({ value }) => value)).toEqual(count(0, 20_000))
    expect(world.region.gaps()).toEqual([])
  })

  it('gives statistics of whole periods, once', async () => {
    const sensor = new LoggingSensor('log', recorded(0, 700))
    const partial = { periodMs: 60_000, sampleMs: 5_000, kind: 'statistics', readingsPerFrame: 10 } as const
    const world = await sampling({ folder, sensors: [sensor] }, partial)
    await world.advance(1_000)
    world.crash()
    await world.start()
    await drain(world)
    const statistics = world.region.values('statistics')
    expect(statistics.map(({ row }) => row[3]).reduce((sum, samples) => (sum ?? 0) + (samples ?? 0), 0)).toBe(700)
    expect(new Set(statistics.map(({ atMs }) => atMs)).size).toBe(statistics.length)
  })
})

describe('a disk that is full', () => {
  it('keeps readings in memory up to a bound, tells of the rest, and goes on', async () => {
    const world = await sampling({}, { periodMs: 1_000, readingsPerFrame: 60 })
    await world.advance(120_000)
    const { store } = world
    if (store === null) throw new Error('it was started')
    const commit = store.commit
    let isFull = true
    Object.assign(store, { commit: (write: () => void) => (isFull ? 'full' : commit(write)) })
    await world.advance(2 * HOUR_MS)
    expect(world.explanation).toContain('The disk is full, so new readings are only in memory: make room on it.')
    isFull = false
    await world.advance(300_000)
    await drain(world)
    expect(world.explanation).not.toContain('The disk is full')
    const [gap, ...others] = world.region.gaps()
    expect([gap?.cause, others]).toEqual(['disk', []])
    const values = new Set(world.region.values().map(({ value }) => value))
    for (const { value, atMs } of world.sensors[0]?.given ?? []) {
      const isTold = (gap?.fromMs ?? 0) <= atMs && atMs < (gap?.toMs ?? 0)
      expect(values.has(value)).toBe(!isTold)
    }
    expect(values.size).toBeGreaterThan(4_000)
  })
})

describe('synced writes', () => {
  function counting(world: SamplingWorld) {
    const { store } = world
    if (store === null) throw new Error('it was started')
    const commit = store.commit
    const counted = { commits: 0 }
    Object.assign(store, {
      commit: (write: () => void) => {
        counted.commits += 1
        return commit(write)
      },
    })
    return counted
  }

  it('are shared by frames that are complete at the same moment', async () => {
    const world = new SamplingWorld()
    await world.start()
    const counted = counting(world)
    const sensor = world.sensorId()
    const frames = [
      [10_000, 9],
      [20_000, 5],
      [40_000, 3],
    ] as const
    world.plan(1, ...frames.map(([periodMs, readingsPerFrame]) => streamOf(sensor, { periodMs, readingsPerFrame })))
    await world.advance(99_000)
    expect(world.region.frames.size).toBe(3)
    // The plan, a flush, and the frames.
    expect(counted.commits).toBe(3)
  })

  it('are far fewer than the frames of a backlog', async () => {
    const world = await sampling()
    world.link.answers = ['unreachable']
    world.link.last.cut()
    await world.advance(12 * HOUR_MS)
    world.plan(1)
    const counted = counting(world)
    const before = world.region.frames.size
    world.link.answers = ['ok']
    await world.advance(240_000)
    const frames = world.region.frames.size - before
    expect(frames).toBeGreaterThan(700)
    expect(counted.commits).toBeLessThan(frames / 10)
  })

  it('are none where there is nothing to write', async () => {
    const world = await sampling()
    await world.advance(60_000)
    world.plan(2)
    await world.advance(1_000)
    const counted = counting(world)
    await world.advance(DAY_MS / 4)
    expect(counted.commits).toBe(0)
  })
})

describe('what a store holds', () => {
  it('is given up when nothing refers to it any more', async () => {
    const sensors = [new CountingSensor('c1', [TEMPERATURE])]
    const world = await sampling({ folder, sensors })
    await world.advance(120_000)
    const profile = [...world.region.profiles.values()][0]
    if (profile === undefined) throw new Error('a frame came')
    const id = profileIdOf(encodeProfile(profile))
    expect(world.store?.samples.profile(id)).not.toBeNull()
    await drain(world)
    await world.stop()
    await world.start()
    expect(world.store?.samples.profile(id)).toBeNull()
  })
})

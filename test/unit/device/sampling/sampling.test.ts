import { describe, expect, it } from 'vitest'
import { tempDirs } from '../../../support/temp-dir.ts'
import { settle } from '../../../support/virtual-clock.ts'
import { BEGIN_MS, CountingSensor, DEVICE, HUMIDITY, SamplingWorld, streamOf, TEMPERATURE } from './sampling-world.ts'

const folder = tempDirs()

/** A world whose device has joined and has a plan for its first sensor. */
async function sampling(init: ConstructorParameters<typeof SamplingWorld>[0] = {}, partial = {}) {
  const world = new SamplingWorld(init)
  await world.start()
  world.plan(1, streamOf(world.sensorId(), partial))
  await settle()
  return world
}

describe('sensors', () => {
  it('are announced with their identity after the welcome', async () => {
    const location = { latitudeMicroDeg: 52_500_000, longitudeMicroDeg: 13_400_000, elevationM: 34, indoor: false }
    const sensors = [new CountingSensor('c1'), new CountingSensor(null, [TEMPERATURE, HUMIDITY])]
    const world = new SamplingWorld({ sensors, location })
    await world.start()
    expect(world.region.sensors).toEqual([
      {
        session: 1,
        seq: 2,
        location,
        sensors: [
          { sensor: world.sensorId(0), model: 'counter', serial: 'c1', channels: [TEMPERATURE] },
          {
            sensor: world.sensorId(1),
            model: 'counter',
            serial: `${DEVICE}/place-1`,
            channels: [TEMPERATURE, HUMIDITY],
          },
        ],
      },
    ])
    expect(world.explanation).toContain('2 sensors ready: the region asks for no readings.')
    await world.advance(600_000)
    expect(sensors.map(({ looks }) => looks)).toEqual([0, 0])
  })

  it('that cannot be opened are tried again, explained, and announced when they come', async () => {
    const world = new SamplingWorld()
    world.opens = () => false
    await world.start()
    expect(world.region.sensors).toMatchObject([{ sensors: [] }])
    expect(world.explanation).toContain("The sensor '0' (soc) cannot be opened: nobody answers on that port.")
    world.opens = () => true
    await world.advance(20_000)
    expect(world.region.sensors).toMatchObject([{ sensors: [] }, { session: 1, sensors: [{ serial: 'c1' }] }])
    expect(world.explanation).not.toContain('cannot be opened')
  })

  it('are announced again when one has learnt its serial number', async () => {
    const sensor = new CountingSensor(null)
    const world = await sampling({ sensors: [sensor] })
    sensor.serial = 'A0F3'
    await world.advance(60_000)
    expect(world.region.sensors.map(({ sensors }) => sensors[0]?.serial)).toEqual([`${DEVICE}/place-0`, 'A0F3'])
  })

  it('are not spoken of by a device that has none', async () => {
    const world = new SamplingWorld({ sensors: [] })
    await world.start()
    expect(world.region.heard).toEqual(['join', 'hello'])
    expect(world.explanation).toBe("Ready: the region 'north' has no work for this device at the moment.")
  })
})

describe('a plan', () => {
  it('is sampled at its phase, and a full frame is sent behind its profile [SENSE-1.3] [READ-2.1]', async () => {
    const world = await sampling({}, { phaseMs: 3_000 })
    await world.advance(60_000)
    expect(world.region.heard.filter(name => name !== 'status').slice(-2)).toEqual(['profile', 'reading'])
    expect([...world.region.frames.values()]).toMatchObject([
      { session: 1, fromMs: BEGIN_MS + 3_000, uncertaintyMs: 7, count: 6, faults: [], gaps: [] },
    ])
    expect(world.region.values().map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5])
    expect(world.store?.outbox.frames).toBe(0)
    expect(world.explanation).toContain("Measures with 1 sensor for 1 stream of the region's plan.")
  })

  it('has its profile told again before a frame is sent again', async () => {
    const world = await sampling()
    world.region.acks = () => false
    await world.advance(65_000)
    const heard = world.region.heard.filter(name => name === 'profile' || name === 'reading')
    expect(heard).toEqual(['profile', 'reading', 'profile', 'reading'])
  })

  it('looks once at a sensor for all streams that are due', async () => {
    const world = new SamplingWorld({ sensors: [new CountingSensor('c1', [TEMPERATURE, HUMIDITY])] })
    await world.start()
    const sensor = world.sensorId()
    const both = [0, 1].map(channel => ({ sensor, channel }))
    world.plan(1, streamOf(sensor, { readingsPerFrame: 3 }), streamOf(sensor, { periodMs: 30_000, channels: both }))
    await world.advance(60_000)
    expect(world.sensors[0]?.looks).toBe(7)
    expect(world.region.frames.size).toBe(2)
  })

  it('is replaced by a newer one, and what was gathered is sent', async () => {
    const world = await sampling()
    await world.advance(25_000)
    world.plan(2)
    await world.advance(60_000)
    expect(world.region.values().map(({ value }) => value)).toEqual([0, 1, 2])
    expect(world.sensors[0]?.looks).toBe(3)
    world.plan(1, streamOf(world.sensorId()))
    await world.advance(60_000)
    expect(world.sensors[0]?.looks).toBe(3)
  })

  it('goes on without a break when the next one wants the same', async () => {
    const world = await sampling()
    await world.advance(25_000)
    world.plan(2, streamOf(world.sensorId()), streamOf(world.sensorId(), { periodMs: 60_000, readingsPerFrame: 1 }))
    await world.advance(35_000)
    const frames = [...world.region.frames.values()].filter(frame => world.region.profileOf(frame).periodMs === 10_000)
    expect(frames).toMatchObject([{ count: 6, gaps: [] }])
  })

  it('is followed offline after a restart', async () => {
    const world = await sampling({ folder })
    await world.advance(60_000)
    await world.stop()
    world.link.answers = ['unreachable']
    await world.start()
    await world.advance(600_000)
    expect(world.sensors[0]?.looks).toBe(67)
    expect(world.explanation).toMatch(/6\d readings still to be sent\./)
    world.link.answers = ['ok']
    await world.advance(300_000)
    expect(world.region.values().length).toBeGreaterThan(85)
    expect(world.region.gaps()).toEqual([])
  })

  it('that asks for a sensor of somebody else is explained', async () => {
    const world = await sampling()
    const stranger = new CountingSensor('stranger')
    const other = new SamplingWorld({ sensors: [stranger] }).sensorId()
    world.plan(2, streamOf(other))
    await world.advance(10_000)
    expect(world.explanation).toContain(`The region asks for ${other}, which this device does not have.`)
  })

  it('tells the calibration of its channels in the profile', async () => {
    const calibration = { offset: -50, gainPpm: 1_020_000, formula: '' }
    const world = await sampling({ calibrations: [calibration] })
    await world.advance(60_000)
    expect([...world.region.profiles.values()]).toMatchObject([{ channels: [{ calibration }] }])
  })

  it('of statistics gathers each period, stamped with its start [SENSE-1.4] [READ-2.4]', async () => {
    const world = await sampling({}, { kind: 'statistics', periodMs: 60_000, sampleMs: 10_000, readingsPerFrame: 2 })
    await world.advance(125_000)
    const readings = world.region.values('statistics')
    // The mean of 0 to 5 is 2.5, and a half is rounded up.
    expect(readings.map(({ row }) => row)).toEqual([
      [3, 0, 5, 6],
      [9, 6, 11, 6],
    ])
    expect(readings.map(({ atMs }) => atMs)).toEqual([BEGIN_MS, BEGIN_MS + 60_000])
  })
})

describe('a sensor that fails', () => {
  it.each([
    ['rejects', () => Promise.reject(new Error('bus error')), 'unknown'],
    ['gives half a number', async () => ({ values: [0.5], faults: [null] }), 'out_of_range'],
    ['says why', async () => ({ values: [null], faults: ['fan_dead' as const] }), 'fan_dead'],
    ['never answers', () => new Promise<never>(() => {}), 'no_answer'],
  ] as const)('%s: its fault is told in place of its value', async (_, answer, fault) => {
    const sensor = new CountingSensor()
    const world = await sampling({ sensors: [sensor] })
    await world.advance(15_000)
    sensor.answer = answer
    await world.advance(60_000)
    expect([...world.region.frames.values()]).toMatchObject([
      { count: 6, faults: [{ channel: 0, first: 2, count: 4, fault }] },
    ])
    expect(world.device?.state).toBe('joined')
  })

  it('is unplugged in the plan of a device that was restarted without it', async () => {
    const world = await sampling({ folder })
    await world.advance(60_000)
    await world.stop()
    world.opens = () => false
    await world.start()
    await world.advance(120_000)
    const frames = [...world.region.frames.values()]
    expect(frames.at(-1)).toMatchObject({ count: 6, faults: [{ channel: 0, first: 0, count: 6, fault: 'unplugged' }] })
  })
})

describe('standing', () => {
  it('other than joined rests the sensors and keeps what they gave', async () => {
    const world = await sampling()
    await world.advance(25_000)
    world.region.scripted.notice(DEVICE, 'caught', 'job x')
    await world.advance(60_000)
    expect(world.sensors[0]?.looks).toBe(3)
    expect(world.explanation).toContain('Its sensors rest: the region takes no readings from this device now.')
    world.region.scripted.notice(DEVICE, 'joined', '')
    await world.advance(60_000)
    expect(world.region.gaps()).toEqual([{ fromMs: BEGIN_MS + 30_000, toMs: BEGIN_MS + 90_000, cause: 'paused' }])
    expect(
      world.region
        .values()
        .map(({ value }) => value)
        .slice(0, 3),
    ).toEqual([0, 1, 2])
  })
})

describe('a tick', () => {
  it('that comes late is so much less certain, and one that comes too late is missed', async () => {
    const world = await sampling()
    await world.advance(25_000)
    world.freeze(5_500)
    await world.advance(10_000)
    world.freeze(8_000)
    await world.advance(60_000)
    const [frame] = world.region.frames.values()
    expect(frame?.uncertaintyMs).toBeGreaterThan(500)
    expect(frame?.uncertaintyMs).toBeLessThan(520)
    // At 30 s it was half a second late, at 40 s three seconds.
    expect(world.sensors[0]?.given.slice(0, 5).map(({ atMs }) => atMs - BEGIN_MS)).toEqual([
      0, 10_000, 20_000, 30_500, 50_000,
    ])
    expect([...(frame?.columns[0] ?? [])]).toEqual([0, 1, 2, 3, Number.NaN, 4])
  })
})

describe('stopping', () => {
  it('ends everything once', async () => {
    const world = await sampling()
    await world.advance(25_000)
    await world.stop()
    expect(world.truth.timers).toBe(0)
  })
})

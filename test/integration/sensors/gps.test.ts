import { describe, expect, test } from 'vitest'
import { openGps } from '../../../hardware/drivers/gps.ts'
import { nmeaSentence, type SimulatedGpsOptions, simulateGps } from '../../../hardware/simulated/gps.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts, untilOpened } from '../../support/serial-bench.ts'

const FIX = 'GNGGA,123519.00,4807.03812,N,01131.00004,E,1,08,0.9,545.4,M,46.9,M,,'
const NO_FIX = 'GPGGA,123520.00,,,,,0,03,99.9,,,,,,'
const EMPTY = { values: [null, null, null, null, null] }

describe.skipIf(!HAS_PTYS)('a GPS receiver on a port', () => {
  const bench = serialBench()

  async function opened(port?: string) {
    const pty = await bench.pty()
    const parts = bench.parts()
    const sensor = bench.use(await openGps(parts, { driver: 'gps', port: port ?? pty.path }))
    await untilOpened(pty)
    const frames = () => sensor.health().counters.frames ?? 0
    return {
      pty,
      parts,
      sensor,
      frames,
      simulate: async (options: SimulatedGpsOptions) =>
        bench.use(await simulateGps(pty, simulatorParts('gps'), { intervalMs: 2, ...options })),
      async hears(...texts: readonly string[]) {
        const wanted = frames() + texts.length
        for (const text of texts) pty.write(nmeaSentence(text))
        await eventually('the sentences are read', () => frames() === wanted)
      },
    }
  }

  test('says where it is', async () => {
    const { sensor, hears } = await opened()
    await hears(FIX)
    expect(sensor).toMatchObject({ model: 'gps', serial: null })
    expect(sensor.channels.map(({ quantity }) => quantity)).toEqual([
      'latitude',
      'longitude',
      'altitude',
      'satellites',
      'hdop',
    ])
    expect(await sensor.sample()).toEqual({
      values: [48_117_302, 11_516_667, 5_454, 8, 9],
      faults: [null, null, null, null, null],
    })
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test('south and west of zero', async () => {
    const { sensor, hears } = await opened()
    await hears('GPGGA,000000.00,3351.35600,S,07040.20000,W,2,11,1.2,-12.3,M,,M,,')
    expect((await sensor.sample()).values).toEqual([-33_855_933, -70_670_000, -123, 11, 12])
  })

  test('is read to the last whole sentence of 1 000, joined mid-frame with one byte in a hundred lost', async () => {
    const { sensor, frames, simulate } = await opened()
    const simulated = await simulate({ misbehave: { joinMidFrame: true, byteLoss: 0.01 } })
    await eventually('1 000 sentences are sent', () => simulated.counters.sentFrames >= 1_000)
    simulated.stop()
    const { sentFrames, intactFrames } = simulated.counters
    // One that has lost its carriage return is as good as whole; of those that have lost two equal characters, the sum does not tell.
    await eventually('all whole sentences are read', () => frames() >= intactFrames)
    expect(intactFrames).toBeLessThan(sentFrames * 0.7)
    expect(intactFrames).toBeGreaterThan(sentFrames * 0.4)
    expect(frames()).toBeLessThan(intactFrames + sentFrames * 0.03)
    expect(sensor.health().counters.unreadSentences).toBeLessThan(sentFrames * 0.03)
    expect((await sensor.sample()).values.slice(0, 2)).toEqual([46_050_200, 14_507_900])
  })

  test('without a position is warming up before its first and stale after it', async () => {
    const { sensor, hears } = await opened()
    await hears(NO_FIX)
    expect(await sensor.sample()).toEqual({
      values: [null, null, null, 3, null],
      faults: ['warming_up', 'warming_up', 'warming_up', null, 'warming_up'],
    })
    expect(sensor.health()).toMatchObject({ state: 'warming_up', advice: expect.stringMatching(/must see the sky/) })
    await hears(FIX, NO_FIX)
    expect(await sensor.sample()).toEqual({
      values: [null, null, null, 3, null],
      faults: ['stale', 'stale', 'stale', null, 'stale'],
    })
    expect(sensor.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(/has lost its position/) })
    await hears(FIX)
    expect((await sensor.sample()).faults).toEqual(new Array(5).fill(null))
  })

  test.each([
    ['extrapolated', FIX.replace('E,1,08', 'E,6,08')],
    ['typed in', FIX.replace('E,1,08', 'E,7,08')],
    ['made up by a simulator', FIX.replace('E,1,08', 'E,8,08')],
    ['off the earth', FIX.replace('4807.03812', '9807.03812')],
    ['empty', FIX.replace('4807.03812', '')],
    ['short of two equal digits', FIX.replace('01131.00004', '031.00004')],
  ])('whose position is %s has none', async (_, sentence) => {
    const { sensor, hears } = await opened()
    await hears(sentence)
    expect((await sensor.sample()).faults.slice(0, 2)).toEqual(['warming_up', 'warming_up'])
  })

  test('that says nothing for seconds is stale, then silent', async () => {
    const { sensor, hears, parts } = await opened()
    await hears(FIX)
    await parts.clock.advance(6_000)
    expect((await sensor.sample()).faults[0]).toBeNull()
    await parts.clock.advance(1_000)
    expect(await sensor.sample()).toEqual({ ...EMPTY, faults: new Array(5).fill('stale') })
    expect(sensor.health()).toMatchObject({
      state: 'silent',
      advice: expect.stringMatching(/Nothing comes from the GPS receiver .* Its TX must go to the port's RX/),
    })
  })

  test('that never said anything does not answer', async () => {
    const { sensor, parts, simulate } = await opened()
    await simulate({ misbehave: { silent: true } })
    await parts.clock.advance(7_000)
    expect(await sensor.sample()).toEqual({ ...EMPTY, faults: new Array(5).fill('no_answer') })
  })

  test('at another speed is told apart from one that is silent', async () => {
    const { sensor, simulate } = await opened()
    await simulate({ misbehave: { wrongBaud: true } })
    await eventually('bytes come', async () => (await sensor.sample()).faults[0] === 'bad_frames')
    expect(sensor.health()).toMatchObject({
      state: 'faulty',
      advice: expect.stringMatching(/no frame of a GPS receiver/),
    })
  })

  test('that sends sentences of nonsense does not stop the rest', async () => {
    const { sensor, hears } = await opened()
    await hears(
      'GPGGA,1',
      'GPRMC,x,y,z',
      'GPZZZ,1,2',
      'GPGGA,123519.00,48,N,11,E,9,08,0.9,545.4,M,46.9,M,,',
      'GPGSA,Q,7,,,,,,,,,,,,,1,2,3',
    )
    expect(sensor.health().counters).toMatchObject({ unreadSentences: 4 })
    expect(sensor.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(/sends no GGA sentences/) })
    expect((await sensor.sample()).faults[0]).toBe('no_answer')
    await hears('GPGGA,123519.00,abc,N,def,E,1,x,y,z,M,46.9,M,,', FIX)
    expect((await sensor.sample()).faults[0]).toBeNull()
  })

  describe('tells the time', () => {
    const AT_MS = Date.UTC(2026, 10, 20, 12, 35, 19)

    test('half a second after the second that it names', async () => {
      const { sensor, hears, parts } = await opened()
      expect(sensor.readTime()).toBeNull()
      await hears('GPRMC,123519.00,A,4807.03812,N,01131.00004,E,0.0,0.0,201126,,,A')
      expect(sensor.readTime()).toEqual({ wallMs: AT_MS + 500, uncertaintyMs: 500 })
      await parts.clock.advance(3_000)
      expect(sensor.readTime()).toEqual({ wallMs: AT_MS + 3_500, uncertaintyMs: 500 })
      await parts.clock.advance(4_000)
      expect(sensor.readTime()).toBeNull()
    })

    test.each([
      ['it does not vouch for it', 'GPRMC,123519.00,V,,,,,,,201126,,,N'],
      ['it has no date', 'GPRMC,123519.00,A,4807.03812,N,01131.00004,E,0.0,0.0,,,,A'],
      ['it has no time', 'GPRMC,,A,4807.03812,N,01131.00004,E,0.0,0.0,201126,,,A'],
      ['its weeks have run over', 'GPRMC,123519.00,A,4807.03812,N,01131.00004,E,0.0,0.0,060407,,,A'],
    ])('but not when %s', async (_, sentence) => {
      const { sensor, hears } = await opened()
      await hears(sentence)
      expect(sensor.readTime()).toBeNull()
    })

    test('of the simulator, which is this machine’s', async () => {
      const { sensor, simulate } = await opened()
      await simulate({ intervalMs: 20 })
      const time = await eventually('it tells the time', () => sensor.readTime())
      expect(Math.abs(time.wallMs - Date.now())).toBeLessThan(30_000)
    })
  })

  test('that searches first has a position after a while, loses it and finds it', async () => {
    const { sensor, simulate } = await opened()
    const simulated = await simulate({ fixAfterMs: 50, latitude: -0.5, longitude: -122.25, altitudeM: 12.5 })
    await eventually('it searches', async () => (await sensor.sample()).faults[0] === 'warming_up')
    await eventually('it has found itself', async () => (await sensor.sample()).faults[0] === null)
    expect((await sensor.sample()).values).toEqual([-500_000, -122_250_000, 125, 9, 9])
    simulated.setFix(false)
    await eventually('it has lost itself', async () => (await sensor.sample()).faults[0] === 'stale')
  })

  test('that is unplugged and comes back on another port is read again', async () => {
    const first = await bench.pty()
    const link = bench.link()
    link.pointTo(first)
    const parts = bench.parts()
    const sensor = bench.use(await openGps(parts, { driver: 'gps', port: link.path }))
    await simulateGps(first, simulatorParts('first'), { intervalMs: 50 })
    await eventually('it has a position', async () => (await sensor.sample()).faults[0] === null)
    first.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    expect(await sensor.sample()).toEqual({ ...EMPTY, faults: new Array(5).fill('unplugged') })
    expect(sensor.readTime()).not.toBeUndefined()
    const second = await bench.pty()
    bench.use(await simulateGps(second, simulatorParts('second'), { intervalMs: 50, latitude: 45 }))
    link.pointTo(second)
    await parts.clock.advance(10_000)
    await eventually('it has a position again', async () => (await sensor.sample()).values[0] === 45_000_000)
    await eventually('the line is good', () => sensor.health().state === 'ok')
    expect(sensor.health().counters.opens).toBe(2)
  })

  test('that is not there yet is used when it comes', async () => {
    const link = bench.link()
    const parts = bench.parts()
    const sensor = bench.use(await openGps(parts, { driver: 'gps', port: link.path }))
    expect((await sensor.sample()).faults).toEqual(new Array(5).fill('unplugged'))
    const pty = await bench.pty()
    bench.use(await simulateGps(pty, simulatorParts('late'), { intervalMs: 2 }))
    link.pointTo(pty)
    await parts.clock.advance(10_000)
    await eventually('it has a position', async () => (await sensor.sample()).faults[0] === null)
  })
})

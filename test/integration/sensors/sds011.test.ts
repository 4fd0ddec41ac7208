import { describe, expect, test } from 'vitest'
import { openSds011 } from '../../../hardware/drivers/sds011.ts'
import { sds011Measurement } from '../../../hardware/drivers/sds011-frames.ts'
import type { Sensor } from '../../../hardware/sensor.ts'
import type { Pty } from '../../../hardware/simulated/pty.ts'
import { type SimulatedSds011Options, simulateSds011 } from '../../../hardware/simulated/sds011.ts'
import { concatBytes } from '../../../protocol/index.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts, untilOpened } from '../../support/serial-bench.ts'

const FRAME_BYTES = 10
const ID = Uint8Array.of(0xa1, 0x60)
const OTHER_ID = Uint8Array.of(0x0b, 0x0c)

describe.skipIf(!HAS_PTYS)('an SDS011 on a port', () => {
  const bench = serialBench()

  /** A driver that listens to a simulator which started when the port was open. */
  async function joined(options: SimulatedSds011Options) {
    const pty = await bench.pty()
    const parts = bench.parts()
    const opening = openSds011(parts, { driver: 'sds011', port: pty.path })
    opening.catch(() => {})
    await untilOpened(pty)
    const simulated = bench.use(await simulateSds011(pty, simulatorParts('sds011'), { intervalMs: 1, ...options }))
    return { pty, parts, opening, simulated }
  }

  /** A driver that has heard who the sensor is, and then whatever the test writes. */
  async function withFrames() {
    const pty = await bench.pty()
    const parts = bench.parts()
    const opening = openSds011(parts, { driver: 'sds011', port: pty.path })
    await untilOpened(pty)
    pty.write(concatBytes(sds011Measurement(100, 200, ID), sds011Measurement(100, 200, ID)))
    const sensor = bench.use(await opening)
    await sensor.sample()
    return { pty, parts, sensor, hears: (frames: readonly Uint8Array[]) => hear(pty, sensor, frames) }
  }

  test('is read to the last whole frame of 1 000, joined mid-frame with one byte in a hundred lost', async () => {
    const { opening, simulated } = await joined({ misbehave: { joinMidFrame: true, byteLoss: 0.01 } })
    const sensor = bench.use(await opening)
    await eventually('1 000 frames are sent', () => simulated.counters.sentFrames >= 1_000)
    simulated.stop()
    const { sentFrames, intactFrames } = simulated.counters
    await eventually('all whole frames are read', () => sensor.health().counters.frames === intactFrames)
    const { counters } = sensor.health()
    expect(intactFrames).toBeLessThan(sentFrames * 0.95)
    expect(intactFrames).toBeGreaterThan(sentFrames * 0.85)
    expect(counters).toMatchObject({ frames: intactFrames, opens: 1, otherSensorFrames: 0 })
    // All other bytes are known for broken, but for those that could still begin a frame.
    const { receivedBytes = 0, skippedBytes = 0 } = counters
    expect(receivedBytes - intactFrames * FRAME_BYTES - skippedBytes).toBeLessThan(FRAME_BYTES)
    expect(await sensor.sample()).toMatchObject({ faults: [null, null] })
  })

  test('says who it is and what it measures', async () => {
    const { opening } = await joined({})
    const sensor = bench.use(await opening)
    expect(sensor).toMatchObject({
      model: 'sds011',
      serial: 'a160',
      channels: [
        { quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 },
        { quantity: 'pm10', unit: 'ug/m3', exponent: -1 },
      ],
    })
    expect(await sensor.sample()).toEqual({ values: [expect.any(Number), expect.any(Number)], faults: [null, null] })
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test('gives the mean of the frames since the last sample, without the least and the greatest', async () => {
    const { sensor, hears } = await withFrames()
    await hears([9, 50, 60, 2_000].map(pm25 => sds011Measurement(pm25, pm25 * 2, ID)))
    expect(await sensor.sample()).toEqual({ values: [55, 110], faults: [null, null] })
    // Asked again before the next frame, the newest counts.
    expect((await sensor.sample()).values).toEqual([2_000, 4_000])
    await hears([sds011Measurement(7, 8, ID), sds011Measurement(9, 9, ID)])
    expect((await sensor.sample()).values).toEqual([8, 9])
  })

  test('is not believed while zeros tell that its fan is starting', async () => {
    const { sensor, hears, parts } = await withFrames()
    await hears([sds011Measurement(0, 0, ID)])
    expect(await sensor.sample()).toEqual({ values: [null, null], faults: ['warming_up', 'warming_up'] })
    expect(sensor.health()).toMatchObject({ state: 'warming_up', advice: expect.stringMatching(/fan .* is starting/) })
    for (let second = 0; second < 61; second++) {
      await parts.clock.advance(1_000)
      await hears([sds011Measurement(0, 0, ID)])
    }
    expect(sensor.health()).toMatchObject({
      state: 'faulty',
      advice: expect.stringMatching(/zero for more than a minute/),
    })
    await hears([sds011Measurement(0, 3, ID)])
    expect((await sensor.sample()).values).toEqual([0, 3])
    expect(sensor.health().state).toBe('ok')
  })

  test('with a dead fan is a fault and never a value', async () => {
    const { opening } = await joined({ misbehave: { fanDead: true } })
    const sensor = bench.use(await opening)
    await eventually('a measurement is read', () => sensor.health().state !== 'warming_up')
    expect(await sensor.sample()).toEqual({ values: [null, null], faults: ['fan_dead', 'fan_dead'] })
    expect(sensor.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(/its fan does not turn/) })
  })

  test('at the end of one range keeps the other value', async () => {
    const { sensor, hears } = await withFrames()
    await hears([sds011Measurement(500, 19_999, ID)])
    expect(await sensor.sample()).toEqual({ values: [500, null], faults: [null, 'out_of_range'] })
    expect(sensor.health().state).toBe('faulty')
  })

  test('whose frames are damaged on the way is read where they are not, and the line is blamed', async () => {
    const { opening, simulated } = await joined({ misbehave: { checksumErrors: 0.4 } })
    const sensor = bench.use(await opening)
    await eventually('500 frames are sent', () => simulated.counters.sentFrames >= 500)
    simulated.stop()
    const { intactFrames } = simulated.counters
    await eventually('all whole frames are read', () => sensor.health().counters.frames === intactFrames)
    expect(sensor.health().counters.badFrames).toBeGreaterThan(50)
    expect(sensor.health()).toMatchObject({
      state: 'faulty',
      advice: expect.stringMatching(/% of the bytes .* are lost or broken. Another program may be reading/),
    })
  })

  test('at a wrong speed is told apart from one that is silent', async () => {
    const { opening, parts, simulated } = await joined({ misbehave: { wrongBaud: true } })
    const refused = expect(opening).rejects.toMatchObject({
      info: { code: 'no_answer', timeoutMs: 15_000 },
      message: expect.stringMatching(/Bytes come on .*, but no frame of a SDS011.*another speed than 9600 baud/),
    })
    for (let second = 0; second < 15; second++) {
      const before = simulated.counters.sentFrames
      await eventually('more is sent', () => simulated.counters.sentFrames > before + 10)
      await parts.clock.advance(1_000)
    }
    await refused
    expect(simulated.counters.intactFrames).toBe(0)
  })

  test('that says nothing is reported with what to do', async () => {
    const { opening, parts } = await joined({ misbehave: { silent: true } })
    const refused = expect(opening).rejects.toThrow(
      /Nothing has come .* for 15 s. If its fan spins, its TX must go to .* RX/,
    )
    await parts.clock.advance(15_000)
    await refused
  })

  test('that sleeps is woken', async () => {
    const { opening, parts } = await joined({ asleep: true })
    await parts.clock.advance(10_000)
    const sensor = bench.use(await opening)
    expect(sensor.serial).toBe('a160')
    await eventually('it measures again', async () => (await sensor.sample()).faults[0] === null)
  })

  test('is told how often to work when its owner says so, and its long silences are no faults', async () => {
    const pty = await bench.pty()
    const simulated = bench.use(await simulateSds011(pty, simulatorParts('sds011'), { asleep: true }))
    const parts = bench.parts()
    const sensor = bench.use(await openSds011(parts, { driver: 'sds011', port: pty.path, workPeriodMin: 5 }))
    // Work, report by itself, every five minutes.
    await eventually('it has answered three commands', () => sensor.health().counters.frames === 3)
    expect(simulated.counters.sentFrames).toBe(3)
    expect(await sensor.sample()).toMatchObject({ faults: ['warming_up', 'warming_up'] })
    await hear(pty, sensor, [sds011Measurement(11, 22, ID)])
    await parts.clock.advance(4 * 60_000)
    expect(await sensor.sample()).toEqual({ values: [11, 22], faults: [null, null] })
    await parts.clock.advance(61_000)
    expect((await sensor.sample()).faults).toEqual([null, null])
    await parts.clock.advance(10_000)
    expect((await sensor.sample()).faults).toEqual(['stale', 'stale'])
  })

  test('in whose place another is plugged in lends it nothing of its name', async () => {
    const { sensor, hears } = await withFrames()
    await hears([sds011Measurement(77, 88, OTHER_ID), sds011Measurement(77, 88, OTHER_ID)])
    expect(await sensor.sample()).toEqual({ values: [null, null], faults: ['unplugged', 'unplugged'] })
    expect(sensor.health()).toMatchObject({
      state: 'unplugged',
      advice: expect.stringMatching(/Another SDS011 \(id 0b0c\) .* where a160 was/),
      counters: { otherSensorFrames: 2 },
    })
    await hears([sds011Measurement(5, 6, ID)])
    expect((await sensor.sample()).values).toEqual([5, 6])
  })

  test('is not renamed by one frame that passes its check by chance', async () => {
    const pty = await bench.pty()
    const opening = openSds011(bench.parts(), { driver: 'sds011', port: pty.path })
    await untilOpened(pty)
    const byChance = sds011Measurement(1, 2, OTHER_ID)
    const frame = sds011Measurement(50, 60, ID)
    pty.write(concatBytes(byChance, frame, frame))
    const sensor = bench.use(await opening)
    expect(sensor.serial).toBe('a160')
    await hear(pty, sensor, [byChance])
    expect(await sensor.sample()).toEqual({ values: [50, 60], faults: [null, null] })
    expect(sensor.health().state).toBe('ok')
  })

  test('on a port that does not exist cannot say who it is', async () => {
    const parts = bench.parts()
    await expect(openSds011(parts, { driver: 'sds011', port: '/dev/ttyNONE7' })).rejects.toMatchObject({
      info: { code: 'unreadable', path: '/dev/ttyNONE7' },
      message: expect.stringMatching(/no such port/),
    })
    expect(parts.clock.timers).toBe(0)
  })
})

async function hear(pty: Pty, sensor: Sensor, frames: readonly Uint8Array[]): Promise<void> {
  const wanted = (sensor.health().counters.frames ?? 0) + frames.length
  for (const frame of frames) pty.write(frame)
  await eventually('the frames are read', () => sensor.health().counters.frames === wanted)
}

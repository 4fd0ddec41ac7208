import { describe, expect, test } from 'vitest'
import { openPlantower } from '../../../hardware/drivers/plantower.ts'
import { PLANTOWER_LAYOUTS, plantowerAnswer, plantowerMeasurement } from '../../../hardware/drivers/plantower-frames.ts'
import type { PlantowerModel } from '../../../hardware/sensor-config.ts'
import { type SimulatedPlantowerOptions, simulatePlantower } from '../../../hardware/simulated/plantower.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts, untilOpened } from '../../support/serial-bench.ts'

const WARM_MS = 30_000
const STEP_MS = 5_000

describe.skipIf(!HAS_PTYS)('a Plantower sensor on a port', () => {
  const bench = serialBench()

  async function opened(model: PlantowerModel = 'pms5003') {
    const pty = await bench.pty()
    const parts = bench.parts()
    const sensor = bench.use(await openPlantower(parts, { driver: 'plantower', port: pty.path, model }))
    await untilOpened(pty)
    const frames = () => sensor.health().counters.frames ?? 0
    return {
      pty,
      parts,
      sensor,
      frames,
      simulate: async (options: SimulatedPlantowerOptions) =>
        bench.use(await simulatePlantower(pty, simulatorParts('plantower'), { intervalMs: 1, model, ...options })),
      hears: async (values: readonly number[], as: PlantowerModel = model) => {
        const before = frames()
        pty.write(plantowerMeasurement(values, PLANTOWER_LAYOUTS[as]))
        await eventually('the frame is read', () => frames() > before)
      },
    }
  }

  /** One that has run for long enough, without a silence. */
  async function warm(model: PlantowerModel = 'pms5003') {
    const it = await opened(model)
    for (let waitedMs = 0; waitedMs < WARM_MS; waitedMs += STEP_MS) {
      await it.hears([])
      await it.parts.clock.advance(STEP_MS)
    }
    return it
  }

  test.each(['pms3003', 'pms7003', 'pms5003st'] as const)(
    '(%s) is read to the last whole frame of 1 000, joined mid-frame with one byte in a hundred lost',
    async model => {
      const { sensor, frames, simulate } = await opened(model)
      const simulated = await simulate({ misbehave: { joinMidFrame: true, byteLoss: 0.01 } })
      await eventually('1 000 frames are sent', () => simulated.counters.sentFrames >= 1_000)
      simulated.stop()
      const { sentFrames, intactFrames } = simulated.counters
      await eventually('all whole frames are read', () => frames() >= intactFrames)
      expect(intactFrames).toBeLessThan(sentFrames * 0.85)
      expect(intactFrames).toBeGreaterThan(sentFrames * 0.55)
      const { counters } = sensor.health()
      const { frameBytes } = PLANTOWER_LAYOUTS[model]
      expect(counters).toMatchObject({ frames: intactFrames, otherModelFrames: 0 })
      // All other bytes are known for broken, but for those that could still begin a frame.
      const { receivedBytes = 0, skippedBytes = 0 } = counters
      expect(receivedBytes - intactFrames * frameBytes - skippedBytes).toBeLessThan(frameBytes)
    },
  )

  test('is not believed for its first 30 s', async () => {
    const { sensor, hears, parts } = await opened()
    expect((await sensor.sample()).faults[0]).toBe('no_answer')
    await hears([10, 20, 30, 40, 50])
    expect(await sensor.sample()).toEqual({ values: new Array(5).fill(null), faults: new Array(5).fill('warming_up') })
    expect(sensor.health().state).toBe('warming_up')
    await parts.clock.advance(9_000)
    await hears([10, 20, 30, 40, 50])
    await parts.clock.advance(9_000)
    await hears([10, 20, 30, 40, 50])
    await parts.clock.advance(9_000)
    await hears([90, 90, 90, 90, 90])
    await parts.clock.advance(3_000)
    await hears([50, 60, 70, 800, 900])
    // What it said while it was starting is no part of the mean.
    expect(await sensor.sample()).toEqual({ values: [50, 60, 70, 800, 900], faults: new Array(5).fill(null) })
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test('starts anew after a silence, since it may have been without power', async () => {
    const { sensor, hears, parts } = await warm()
    await hears([50, 60, 70, 800, 900])
    expect((await sensor.sample()).faults[0]).toBeNull()
    await parts.clock.advance(25_000)
    expect((await sensor.sample()).faults[0]).toBe('stale')
    await hears([50, 60, 70, 800, 900])
    expect((await sensor.sample()).faults[0]).toBe('warming_up')
  })

  const masses = ['pm1', 'pm2.5', 'pm10']
  const particles = [...masses, 'particles-0.3', 'particles-0.5']
  test.each([
    ['pms3003', [120, 250, 400], masses],
    ['pms5003', [120, 250, 400, 4_500, 1_300], particles],
    ['pms5003s', [0, 10, 20, 300, 100, 35], [...particles, 'formaldehyde']],
    ['pms5003t', [0, 10, 20, 300, 100, -1_230, 8_810], [...particles, 'temperature', 'humidity']],
    ['pms5003st', [0, 10, 20, 300, 100, 35, 2_150, 4_820], [...particles, 'formaldehyde', 'temperature', 'humidity']],
  ] as const)('(%s) gives what the model measures', async (model, values, quantities) => {
    const { sensor, hears } = await warm(model)
    await hears(values)
    expect(sensor).toMatchObject({ model: 'plantower', serial: null })
    expect(sensor.channels.map(({ quantity }) => quantity)).toEqual(quantities)
    expect(await sensor.sample()).toEqual({ values, faults: values.map(() => null) })
  })

  test('of another model than its owner wrote is not misread', async () => {
    const { sensor, hears } = await opened('pms5003')
    await hears([0, 10, 20, 300, 100, 35, 2_150, 4_820], 'pms5003st')
    expect((await sensor.sample()).faults).toEqual(new Array(5).fill('bad_frames'))
    expect(sensor.health()).toMatchObject({
      state: 'faulty',
      advice: expect.stringMatching(/frames of 40 bytes, which a pms5003 does not. Set 'model' .*: pms5003st\./),
      counters: { otherModelFrames: 1 },
    })
  })

  test('that only answers is told to speak by itself', async () => {
    const { pty, parts, sensor, frames, simulate } = await opened()
    await simulate({ passive: true })
    await parts.clock.advance(10_000)
    await eventually('it speaks', () => frames() > 10)
    expect(await pty.baudRate()).toBe(9_600)
    expect(sensor.health().counters.otherModelFrames).toBe(0)
  })

  test('whose answers to commands come between measurements is not disturbed', async () => {
    const { pty, sensor, hears, frames } = await warm()
    const before = frames()
    pty.write(plantowerAnswer(0xe1, 1))
    await eventually('the answer is read', () => frames() > before)
    await hears([50, 60, 70, 800, 900])
    expect((await sensor.sample()).values).toEqual([50, 60, 70, 800, 900])
  })

  test('that counts not one particle for minutes gets no air', async () => {
    const { sensor, hears, parts } = await warm()
    for (let waited = 0; waited <= 300; waited += 5) {
      await hears([0, 0, 0, 0, 0])
      await parts.clock.advance(5_000)
    }
    await hears([0, 0, 0, 0, 0])
    expect(sensor.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(/not one particle .* fan/) })
    await hears([0, 0, 0, 40, 2])
    expect(sensor.health().state).toBe('ok')
  })

  test('that says nothing is reported with what to do', async () => {
    const { parts, sensor, simulate } = await opened()
    await simulate({ misbehave: { silent: true } })
    await parts.clock.advance(12_000)
    expect((await sensor.sample()).faults[0]).toBe('no_answer')
    expect(sensor.health()).toMatchObject({
      state: 'silent',
      advice: expect.stringMatching(/Nothing has come from the PMS5003 .* for 12 s\. If its fan spins/),
    })
  })
})

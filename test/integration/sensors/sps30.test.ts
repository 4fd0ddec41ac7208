import { describe, expect, test } from 'vitest'
import { openSps30, SPS30_CLEANING_MS, SPS30_TIMEOUT_MS, SPS30_WARM_UP_MS } from '../../../hardware/drivers/sps30.ts'
import { SPS30_COMMAND, SPS30_STATUS, type Sps30Measurement } from '../../../hardware/drivers/sps30-frames.ts'
import { decodeShdlc } from '../../../hardware/serial/shdlc.ts'
import { type SimulatedSps30Options, simulateSps30 } from '../../../hardware/simulated/sps30.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts } from '../../support/serial-bench.ts'
import { adviceOf, value, watchExchanges } from './asked-bench.ts'

const AIR: Sps30Measurement = {
  pm1: 7.21,
  pm2_5: 12.34,
  pm4: 15.06,
  pm10: 18.94,
  count0_5: 50,
  count1: 60,
  count2_5: 61,
  count4: 62,
  count10: 63,
  typicalSizeUm: 0.547,
}
/** In resolutions of the channels. */
const AIR_SCALED = [72, 123, 151, 189, 55]

describe.skipIf(!HAS_PTYS)('an SPS30 on a port', () => {
  const bench = serialBench()

  async function started(options: SimulatedSps30Options = {}) {
    const pty = await bench.pty()
    const link = bench.link()
    link.pointTo(pty)
    const parts = bench.parts()
    const exchanges = watchExchanges(SPS30_TIMEOUT_MS)
    const simulate = async (on = pty, more: SimulatedSps30Options = {}) =>
      bench.use(
        await simulateSps30(on, simulatorParts('sps30'), {
          intervalMs: 0,
          measure: () => AIR,
          ...options,
          ...more,
          onExchange: exchange => {
            // Woken before a question is repeated, it answers that too, and nobody waits for it.
            if (decodeShdlc(exchange.question).command === SPS30_COMMAND.wake) return
            options.onExchange?.(exchange)
            exchanges.onExchange(exchange)
          },
        }),
      )
    const simulated = await simulate()
    const opening = openSps30(parts, { driver: 'sps30', port: link.path })
    return { pty, link, parts, simulated, simulate, exchanges, opening }
  }

  async function opened(options: SimulatedSps30Options = {}) {
    const it = await started(options)
    const sensor = bench.use(await it.exchanges.settle(it.parts.clock, it.opening))
    return { ...it, sensor, sample: () => it.exchanges.settle(it.parts.clock, sensor.sample()) }
  }

  test('is started, settles, and gives what it measures', async () => {
    const { pty, sensor, sample, parts, simulated } = await opened({ serial: 'B0C4D1' })
    expect(await pty.baudRate()).toBe(115_200)
    expect(sensor).toMatchObject({ model: 'sps30', serial: 'B0C4D1' })
    expect(sensor.channels.map(({ quantity }) => quantity)).toEqual(['pm1', 'pm2.5', 'pm4', 'pm10', 'particle-size'])
    expect(simulated.state).toBe('idle')
    expect((await sample()).faults).toEqual(new Array(5).fill('warming_up'))
    expect(simulated.state).toBe('measuring')
    expect(sensor.health()).toMatchObject({ state: 'warming_up', advice: expect.stringMatching(/half a minute/) })
    await parts.clock.advance(SPS30_WARM_UP_MS)
    expect(await sample()).toEqual({ values: AIR_SCALED, faults: new Array(5).fill(null) })
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test('that measures already is believed at once', async () => {
    const { sample } = await opened({ state: 'measuring' })
    expect((await sample()).values).toEqual(AIR_SCALED)
  })

  test('that sleeps is woken', async () => {
    const pty = await bench.pty()
    const parts = bench.parts()
    const exchanges = watchExchanges(SPS30_TIMEOUT_MS)
    const simulated = bench.use(
      await simulateSps30(pty, simulatorParts('asleep'), { state: 'asleep', onExchange: exchanges.onExchange }),
    )
    const opening = openSps30(parts, { driver: 'sps30', port: pty.path })
    await eventually('it was asked in vain', () => parts.clock.timers === 1)
    await parts.clock.advance(400)
    bench.use(await exchanges.settle(parts.clock, opening))
    expect(simulated.state).toBe('idle')
  })

  test('is read at each whole answer of 1 000, joined mid-frame with one byte in a hundred lost either way', async () => {
    let tenths = 0
    const { sensor, sample, exchanges } = await opened({
      state: 'measuring',
      misbehave: { joinMidFrame: true, byteLoss: 0.01 },
      measure: () => ({ ...AIR, pm2_5: ++tenths / 10 }),
    })
    while (typeof value(await sample(), 1) !== 'number');
    while (exchanges.count < 1_000) {
      const [intactBefore, tenthsBefore] = [exchanges.intactCount, tenths]
      const got = value(await sample(), 1)
      // An answer that has lost only a delimiter is as good as whole when the next one's closes it, be that of the next question.
      if (exchanges.intactCount > intactBefore) expect(got).toBeTypeOf('number')
      if (typeof got === 'number') expect(got).toSatisfy((value: number) => value > tenthsBefore - 3 && value <= tenths)
      else expect(got).toMatch(/^(no_answer|bad_frames)$/)
    }
    const { questions, answers } = sensor.health().counters
    expect(questions).toBe(exchanges.count)
    expect(answers).toSatisfy((count: number) => count >= exchanges.intactCount && count < exchanges.intactCount + 20)
    expect(exchanges.intactCount).toBeLessThan(exchanges.count * 0.7)
    expect(exchanges.intactCount).toBeGreaterThan(exchanges.count * 0.4)
  })

  test('without a new measurement gives the last, for some seconds', async () => {
    const { sample, parts, sensor } = await opened({ state: 'measuring', intervalMs: 3_600_000 })
    expect((await sample()).values).toEqual(AIR_SCALED)
    expect((await sample()).values).toEqual(AIR_SCALED)
    await parts.clock.advance(5_001)
    expect((await sample()).faults).toEqual(new Array(5).fill('stale'))
    expect(adviceOf(sensor)).toMatch(/nothing new for some seconds/)
  })

  test('that lost its power for a moment is started again', async () => {
    const { sample, parts, simulated } = await opened({ state: 'measuring' })
    await sample()
    simulated.restart()
    expect((await sample()).faults[0]).toBe('warming_up')
    expect(simulated.state).toBe('measuring')
    await parts.clock.advance(SPS30_WARM_UP_MS)
    expect((await sample()).values).toEqual(AIR_SCALED)
  })

  test('with a dead fan is a fault and never a value', async () => {
    const { sample, sensor } = await opened({ state: 'measuring', misbehave: { fanDead: true } })
    expect(await sample()).toEqual({ values: new Array(5).fill(null), faults: new Array(5).fill('fan_dead') })
    expect(sensor.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(/fan .* stands still/) })
  })

  test('whose laser is worn out gives no values', async () => {
    const { sample, sensor } = await opened({ state: 'measuring', status: () => SPS30_STATUS.laserCurrent })
    expect((await sample()).faults[0]).toBe('unknown')
    expect(adviceOf(sensor)).toMatch(/laser/)
  })

  test('whose fan is unsteady gives values and a warning', async () => {
    const { sample, sensor } = await opened({ state: 'measuring', status: () => SPS30_STATUS.fanSpeed })
    expect((await sample()).values).toEqual(AIR_SCALED)
    expect(sensor.health()).toMatchObject({
      state: 'faulty',
      advice: expect.stringMatching(/10 % too fast or too slow/),
    })
  })

  test('that says what is no number says nothing', async () => {
    const { sample } = await opened({
      state: 'measuring',
      measure: () => ({ ...AIR, pm1: Number.NaN, pm4: -1, pm10: Number.POSITIVE_INFINITY }),
    })
    expect(await sample()).toEqual({
      values: [null, 123, null, null, 55],
      faults: ['out_of_range', null, 'out_of_range', 'out_of_range', null],
    })
  })

  test('cleans its fan on request and is not believed meanwhile', async () => {
    const { sample, sensor, simulated, parts, exchanges } = await opened({ state: 'measuring' })
    await sample()
    await exchanges.settle(parts.clock, sensor.cleanFan())
    expect(simulated.cleanings).toBe(1)
    expect((await sample()).faults[0]).toBe('warming_up')
    await parts.clock.advance(SPS30_CLEANING_MS)
    expect((await sample()).values).toEqual(AIR_SCALED)
  })

  test('that does not measure refuses to clean its fan', async () => {
    const { sensor, parts, exchanges } = await opened()
    await expect(exchanges.settle(parts.clock, sensor.cleanFan())).rejects.toMatchObject({
      info: { code: 'bad_value', value: '67' },
      message: expect.stringMatching(/only while it measures/),
    })
  })

  test('that is unplugged and comes back on another port measures again, but another one does not', async () => {
    const { pty, link, parts, sensor, sample, simulate, simulated } = await opened({ state: 'measuring' })
    await sample()
    pty.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    expect((await sensor.sample()).faults).toEqual(new Array(5).fill('unplugged'))

    const second = await bench.pty()
    await simulate(second, { state: 'idle' })
    link.pointTo(second)
    await parts.clock.advance(10_000)
    await eventually('the port is open again', () => sensor.health().counters.opens === 2)
    expect((await sample()).faults[0]).toBe('warming_up')
    await parts.clock.advance(SPS30_WARM_UP_MS)
    expect((await sample()).values).toEqual(AIR_SCALED)

    second.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    const third = await bench.pty()
    await simulate(third, { serial: 'OTHER1' })
    link.pointTo(third)
    await parts.clock.advance(10_000)
    await eventually('the port is open again', () => sensor.health().counters.opens === 3)
    expect((await sample()).faults[0]).toBe('unplugged')
    expect(adviceOf(sensor)).toMatch(/Another SPS30 \(OTHER1\)/)
    expect(simulated.state).toBe('measuring')
  })

  test('that says nothing is reported with what to do', async () => {
    const { opening, exchanges, parts } = await started({ misbehave: { silent: true } })
    await expect(exchanges.settle(parts.clock, opening)).rejects.toMatchObject({
      info: { code: 'no_answer' },
      message: expect.stringMatching(/pin 4 \(SEL\) must be left open/),
    })
  })
})

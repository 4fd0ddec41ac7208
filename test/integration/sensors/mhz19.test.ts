import { describe, expect, test } from 'vitest'
import { MHZ19_TIMEOUT_MS, MHZ19_WARM_UP_MS, openMhz19 } from '../../../hardware/drivers/mhz19.ts'
import { type SimulatedMhz19Options, simulateMhz19 } from '../../../hardware/simulated/mhz19.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts } from '../../support/serial-bench.ts'
import { adviceOf, giveUp, giveUpOnBytes, value, watchExchanges } from './asked-bench.ts'

describe.skipIf(!HAS_PTYS)('an MH-Z19 on a port', () => {
  const bench = serialBench()

  async function opened(options: SimulatedMhz19Options & { readonly selfCalibration?: boolean } = {}) {
    const { selfCalibration, ...simulatorOptions } = options
    const pty = await bench.pty()
    const link = bench.link()
    link.pointTo(pty)
    const parts = bench.parts()
    const exchanges = watchExchanges(MHZ19_TIMEOUT_MS)
    let expectedPpm: number | null = null
    let ppm = 400
    // The simulator lives on the driver's time, so that it is cold when the driver holds back.
    const simulate = async (on = pty, seed = 'mhz19') =>
      bench.use(
        await simulateMhz19(
          on,
          { ...simulatorParts(seed), clock: parts.clock },
          {
            co2Ppm: () => ++ppm,
            ...simulatorOptions,
            onExchange: exchange => {
              if (exchange.intact) expectedPpm = ppm
              exchanges.onExchange(exchange)
            },
          },
        ),
      )
    const simulated = await simulate()
    const config = {
      driver: 'mhz19',
      port: link.path,
      ...(selfCalibration === undefined ? {} : { selfCalibration }),
    } as const
    const sensor = bench.use(await openMhz19(parts, config))
    const sample = () => exchanges.settle(parts.clock, sensor.sample())
    return {
      pty,
      link,
      parts,
      sensor,
      simulated,
      simulate,
      exchanges,
      sample,
      expected: () => expectedPpm,
      async warm() {
        while (value(await sample()) !== 'warming_up');
        await parts.clock.advance(MHZ19_WARM_UP_MS)
      },
    }
  }

  test('is held back while it makes its number up, then gives what it measures', async () => {
    const { sensor, sample, parts, expected } = await opened()
    expect(sensor).toMatchObject({
      model: 'mhz19',
      serial: null,
      channels: [{ quantity: 'co2', unit: 'ppm', exponent: 0 }],
    })
    expect(sensor.health()).toMatchObject({ state: 'warming_up', advice: expect.stringMatching(/not been asked yet/) })
    expect(await sample()).toEqual({ values: [null], faults: ['warming_up'] })
    expect(sensor.health()).toMatchObject({ state: 'warming_up', advice: expect.stringMatching(/three minutes/) })
    await parts.clock.advance(MHZ19_WARM_UP_MS - 1_000)
    expect(value(await sample())).toBe('warming_up')
    await parts.clock.advance(1_000)
    expect(value(await sample())).toBe(401)
    expect(expected()).toBe(401)
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test('is read at each whole answer of 1 000, joined mid-frame with one byte in a hundred lost either way', async () => {
    const { sensor, sample, expected, warm, exchanges } = await opened({
      misbehave: { joinMidFrame: true, byteLoss: 0.01 },
    })
    await warm()
    while (exchanges.count < 1_000) {
      const before = exchanges.intactCount
      const got = value(await sample())
      expect(got).toEqual(
        exchanges.intactCount > before ? expected() : expect.stringMatching(/^(no_answer|bad_frames)$/),
      )
    }
    expect(sensor.health().counters).toMatchObject({ questions: exchanges.count, answers: exchanges.intactCount })
    expect(exchanges.intactCount).toBeLessThan(exchanges.count * 0.92)
    expect(exchanges.intactCount).toBeGreaterThan(exchanges.count * 0.72)
  })

  test.each([
    ['damaged', { checksumErrors: 1 }],
    ['cut off half way', { halfAnswers: 1 }],
  ])('whose answers are %s is never believed', async (_, misbehave) => {
    const { sensor, parts } = await opened({ misbehave })
    const look = await giveUpOnBytes(parts.clock, sensor, sensor.sample())
    expect(look).toEqual({ values: [null], faults: ['bad_frames'] })
    expect(sensor.health()).toMatchObject({
      state: 'faulty',
      advice: expect.stringMatching(/no whole answer of the MH-Z19. Another program .* cable .* power/),
      counters: { questions: 2, brokenAnswers: 2, answers: 0 },
    })
  })

  test('that says nothing is reported with what to do', async () => {
    const { sensor, sample } = await opened({ misbehave: { silent: true } })
    expect(await sample()).toEqual({ values: [null], faults: ['no_answer'] })
    expect(sensor.health()).toMatchObject({ state: 'silent', counters: { silences: 2 } })
    expect(adviceOf(sensor)).toMatch(/does not answer. Its Tx must go to the port's RX and its Rx to TX.*4.5 to 5.5 V/)
  })

  test('at another speed is not understood', async () => {
    const { sensor, parts } = await opened({ misbehave: { wrongBaud: true } })
    expect(value(await giveUp(parts.clock, sensor.sample()))).toBe('no_answer')
  })

  test('with a number beyond any range is a fault', async () => {
    const { sensor, sample, warm } = await opened({ co2Ppm: () => 15_000 })
    await warm()
    expect(await sample()).toEqual({ values: [null], faults: ['out_of_range'] })
    expect(sensor.health().state).toBe('faulty')
  })

  test.each([true, false])('is told once whether to calibrate itself: %s', async selfCalibration => {
    const { sample, simulated, exchanges } = await opened({ selfCalibration })
    await sample()
    await eventually('it was told', () => exchanges.count === 2)
    expect(simulated.selfCalibration).toBe(selfCalibration)
    await sample()
    expect(exchanges).toMatchObject({ count: 3, intactCount: 2 })
  })

  test('is left as it is when its owner says nothing of calibration', async () => {
    const { sample, simulated, exchanges } = await opened()
    await sample()
    await sample()
    expect(simulated.selfCalibration).toBeNull()
    expect(exchanges.count).toBe(2)
  })

  test('that is unplugged and comes back on another port warms up again', async () => {
    const { pty, link, parts, sensor, sample, simulate, warm, expected } = await opened()
    await warm()
    expect(value(await sample())).toBe(expected())
    pty.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    expect(await sensor.sample()).toEqual({ values: [null], faults: ['unplugged'] })
    expect(adviceOf(sensor)).toMatch(/is gone: the sensor or its adapter was unplugged/)

    const next = await bench.pty()
    await simulate(next, 'next')
    link.pointTo(next)
    await parts.clock.advance(10_000)
    await eventually('the port is open again', () => sensor.health().counters.opens === 2)
    expect(adviceOf(sensor)).toMatch(/is back; the MH-Z19 has not been asked since/)
    expect(value(await sample())).toBe('warming_up')
    await parts.clock.advance(MHZ19_WARM_UP_MS)
    expect(value(await sample())).toBe(expected())
    expect(sensor.health().state).toBe('ok')
  })

  test('that is unplugged while it is asked is no reason to wait', async () => {
    const { pty, sensor } = await opened({ misbehave: { silent: true } })
    const sampling = sensor.sample()
    await eventually('it was asked', () => sensor.health().counters.questions === 1)
    pty.unplug()
    expect(await sampling).toEqual({ values: [null], faults: ['unplugged'] })
  })

  test('that is not there yet is used when it comes', async () => {
    const link = bench.link()
    const parts = bench.parts()
    const sensor = bench.use(await openMhz19(parts, { driver: 'mhz19', port: link.path }))
    expect(await sensor.sample()).toEqual({ values: [null], faults: ['unplugged'] })
    expect(sensor.health()).toMatchObject({
      state: 'unplugged',
      advice: expect.stringMatching(/there is no such port/),
    })
    const pty = await bench.pty()
    const exchanges = watchExchanges(MHZ19_TIMEOUT_MS)
    bench.use(await simulateMhz19(pty, simulatorParts('late'), { onExchange: exchanges.onExchange }))
    link.pointTo(pty)
    await parts.clock.advance(10_000)
    await eventually('the port is open', () => sensor.health().counters.opens === 1)
    expect(value(await exchanges.settle(parts.clock, sensor.sample()))).toBe('warming_up')
  })

  test('asked by many at once is asked once', async () => {
    const { sensor, parts, exchanges } = await opened()
    const looks = await exchanges.settle(parts.clock, Promise.all([sensor.sample(), sensor.sample(), sensor.sample()]))
    expect(looks.map(look => value(look))).toEqual(['warming_up', 'warming_up', 'warming_up'])
    expect(exchanges.count).toBe(1)
  })
})

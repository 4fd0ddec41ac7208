import { describe, expect, test } from 'vitest'
import { openSenseairS8, S8_TIMEOUT_MS } from '../../../hardware/drivers/senseair-s8.ts'
import { S8_STATUS } from '../../../hardware/drivers/senseair-s8-frames.ts'
import { type SimulatedS8Options, simulateS8 } from '../../../hardware/simulated/senseair-s8.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts } from '../../support/serial-bench.ts'
import { adviceOf, value, watchExchanges } from './asked-bench.ts'

interface Options extends SimulatedS8Options {
  readonly selfCalibration?: boolean
}

describe.skipIf(!HAS_PTYS)('a SenseAir S8 on a port', () => {
  const bench = serialBench()

  async function started({ selfCalibration, ...simulatorOptions }: Options = {}) {
    const pty = await bench.pty()
    const link = bench.link()
    link.pointTo(pty)
    const parts = bench.parts()
    const exchanges = watchExchanges(S8_TIMEOUT_MS)
    let expectedPpm: number | null = null
    let ppm = 400
    const simulate = async (on = pty, more: SimulatedS8Options = {}) =>
      bench.use(
        await simulateS8(on, simulatorParts('s8'), {
          co2Ppm: () => ++ppm,
          ...simulatorOptions,
          ...more,
          onExchange: exchange => {
            if (exchange.intact) expectedPpm = ppm
            exchanges.onExchange(exchange)
          },
        }),
      )
    const simulated = await simulate()
    const calibration = selfCalibration === undefined ? {} : { selfCalibration }
    const opening = openSenseairS8(parts, { driver: 'senseair-s8', port: link.path, ...calibration })
    return { pty, link, parts, simulated, simulate, exchanges, opening, expected: () => expectedPpm }
  }

  async function opened(options: Options = {}) {
    const it = await started(options)
    // One that sleeps does not hear the first question, so that nothing tells how long it was waited for.
    const unheardMs = options.sleepy === true ? Number.POSITIVE_INFINITY : undefined
    const settle = <T>(promise: Promise<T>) => it.exchanges.settle(it.parts.clock, promise, unheardMs)
    const sensor = bench.use(await settle(it.opening))
    return { ...it, sensor, sample: () => settle(sensor.sample()) }
  }

  test('says who it is and what it measures', async () => {
    const { sensor, sample, expected } = await opened({ id: 0x0004_d2ff })
    expect(sensor).toMatchObject({
      model: 'senseair-s8',
      serial: '0004d2ff',
      channels: [{ quantity: 'co2', unit: 'ppm', exponent: 0 }],
    })
    expect(await sample()).toEqual({ values: [401], faults: [null] })
    expect(expected()).toBe(401)
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test('without a number is a sensor all the same', async () => {
    const { sensor, sample } = await opened({ id: 0 })
    expect(sensor.serial).toBeNull()
    expect(value(await sample())).toBe(401)
  })

  test('is read at each whole answer of 1 000, joined mid-frame with one byte in a hundred lost either way', async () => {
    const { sensor, sample, expected, exchanges } = await opened({ misbehave: { joinMidFrame: true, byteLoss: 0.01 } })
    while (exchanges.count < 1_000) {
      const before = exchanges.intactCount
      const got = value(await sample())
      if (exchanges.intactCount > before) expect(got).toBe(expected())
      else expect(got).toMatch(/^(no_answer|bad_frames)$/)
    }
    expect(sensor.health().counters).toMatchObject({ questions: exchanges.count, answers: exchanges.intactCount })
    expect(exchanges.intactCount).toBeLessThan(exchanges.count * 0.88)
    expect(exchanges.intactCount).toBeGreaterThan(exchanges.count * 0.7)
  })

  test.each([
    ['fatalError', 'unknown', /fault of its own \(status 0x01\)/],
    ['algorithmError', 'unknown', /fault of its own/],
    ['selfDiagnosticsError', 'unknown', /fault of its own/],
    ['memoryError', 'unknown', /fault of its own/],
    ['offsetRegulationError', 'unknown', /has not seen fresh air. Put it outdoors/],
    ['outOfRange', 'out_of_range', /outside its range \(status 0x20\)/],
  ] as const)('that reports %s gives no value', async (bit, fault, advice) => {
    const { sensor, sample } = await opened({ status: () => S8_STATUS[bit] })
    expect(await sample()).toEqual({ values: [null], faults: [fault] })
    expect(sensor.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(advice) })
  })

  test('whose alarm output is broken measures all the same', async () => {
    const { sample } = await opened({ status: () => S8_STATUS.outputError })
    expect(value(await sample())).toBe(401)
  })

  test.each([0, -3, 12_000])('that says %i ppm is not believed', async ppm => {
    const { sample } = await opened({ co2Ppm: () => ppm })
    expect(value(await sample())).toBe('out_of_range')
  })

  test('that sleeps between questions is woken', async () => {
    const { sensor, sample, expected, exchanges } = await opened({ sleepy: true })
    expect(value(await sample())).toBe(expected())
    expect(sensor.health().counters).toMatchObject({ answers: exchanges.intactCount, silences: exchanges.intactCount })
  })

  test.each([
    [true, 180, 0],
    [false, 0, 1],
  ])('with selfCalibration %s gets a period of %i h in %i writes', async (selfCalibration, hours, writes) => {
    const { sample, simulated, pty, link, parts, sensor, simulate } = await opened({ selfCalibration })
    await sample()
    await sample()
    expect(simulated).toMatchObject({ selfCalibrationHours: hours, writes })
    // It keeps the setting without power, and is not told again.
    pty.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    const next = await bench.pty()
    const again = await simulate(next)
    link.pointTo(next)
    await parts.clock.advance(10_000)
    await eventually('the port is open again', () => sensor.health().counters.opens === 2)
    expect(typeof value(await sample())).toBe('number')
    expect(again.writes).toBe(0)
  })

  test('in whose place another is plugged in lends it nothing of its name', async () => {
    const { pty, link, parts, sensor, sample, simulate } = await opened({ id: 0x11 })
    await sample()
    pty.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    const next = await bench.pty()
    await simulate(next, { id: 0x22 })
    link.pointTo(next)
    await parts.clock.advance(10_000)
    await eventually('the port is open again', () => sensor.health().counters.opens === 2)
    expect(await sample()).toEqual({ values: [null], faults: ['unplugged'] })
    expect(sensor.health().state).toBe('unplugged')
    expect(adviceOf(sensor)).toMatch(/Another SenseAir S8 \(00000022\) .* where 00000011 was/)
  })

  test('that says nothing cannot say who it is', async () => {
    const { opening, exchanges, parts } = await started({ misbehave: { silent: true } })
    await expect(exchanges.settle(parts.clock, opening)).rejects.toMatchObject({
      info: { code: 'no_answer', timeoutMs: 3_000 },
      message: expect.stringMatching(/SenseAir S8 .* does not answer. Its UART_TxD must go to the port's RX/),
    })
    expect(exchanges.count).toBe(6)
  })

  test('on a port that does not exist cannot say who it is', async () => {
    const parts = bench.parts()
    const opening = openSenseairS8(parts, { driver: 'senseair-s8', port: '/dev/ttyNONE7' })
    await expect(opening).rejects.toMatchObject({ info: { code: 'unreadable', path: '/dev/ttyNONE7' } })
    expect(parts.clock.timers).toBe(0)
  })
})

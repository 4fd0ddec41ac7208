import { describe, expect, test } from 'vitest'
import { openModbus } from '../../../hardware/drivers/modbus.ts'
import { MODBUS_TIMEOUT_MS } from '../../../hardware/drivers/modbus-bus.ts'
import type { ModbusConfig } from '../../../hardware/sensor-config.ts'
import { type SimulatedModbusOptions, simulateModbus } from '../../../hardware/simulated/modbus.ts'
import { ConfigError } from '../../../protocol/index.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts } from '../../support/serial-bench.ts'
import { adviceOf, giveUp, value, watchExchanges } from './asked-bench.ts'

const HOUSEHOLD = {
  voltage: 231.37,
  current: 1.5204,
  power: 338.6,
  'power-factor': 0.96,
  frequency: 49.98,
  'energy-import': 1_204.5,
  'energy-export': 3.25,
  'energy-total': 1_207.75,
}
/** In resolutions of the channels. */
const HOUSEHOLD_SCALED = [23_137, 1_520, 3_386, 96, 4_998, 120_450, 325, 120_775]

describe.skipIf(!HAS_PTYS)('Modbus meters on a port', () => {
  const bench = serialBench()

  async function line(options: SimulatedModbusOptions = {}) {
    const pty = await bench.pty()
    const link = bench.link()
    link.pointTo(pty)
    const parts = bench.parts()
    const exchanges = watchExchanges(MODBUS_TIMEOUT_MS)
    const simulate = async (on = pty, more: SimulatedModbusOptions = {}) =>
      bench.use(
        await simulateModbus(on, simulatorParts('modbus'), {
          ...options,
          ...more,
          onExchange: exchange => {
            options.onExchange?.(exchange)
            exchanges.onExchange(exchange)
          },
        }),
      )
    await simulate()
    const opening = (config: Omit<ModbusConfig, 'driver' | 'port'>) =>
      openModbus(parts, { driver: 'modbus', port: link.path, ...config })
    const settle = <T>(promise: Promise<T>) => exchanges.settle(parts.clock, promise)
    return {
      pty,
      link,
      parts,
      exchanges,
      simulate,
      opening,
      settle,
      open: async (config: Omit<ModbusConfig, 'driver' | 'port'>) => {
        const sensor = bench.use(await settle(opening(config)))
        return { sensor, sample: () => settle(sensor.sample()) }
      },
    }
  }

  test.each(['sdm120', 'sdm230', 'sdm630'] as const)('(%s) say who they are and what they measure', async meter => {
    const { open } = await line({ units: [{ unit: 1, meter, serial: 19_004_711, values: () => HOUSEHOLD }] })
    const { sensor, sample } = await open({ meter })
    expect(sensor).toMatchObject({ model: meter, serial: '19004711' })
    expect(sensor.channels.map(({ quantity }) => quantity)).toEqual(Object.keys(HOUSEHOLD))
    expect(await sample()).toEqual({ values: HOUSEHOLD_SCALED, faults: new Array(8).fill(null) })
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test('(pzem-004t) give whole numbers, low word first', async () => {
    const values = () => ({ ...HOUSEHOLD, current: 70.001, power: 16_777.2, 'energy-import': 9_999.99 })
    const { open } = await line({ units: [{ unit: 9, meter: 'pzem-004t', values }] })
    const { sensor, sample } = await open({ meter: 'pzem-004t', unit: 9 })
    expect(sensor).toMatchObject({ model: 'pzem-004t', serial: null })
    expect(sensor.channels.map(({ quantity }) => quantity)).toEqual([
      'voltage',
      'current',
      'power',
      'energy-import',
      'frequency',
      'power-factor',
    ])
    expect((await sample()).values).toEqual([23_140, 70_001, 167_772, 999_999, 5_000, 96])
  })

  test('described by their owner are read as described', async () => {
    const { open, exchanges } = await line({ units: [{ unit: 3, meter: 'sdm120', values: () => HOUSEHOLD }] })
    const { sensor, sample } = await open({
      unit: 3,
      registers: [
        { quantity: 'power', address: 0x0c, type: 'f32', table: 'input', scale: -1 },
        { quantity: 'voltage', address: 0, type: 'f32', table: 'input', scale: 0.5 },
        { quantity: 'count', address: 0, type: 'u16', table: 'input', scale: 1 },
      ],
    })
    expect(sensor.model).toBe('modbus')
    expect((await sample()).values).toEqual([-3_386, 11_568, 0x4367])
    // One question for the registers that overlap, one for those apart.
    expect(exchanges.count).toBe(2)
  })

  test('are read at each whole answer of 1 000, joined mid-frame with one byte in a hundred lost either way', async () => {
    let watts = 0
    let expected: number | null = null
    const { open, exchanges } = await line({
      units: [{ unit: 1, meter: 'pzem-004t', values: () => ({ power: ++watts }) }],
      misbehave: { joinMidFrame: true, byteLoss: 0.01 },
      onExchange: ({ intact }) => {
        if (intact) expected = watts * 10
      },
    })
    const { sensor, sample } = await open({ meter: 'pzem-004t' })
    while (exchanges.count < 1_000) {
      const before = exchanges.intactCount
      const got = value(await sample(), 2)
      if (exchanges.intactCount > before) expect(got).toBe(expected)
      else expect(got).toMatch(/^(no_answer|bad_frames)$/)
    }
    expect(sensor.health().counters).toMatchObject({ questions: exchanges.count, answers: exchanges.intactCount })
    expect(exchanges.intactCount).toBeLessThan(exchanges.count * 0.82)
    expect(exchanges.intactCount).toBeGreaterThan(exchanges.count * 0.6)
  })

  test('share one port and take turns', async () => {
    const units = [11, 12, 13].map(unit => ({
      unit,
      meter: 'sdm120' as const,
      serial: unit,
      values: () => ({ power: unit * 100 }),
    }))
    const { open, settle, parts, link } = await line({ units })
    const meters = []
    for (const { unit } of units) meters.push(await open({ meter: 'sdm120', unit }))
    for (let round = 0; round < 20; round++) {
      const looks = await settle(Promise.all(meters.map(({ sensor }) => sensor.sample())))
      expect(looks.map(look => value(look, 2))).toEqual([11_000, 12_000, 13_000])
    }
    expect(meters.map(({ sensor }) => sensor.serial)).toEqual(['11', '12', '13'])
    expect(meters[2]?.sensor.health().counters.opens).toBe(1)

    // The port stays as long as one of them is in use.
    const [first, second, third] = meters
    await first?.sensor.close()
    await first?.sensor.close()
    await second?.sensor.close()
    expect(await third?.sample().then(look => value(look, 2))).toBe(13_000)
    await expect(parts.openPort(link.path, { baudRate: 9_600 })).rejects.toThrow(/another program is using it/)
    await third?.sensor.close()
    const port = await parts.openPort(link.path, { baudRate: 9_600 })
    await port.close()
  })

  test('are given the rest between questions that the standard asks for', async () => {
    const { open, parts, settle } = await line({ units: [{ unit: 1, meter: 'pzem-004t', values: () => HOUSEHOLD }] })
    const { sensor, sample } = await open({ meter: 'pzem-004t' })
    await sample()
    const next = sensor.sample()
    // Three and a half characters of eleven bits are 4.01 ms.
    await parts.clock.advance(4)
    expect(sensor.health().counters.questions).toBe(1)
    await parts.clock.advance(0.02)
    expect(sensor.health().counters.questions).toBe(2)
    expect(value(await settle(next))).toBe(23_140)
  })

  test('of which one is dead leave the others alone', async () => {
    const { open, settle } = await line({ units: [{ unit: 2, meter: 'pzem-004t', values: () => HOUSEHOLD }] })
    const dead = await open({ meter: 'pzem-004t', unit: 1 })
    const alive = await open({ meter: 'pzem-004t', unit: 2 })
    const [none, some] = await settle(Promise.all([dead.sensor.sample(), alive.sensor.sample()]))
    expect(none?.faults).toEqual(new Array(6).fill('no_answer'))
    expect(value(some ?? { values: [], faults: [] })).toBe(23_140)
    expect(dead.sensor.health()).toMatchObject({
      state: 'silent',
      advice: expect.stringMatching(
        /PZEM-004T .* does not answer. Asked was unit 1 at 9600 baud; .* A and B are swapped/,
      ),
    })
    expect(alive.sensor.health().state).toBe('ok')
  })

  test('of one port that are set to different speeds are refused', async () => {
    const { open, opening } = await line({ units: [{ unit: 1, meter: 'pzem-004t' }] })
    await open({ meter: 'pzem-004t' })
    const second = opening({ meter: 'pzem-004t', unit: 2, baudRate: 2_400 })
    await expect(second).rejects.toBeInstanceOf(ConfigError)
    await expect(second).rejects.toThrow(/used at 9600 baud .* and at 2400 baud .* must be set alike/)
  })

  test('at another speed do not answer, and the factory setting is told', async () => {
    const { opening, parts } = await line({ baudRate: 2_400 })
    await expect(giveUp(parts.clock, opening({ meter: 'sdm120' }))).rejects.toMatchObject({
      info: { code: 'no_answer' },
      message: expect.stringMatching(/at 9600 baud \(a SDM120 leaves the factory at 2400\)/),
    })
  })

  test.each([
    [2, 'unknown', /refuses its input registers 0 to 9: it has no such register \(exception 2\). Is the model/],
    [4, 'unknown', /it has failed/],
    [6, 'no_answer', /it is busy/],
    [77, 'unknown', /for a reason of its own \(exception 77\)/],
  ] as const)('that refuse with %i give a fault', async (exception, fault, advice) => {
    const { open } = await line({ units: [{ unit: 1, meter: 'pzem-004t', exception: () => exception }] })
    const { sensor, sample } = await open({ meter: 'pzem-004t' })
    expect(await sample()).toEqual({ values: new Array(6).fill(null), faults: new Array(6).fill(fault) })
    expect(sensor.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(advice) })
  })

  test('that will not tell their number are meters all the same', async () => {
    let isRefusing = true
    const exception = () => (isRefusing ? 2 : null)
    const { open } = await line({ units: [{ unit: 1, meter: 'sdm120', exception, values: () => HOUSEHOLD }] })
    const { sensor, sample } = await open({ meter: 'sdm120' })
    expect(sensor.serial).toBeNull()
    isRefusing = false
    expect(value(await sample())).toBe(23_137)
  })

  test('whose values are no numbers give faults', async () => {
    const values = () => ({ voltage: Number.NaN, power: Number.POSITIVE_INFINITY })
    const { open } = await line({ units: [{ unit: 1, meter: 'sdm120', values }] })
    const { sample } = await open({ meter: 'sdm120' })
    const { faults } = await sample()
    expect(faults).toEqual(['out_of_range', null, 'out_of_range', null, null, null, null, null])
  })

  test('that are unplugged and come back on another port are read again', async () => {
    const { pty, link, parts, open, simulate } = await line({
      units: [{ unit: 1, meter: 'sdm120', values: () => HOUSEHOLD }],
    })
    const { sensor, sample } = await open({ meter: 'sdm120' })
    expect(value(await sample())).toBe(23_137)
    pty.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    expect((await sensor.sample()).faults).toEqual(new Array(8).fill('unplugged'))
    const next = await bench.pty()
    await simulate(next)
    link.pointTo(next)
    await parts.clock.advance(10_000)
    await eventually('the port is open again', () => sensor.health().counters.opens === 2)
    expect(value(await sample())).toBe(23_137)

    next.unplug()
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    const last = await bench.pty()
    await simulate(last, { units: [{ unit: 1, meter: 'sdm120', serial: 5 }] })
    link.pointTo(last)
    await parts.clock.advance(10_000)
    await eventually('the port is open again', () => sensor.health().counters.opens === 3)
    expect(value(await sample())).toBe('unplugged')
    expect(adviceOf(sensor)).toMatch(/Another SDM120 \(5\)/)
  })
})

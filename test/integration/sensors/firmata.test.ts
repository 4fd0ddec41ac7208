import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { calibrationOf } from '../../../hardware/calibration.ts'
import { openFirmata } from '../../../hardware/drivers/firmata.ts'
import { openSensors } from '../../../hardware/drivers/index.ts'
import { loadFirmata } from '../../../hardware/firmata/library.ts'
import type { Sensor } from '../../../hardware/sensor.ts'
import type { FirmataInput } from '../../../hardware/sensor-config.ts'
import {
  FIRMATA_BAUD,
  type SimulatedFirmataOptions,
  simulateFirmataBoard,
} from '../../../hardware/simulated/firmata-board.ts'
import {
  BME280_CALIBRATION,
  BME280_EXAMPLE,
  bh1750Part,
  bme280Part,
  mcp9808Part,
} from '../../../hardware/simulated/i2c-parts.ts'
import { systemClock } from '../../../protocol/node/index.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts, untilOpened } from '../../support/serial-bench.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const loaded = (): string[] => Object.keys(createRequire(import.meta.url).cache)

describe.skipIf(!HAS_PTYS)('a Firmata board on a port', () => {
  const bench = serialBench()

  /** A driver and a simulated board that have found each other. Both run in real time: johnny-five keeps its own. */
  async function joined(inputs: readonly FirmataInput[], options: SimulatedFirmataOptions = {}) {
    const pty = await bench.pty()
    const openPort = bench.parts().openPort
    const opened = await openFirmata({ clock: systemClock, openPort }, { driver: 'firmata', port: pty.path, inputs })
    for (const { sensor } of opened) bench.use(sensor)
    await untilOpened(pty, FIRMATA_BAUD)
    const board = bench.use(
      await simulateFirmataBoard(pty, simulatorParts('firmata'), { speaksFirst: true, ...options }),
    )
    const sensors = opened.map(({ sensor }) => sensor)
    const [first] = sensors
    if (first === undefined) throw new Error('nothing was opened')
    return { pty, board, opened, sensors, first }
  }

  const measured = (sensor: Sensor) =>
    eventually(`${sensor.model} has values`, async () => {
      const { values, faults } = await sensor.sample()
      return faults.every(fault => fault === null) && values
    })

  test('reads a BME280 through johnny-five, as Bosch says its registers mean', async () => {
    const { first, opened } = await joined([{ part: 'bme280' }], { parts: new Map([[0x76, bme280Part()]]) })
    expect(first).toMatchObject({
      model: 'bme280',
      serial: null,
      channels: [{ quantity: 'temperature' }, { quantity: 'humidity' }, { quantity: 'pressure' }],
    })
    expect(opened[0]?.place).toMatch(/port\/bme280$/)
    const [temperature = 0, humidity = 0, pressure = 0] = (await measured(first)).map(Number)
    const exact = compensate()
    expect(temperature).toBe(2_508)
    expect(Math.abs(temperature / 100 - exact.celsius)).toBeLessThan(0.01)
    expect(Math.abs(humidity / 100 - exact.percent)).toBeLessThan(0.02)
    // The driver computes in 32 bits; the datasheet's own example differs by as much (100 656 and 100 653.27 Pa).
    expect(Math.abs(pressure - exact.pascal)).toBeLessThan(4)
  })

  test('reads a thermometer below zero and a light sensor by their registers', async () => {
    const { sensors, board } = await joined([{ part: 'mcp9808' }, { part: 'bh1750', address: 0x5c }], {
      parts: new Map([
        [0x18, mcp9808Part(() => -10.0625)],
        [0x5c, bh1750Part(() => 1_234)],
      ]),
    })
    const [thermometer, light] = sensors
    if (thermometer === undefined || light === undefined) throw new Error('two were asked for')
    expect(await measured(thermometer)).toEqual([-1_006])
    expect(await measured(light)).toEqual([1_234])
    expect(board.counters.sentFrames).toBeGreaterThan(0)
  })

  test('puts the mean of an analog pin into its formula, and tells the formula', async () => {
    let level = 400
    const { first, board } = await joined([{ analog: 'A3', quantity: 'soil-moisture', formula: '(x - 210) / 3.1' }], {
      analog: channel => (channel === 3 ? level : 1_000),
    })
    expect(await measured(first)).toEqual([613])
    expect(calibrationOf(first, 0)).toEqual({ offset: 0, gainPpm: 1_000_000, formula: '(x - 210) / 3.1' })
    expect([...board.pinModes]).toEqual([])
    level = 520
    await eventually('the pin has risen', async () => (await first.sample()).values[0] === 1_000)
  })

  test('counts contacts, without their bouncing', async () => {
    const inputs = [
      { pulses: 2, quantity: 'rain', perPulse: 0.2794, debounceMs: 1_000 },
      { pulses: 3, quantity: 'count', perPulse: 1, debounceMs: 0 },
    ]
    const { sensors, board } = await joined(inputs)
    const [rain, count] = sensors
    if (rain === undefined || count === undefined) throw new Error('two were asked for')
    await measured(rain)
    await measured(count)
    for (let bounce = 0; bounce < 5; bounce++) {
      for (const level of [0, 1] as const) for (const pin of [2, 3]) board.setPin(pin, level)
    }
    let total = 0
    await eventually('five contacts are counted', async () => {
      total += (await count.sample()).values[0] ?? 0
      return total === 5
    })
    expect((await rain.sample()).values).toEqual([28])
    expect((await rain.sample()).values).toEqual([0])
    expect(board.pinModes.get(2)).toBe(11)
  })

  test('gives a wheel its speed by the time that has passed', async () => {
    const { first, board } = await joined([{ pulses: 3, quantity: 'wind-speed', perHertz: 1_000, debounceMs: 0 }])
    await measured(first)
    for (const level of [0, 1] as const) board.setPin(3, level)
    const [speed = 0] = await eventually('the wheel turns', async () => {
      const { values } = await first.sample()
      return (values[0] ?? 0) > 0 && values
    })
    expect(speed).toBeGreaterThan(0)
    expect((await first.sample()).values).toEqual([0])
  })

  test('tells which part does not answer, and never makes its silence a number', async () => {
    const { sensors } = await joined([
      { part: 'sht31d' },
      { part: 'mcp9808' },
      { analog: 'A0', quantity: 'level', formula: 'x' },
    ])
    const [hygrometer, thermometer, analog] = sensors
    if (hygrometer === undefined || thermometer === undefined || analog === undefined)
      throw new Error('three were asked for')
    await measured(analog)
    for (let looks = 0; looks < 20; looks++) await measured(analog)
    expect((await hygrometer.sample()).values).toEqual([null, null])
    expect((await thermometer.sample()).values).toEqual([null])
    expect(hygrometer.health()).toMatchObject({ state: 'silent' })
    expect(hygrometer.health().advice).toContain('the sht31d does not answer at 0x44')
    expect(analog.health().state).toBe('ok')
  })

  test('a pin that the board does not have is told of, and the others work', async () => {
    const { sensors } = await joined([
      { analog: 'A0', quantity: 'level', formula: 'x' },
      { analog: 'A12', quantity: 'level', formula: 'x' },
      { pulses: 1, quantity: 'count', perPulse: 1 },
    ])
    await measured(sensors[0] as Sensor)
    expect(await sensors[1]?.sample()).toEqual({ values: [null], faults: ['no_answer'] })
    expect(sensors[1]?.health()).toMatchObject({ state: 'faulty', advice: expect.stringContaining('A0 to A5') })
    expect(sensors[2]?.health().advice).toContain('no pull-up resistor')
  })

  test('one that was unplugged is used again', async () => {
    const link = bench.link()
    const before = await bench.pty()
    link.pointTo(before)
    const inputs = [{ analog: 'A0', quantity: 'level', formula: 'x / 1023' }]
    const parts = { clock: systemClock, openPort: bench.parts().openPort, root: '/' }
    const [opened] = await openSensors({ driver: 'firmata', port: link.path, inputs }, parts)
    if (opened === undefined) throw new Error('nothing was opened')
    const sensor = bench.use(opened.sensor)
    const options = { analog: () => 1_023, speaksFirst: true }
    bench.use(await simulateFirmataBoard(before, simulatorParts('a'), options))
    expect(await measured(sensor)).toEqual([1_000])
    before.unplug()
    await eventually('it is missed', async () => (await sensor.sample()).faults[0] === 'unplugged')
    expect(sensor.health()).toMatchObject({ state: 'unplugged', advice: expect.stringContaining(link.path) })
    const after = await bench.pty()
    link.pointTo(after)
    await untilOpened(after, FIRMATA_BAUD)
    bench.use(await simulateFirmataBoard(after, simulatorParts('b'), options))
    expect(await measured(sensor)).toEqual([1_000])
    expect(sensor.health()).toMatchObject({ state: 'ok', counters: { boardStarts: 2 } })
  })

  test('is told to stop when its last sensor is closed', async () => {
    const { sensors, board } = await joined([
      { analog: 'A0', quantity: 'level', formula: 'x' },
      { analog: 'A1', quantity: 'level', formula: 'x' },
    ])
    await measured(sensors[0] as Sensor)
    const resetsBefore = board.resets
    await sensors[0]?.close()
    expect(await measured(sensors[1] as Sensor)).toEqual([0])
    await sensors[1]?.close()
    await eventually('it is told', () => board.resets === resetsBefore + 1)
  })

  test('leaves the serial port library of johnny-five unloaded', async () => {
    const { first } = await joined([{ analog: 'A0', quantity: 'level', formula: 'x' }])
    await measured(first)
    const paths = loaded()
    expect(paths.some(path => path.includes('/johnny-five/lib/board.js'))).toBe(true)
    expect(paths.some(path => path.includes('/firmata-io/lib/firmata.js'))).toBe(true)
    const ports = paths.filter(path => /\/serialport\/(?!node_modules)/.test(path))
    const versions = new Set(ports.map(path => versionOf(path)))
    expect([...versions]).toEqual(['13.0.0'])
    expect(paths.filter(path => /\/(browser-serialport|firmata)\//.test(path))).toEqual([])
  })
})

/** The version in the package file above a module. */
function versionOf(path: string): string {
  const require = createRequire(import.meta.url)
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = require(join(folder, 'package.json')) as { name?: string; version?: string }
      if (name === 'serialport') return version ?? ''
    } catch {
      // Folders within a package have no such file.
    }
  }
  return ''
}

describe('johnny-five', () => {
  const tempDir = tempDirs()

  test('that is not installed is named with how to install it', () => {
    const elsewhere = pathToFileURL(join(tempDir(), 'main.js')).href
    expect(() => loadFirmata(elsewhere)).toThrow(
      expect.objectContaining({
        info: { code: 'not_installed', path: 'johnny-five' },
        message: expect.stringContaining('npm install --ignore-scripts johnny-five@2.1.0'),
      }),
    )
  })

  test('is installed in the version that its message names', () => {
    expect(createRequire(import.meta.url)('johnny-five/package.json')).toMatchObject({ version: '2.1.0' })
  })
})

/** Bosch's compensation in doubles (BME280_SensorAPI, bme280.c), written down anew as an oracle. */
function compensate() {
  const [T1, T2, T3] = BME280_CALIBRATION.T
  const [P1, P2, P3, P4, P5, P6, P7, P8, P9] = BME280_CALIBRATION.P
  const [H1, H2, H3, H4, H5, H6] = BME280_CALIBRATION.H
  const { temperature, pressure, humidity } = BME280_EXAMPLE
  const fine = (temperature / 16_384 - T1 / 1_024) * T2 + (temperature / 131_072 - T1 / 8_192) ** 2 * T3
  const a = fine / 2 - 64_000
  const b = ((a * a * P6) / 32_768 + a * P5 * 2) / 4 + P4 * 65_536
  const c = (1 + ((P3 * a * a) / 524_288 + P2 * a) / 524_288 / 32_768) * P1
  const d = ((1_048_576 - pressure - b / 4_096) * 6_250) / c
  const pascal = d + ((P9 * d * d) / 2_147_483_648 + (d * P8) / 32_768 + P7) / 16
  const h = fine - 76_800
  const e =
    (humidity - (H4 * 64 + (H5 / 16_384) * h)) *
    ((H2 / 65_536) * (1 + (H6 / 67_108_864) * h * (1 + (H3 / 67_108_864) * h)))
  return { celsius: fine / 5_120, pascal, percent: e * (1 - (H1 * e) / 524_288) }
}

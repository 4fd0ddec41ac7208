import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { scanLines } from '../../../../cli/commands/hardware-scan.ts'
import { createStyle } from '../../../../cli/terminal/style.ts'
import { parseSensorsFile } from '../../../../hardware/config.ts'
import { configLine, scanHardware } from '../../../../hardware/scan/index.ts'
import { openNodeSerialPort } from '../../../../hardware/serial/node-port.ts'
import type { OpenSerialPort } from '../../../../hardware/serial-port.ts'
import { simulateSds011 } from '../../../../hardware/simulated/sds011.ts'
import { HardwareError } from '../../../../protocol/index.ts'
import { systemClock } from '../../../../protocol/node/index.ts'
import { HAS_PTYS, serialBench, simulatorParts } from '../../../support/serial-bench.ts'
import { BME280_FILES, hwmonTree, iioTree, inFolder, type Tree, w1Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { hastyClock } from '../../../support/virtual-clock.ts'

const ROM = '28-0316a2798aff'
const BY_ID = 'usb-1a86_USB_Serial_0001-if00-port0'

/** A Raspberry Pi 4 with a thermometer, a BME280, an SHT31 and an adapter with a serial number. */
const PI: readonly Tree[] = [
  w1Tree(ROM, { temperature: '21062' }),
  iioTree(0, '1-0076', BME280_FILES),
  hwmonTree(1, '1-0044', { name: 'sht3x', temp1_input: '21310', humidity1_input: '47120' }),
  hwmonTree(2, '1-0099', { name: 'rpi_volt', in0_lcrit_alarm: '0', in0_input: '5000' }),
  {
    'sys/bus/i2c/devices/i2c-1/name': 'bcm2835 (i2c@7e804000)',
    'sys/class/thermal/thermal_zone0/type': 'cpu-thermal',
    'sys/class/thermal/thermal_zone0/temp': '48312',
    ...inFolder('sys/devices/usb1/1-1', { idVendor: '1a86', idProduct: '7523', serial: '0001', product: 'USB Serial' }),
    'sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/dev': '188:0',
    'sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/device': { link: '..' },
    'sys/class/tty/ttyUSB0': { link: '../../devices/usb1/1-1/1-1:1.0/ttyUSB0' },
    'dev/ttyUSB0': '',
    [`dev/serial/by-id/${BY_ID}`]: { link: '../../ttyUSB0' },
  },
]

const noPort: OpenSerialPort = async path => {
  throw new HardwareError({ code: 'unreadable', path }, `${path} cannot be opened: another program is using it.`)
}

describe('a scan', () => {
  const tempDir = tempDirs()

  function rootOf(...trees: readonly Tree[]): string {
    const root = tempDir()
    for (const tree of trees) writeTree(root, tree)
    return root
  }

  const scan = (root: string, probe = false, openPort = noPort) =>
    scanHardware({ root, clock: hastyClock(), openPort }, { probe })

  const terminal = { isTTY: false, columns: 80, write: () => {} }
  const entriesOf = ({ sensors, ports }: Awaited<ReturnType<typeof scan>>) =>
    [...sensors, ...ports].flatMap(({ config }) => (config === null ? [] : [configLine(config)]))

  test('finds what the kernel shows, and reads it', async () => {
    const { sensors, ports, overlays } = await scan(rootOf(...PI))
    expect(sensors.map(({ model, at, readings }) => [model, at, ...readings])).toEqual([
      ['ds18b20', ROM, 'temperature 21.06 Cel'],
      ['bme280', '1-0076', 'humidity 45.12 %RH', 'pressure 100854 Pa', 'temperature 23.45 Cel'],
      ['sht3x', '1-0044', 'humidity 47.12 %RH', 'temperature 21.31 Cel'],
      ['soc', 'this computer', 'soc-temperature 48.3 Cel'],
    ])
    expect(ports).toEqual([
      { path: `/dev/serial/by-id/${BY_ID}`, kind: 'usb', adapter: 'USB Serial', config: null, note: '' },
    ])
    expect(overlays).toEqual([])
  })

  test('prints entries that the sensors file takes', async () => {
    const entries = entriesOf(await scan(rootOf(...PI)))
    expect(entries[0]).toBe(`- {driver: ds18b20, id: "${ROM}"}`)
    const file = parseSensorsFile(parse(['sensors:', ...entries].join('\n')))
    expect(file.sensors).toEqual([
      { driver: 'ds18b20', id: ROM },
      { driver: 'iio', device: 'bme280' },
      { driver: 'hwmon', device: 'sht3x' },
      { driver: 'soc' },
    ])
  })

  test('names the address of two of a kind', async () => {
    const found = await scan(rootOf(iioTree(0, '1-0076', BME280_FILES), iioTree(1, '1-0077', BME280_FILES)))
    expect(entriesOf(found)).toEqual([
      '- {driver: iio, device: bme280, at: "1-0076"}',
      '- {driver: iio, device: bme280, at: "1-0077"}',
    ])
    expect(found.sensors.every(({ readings }) => readings.length === 3)).toBe(true)
  })

  test('tells what is wrong with a sensor, or what to choose', async () => {
    const found = await scan(
      rootOf(
        w1Tree(ROM, { temperature: '85000' }),
        iioTree(0, '1-0048', { name: 'ads1115', in_voltage0_raw: '1', in_voltage1_raw: '1', in_voltage_scale: '1' }),
      ),
    )
    expect(found.sensors.map(({ readings }) => readings)).toEqual([[], []])
    expect(found.sensors[0]?.note).toContain('85.00 °C')
    expect(found.sensors[1]?.note).toContain("choose with 'inputs'")
  })

  test('of a computer without sensors says what to switch on', async () => {
    const { sensors, ports, overlays } = await scan(rootOf())
    expect([sensors, ports]).toEqual([[], []])
    const lines = overlays.map(({ line }) => line)
    expect(lines.slice(0, 3)).toEqual(['dtoverlay=w1-gpio', 'enable_uart=1', 'dtparam=i2c_arm=on'])
    expect(lines).toContain('dtoverlay=i2c-sensor,bme280,addr=0x76')
    const text = scanLines({ sensors, ports, overlays }, [], terminal, createStyle(terminal, {})).join('\n')
    expect(text).toContain('The kernel shows no sensors.')
    expect(text).toContain('dtoverlay=w1-gpio                           # DS18B20 thermometers on GPIO 4')
  })

  test('shows tables and lines to paste', async () => {
    const found = await scan(rootOf(...PI))
    const text = scanLines(found, entriesOf(found), terminal, createStyle(terminal, {})).join('\n')
    expect(text).toMatch(/^SENSOR +AT +DRIVER +MEASURES NOW\n/)
    expect(text).toContain('PORT')
    expect(text).toContain('For sensors.yaml\nsensors:\n  - {driver: ds18b20')
  })

  test('tells of a port that cannot be opened', async () => {
    const { ports } = await scan(rootOf(...PI), true)
    expect(ports[0]).toMatchObject({ config: null, note: expect.stringContaining('another program is using it') })
  })
})

describe.skipIf(!HAS_PTYS)('a scan that asks', () => {
  const bench = serialBench()
  const tempDir = tempDirs()

  test('finds the sensor on a port', async () => {
    const root = tempDir()
    for (const tree of PI) writeTree(root, tree)
    const pty = await bench.pty()
    bench.use(await simulateSds011(pty, simulatorParts('scan'), { intervalMs: 50 }))
    const openPort: OpenSerialPort = (_, settings) => openNodeSerialPort(pty.path, settings)
    const { ports } = await scanHardware({ root, clock: systemClock, openPort }, { probe: true })
    expect(ports).toEqual([
      {
        path: `/dev/serial/by-id/${BY_ID}`,
        kind: 'usb',
        adapter: 'USB Serial',
        config: { driver: 'sds011', port: `/dev/serial/by-id/${BY_ID}` },
        note: expect.stringContaining('SDS011'),
      },
    ])
  })
})

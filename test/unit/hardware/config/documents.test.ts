/** What the documentation and the examples say about sensors is what the code does. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { COMMON_FIELDS } from '../../../../hardware/config/common.ts'
import { DRIVER_FIELDS, DRIVER_NAMES } from '../../../../hardware/config/drivers.ts'
import { parseSensorsFile } from '../../../../hardware/config.ts'
import { openSensors } from '../../../../hardware/drivers/index.ts'
import { SYNTHETIC_QUANTITIES } from '../../../../hardware/drivers/synthetic-curves.ts'
import { OVERLAYS } from '../../../../hardware/scan/overlays.ts'
import { FIRMATA_PARTS, MODBUS_METERS, PLANTOWER_MODELS, REGISTER_TYPES } from '../../../../hardware/sensor-config.ts'
import { SENSOR_FAULTS } from '../../../../protocol/index.ts'
import { hastyClock } from '../../../support/virtual-clock.ts'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const guide = read('docs/sensors.md')
const blocks = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
const examples = readdirSync(new URL('examples/sensors/', root)).filter(name => name.endsWith('.yaml'))

describe('docs/sensors.md', () => {
  test('has files to paste', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(6)
  })

  test.each(blocks.map((text, index) => [index + 1, text] as const))('shows a file that is accepted: %i', (_, text) => {
    expect(parseSensorsFile(parse(text)).sensors.length).toBeGreaterThan(0)
  })

  test.each(DRIVER_NAMES)('has %s with each of its fields, and shows it', name => {
    expect(guide).toMatch(new RegExp(`^\\|.*\`${name}\``, 'm'))
    for (const field of DRIVER_FIELDS[name].fields) expect(guide).toContain(`\`${field}\``)
    expect(blocks.some(text => parseSensorsFile(parse(text)).sensors.some(({ driver }) => driver === name))).toBe(true)
  })

  test('has every word that a field may hold', () => {
    const words = [
      ...COMMON_FIELDS,
      ...SYNTHETIC_QUANTITIES,
      ...FIRMATA_PARTS,
      ...MODBUS_METERS,
      ...PLANTOWER_MODELS,
      ...SENSOR_FAULTS,
    ]
    for (const word of words) expect(guide).toContain(`\`${word}\``)
    for (const type of REGISTER_TYPES.filter(name => !name.includes('-'))) expect(guide).toContain(`\`${type}\``)
  })

  test('has the lines that a scan prints', () => {
    for (const { line } of OVERLAYS) expect(guide).toContain(`\`${line}\``)
  })
})

describe('examples/sensors', () => {
  const parsed = (name: string) =>
    parseSensorsFile(parse(read(`examples/sensors/${name}`)), new URL('examples/sensors', root).pathname)

  test.each(examples)('%s is accepted', name => {
    expect(parsed(name).sensors.length).toBeGreaterThan(0)
  })

  test('without-hardware.yaml measures', async () => {
    const parts = { clock: hastyClock(), root: '/', openPort: () => Promise.reject(new Error('There is no port.')) }
    const opened = (
      await Promise.all(parsed('without-hardware.yaml').sensors.map(config => openSensors(config, parts)))
    ).flat()
    const measured = await Promise.all(
      opened.map(async ({ place, sensor }) => [place, (await sensor.sample()).values] as const),
    )
    expect(measured.map(([place]) => place)).toEqual(['synthetic', 'replay'])
    expect(measured[0]?.[1].every(value => value !== null)).toBe(true)
    expect(measured[1]?.[1]).toEqual([1_420, 7_100])
  })
})

test('a calibration of what a sensor does not measure is refused when it is opened', async () => {
  const parts = { clock: hastyClock(), root: '/', openPort: () => Promise.reject(new Error('There is no port.')) }
  const config = {
    driver: 'synthetic',
    quantities: ['co2'],
    seed: 'a',
    calibration: { humidity: { offset: 1 } },
  } as const
  await expect(openSensors(config, parts)).rejects.toMatchObject({
    info: { code: 'bad_option', path: 'calibration.humidity' },
    message: "The 'synthetic' entry calibrates 'humidity', which it does not measure: it measures co2.",
  })
})

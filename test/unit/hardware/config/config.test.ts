import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DRIVER_NAMES } from '../../../../hardware/config/drivers.ts'
import { parseSensorsFile } from '../../../../hardware/config.ts'
import { placeOf } from '../../../../hardware/drivers/place.ts'
import { ConfigError, LIMITS } from '../../../../protocol/index.ts'

const PORT = '/dev/ttyUSB0'

/** The smallest entry of each driver. */
const SMALLEST = {
  sds011: { port: PORT },
  plantower: { port: PORT },
  mhz19: { port: PORT },
  'senseair-s8': { port: PORT },
  sps30: { port: PORT },
  gps: { port: PORT },
  modbus: { port: PORT, meter: 'sdm120' },
  ds18b20: {},
  iio: { device: 'bme280' },
  hwmon: { device: 'sht3x' },
  soc: {},
  firmata: { port: PORT, inputs: [{ part: 'bme280' }] },
  replay: { file: '/data/log.csv', columns: { temperature: 't' }, periodMs: 1_000 },
  synthetic: { quantities: ['temperature'], seed: 'a' },
} as const

const one = (fields: object) => parseSensorsFile({ sensors: [fields] }).sensors[0]

/** What is thrown, as a path and a sentence. */
function refusal(value: unknown): { path: string; message: string } {
  try {
    parseSensorsFile(value)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError) || thrown.info.code !== 'bad_option') throw thrown
    return { path: thrown.info.path, message: thrown.message }
  }
  throw new Error('It was accepted.')
}
const refusalOf = (fields: object) => refusal({ sensors: [fields] })

describe('a sensors file', () => {
  test('may be empty', () => {
    for (const value of [null, undefined, {}, { sensors: [] }]) {
      expect(parseSensorsFile(value)).toEqual({ location: null, sensors: [] })
    }
  })

  test('says where the device stands, in whole millionths of a degree', () => {
    const location = { latitude: 51.3396955, longitude: -12.3730747, elevation: 113.4 }
    expect(parseSensorsFile({ location }).location).toEqual({
      latitudeMicroDeg: 51_339_696,
      longitudeMicroDeg: -12_373_075,
      elevationM: 113,
      indoor: false,
    })
    expect(parseSensorsFile({ location: { ...location, indoor: true } }).location?.indoor).toBe(true)
  })

  test.each<[string, unknown, string, string]>([
    ['a list', [], '', "must be an object with 'location' and 'sensors', not a list of 0"],
    ['an unknown part', { sensor: [] }, 'sensor', "did you mean 'sensors'?"],
    ['sensors that are no list', { sensors: {} }, 'sensors', 'must be a list, not an object'],
    [
      'a latitude off the globe',
      { location: { latitude: 91, longitude: 0, elevation: 0 } },
      'location.latitude',
      'a number from -90 to 90, not 91',
    ],
    [
      'a text for a number',
      { location: { latitude: '51', longitude: 0, elevation: 0 } },
      'location.latitude',
      'not "51"',
    ],
    [
      'no elevation',
      { location: { latitude: 1, longitude: 0 } },
      'location.elevation',
      'is missing: it must be a number from -500 to 9000',
    ],
    ['a misspelt field', { location: { lattitude: 1 } }, 'location.lattitude', "did you mean 'latitude'?"],
    [
      'indoor as a word',
      { location: { latitude: 1, longitude: 0, elevation: 0, indoor: 'yes' } },
      'location.indoor',
      'must be true or false',
    ],
    [
      'too many',
      { sensors: Array.from({ length: LIMITS.sensorsMax + 1 }, () => ({ driver: 'soc' })) },
      'sensors',
      'must hold 0 to 64 entries',
    ],
  ])('with %s is refused', (_, value, path, sentence) => {
    const { path: found, message } = refusal(value)
    expect(found).toBe(path)
    expect(message).toContain(sentence)
  })
})

describe('an entry', () => {
  test('of each driver has little that it must say', () => {
    expect(Object.keys(SMALLEST).sort()).toEqual([...DRIVER_NAMES].sort())
    for (const [driver, fields] of Object.entries(SMALLEST)) {
      const config = one({ driver, ...fields })
      expect(config).toMatchObject({ driver })
    }
  })

  test('keeps nothing that was not said', () => {
    expect(one({ driver: 'sds011', port: PORT })).toEqual({ driver: 'sds011', port: PORT })
  })

  test.each<[string, object, string, string]>([
    ['no driver', {}, 'sensors[0].driver', "is missing: it must be one of 'sds011'"],
    ['a misspelt driver', { driver: 'sds11' }, 'sensors[0].driver', "did you mean 'sds011'?"],
    [
      'an unknown field',
      { driver: 'sds011', ports: PORT },
      'sensors[0].ports',
      "is not a known field (did you mean 'port'?)",
    ],
    ['a field of another driver', { driver: 'soc', port: PORT }, 'sensors[0].port', 'allowed here are'],
    ['no port', { driver: 'gps' }, 'sensors[0].port', "'hedgerow hardware scan' lists them"],
    ['a port that is no path', { driver: 'gps', port: 'ttyUSB0' }, 'sensors[0].port', 'not "ttyUSB0"'],
    [
      'a speed that no port has',
      { driver: 'gps', port: PORT, baudRate: 9601 },
      'sensors[0].baudRate',
      'one of 1200, 2400',
    ],
    ['a long name', { driver: 'soc', name: 'x'.repeat(33) }, 'sensors[0].name', 'a text of 1 to 32 bytes'],
    ['a number for a name', { driver: 'soc', name: 7 }, 'sensors[0].name', 'not 7'],
    ['neither meter nor registers', { driver: 'modbus', port: PORT }, 'sensors[0]', "must have either 'meter'"],
    [
      'meter and registers',
      { driver: 'modbus', port: PORT, meter: 'sdm120', registers: [{}] },
      'sensors[0]',
      "must have either 'meter'",
    ],
    [
      'an unknown meter',
      { driver: 'modbus', port: PORT, meter: 'sdm20' },
      'sensors[0].meter',
      "did you mean 'sdm120'?",
    ],
    [
      'a bus address out of range',
      { driver: 'modbus', port: PORT, meter: 'sdm120', unit: 248 },
      'sensors[0].unit',
      'from 1 to 247',
    ],
    [
      'a register beyond the last',
      { driver: 'modbus', port: PORT, registers: [{ quantity: 'power', address: 65_536 }] },
      'sensors[0].registers[0].address',
      'from 0 to 65535',
    ],
    [
      'a quantity nobody knows',
      { driver: 'modbus', port: PORT, registers: [{ quantity: 'powre', address: 1 }] },
      'sensors[0].registers[0].quantity',
      "did you mean 'power'?",
    ],
    ['half a ROM id', { driver: 'ds18b20', id: '28-0316' }, 'sensors[0].id', "such as '28-0316a2798aff'"],
    ['a ROM id in capitals', { driver: 'ds18b20', id: '28-0316A2798AFF' }, 'sensors[0].id', 'as the kernel writes it'],
    ['a way out of a folder', { driver: 'iio', device: '../../etc' }, 'sensors[0].device', 'as the kernel writes it'],
    [
      'a channel with a path',
      { driver: 'iio', device: 'a', inputs: [{ channel: '../x', quantity: 'voltage' }] },
      'sensors[0].inputs[0].channel',
      "such as 'voltage0'",
    ],
    ['no inputs', { driver: 'firmata', port: PORT, inputs: [] }, 'sensors[0].inputs', 'must hold 1 to 32 entries'],
    [
      'two inputs in one',
      { driver: 'firmata', port: PORT, inputs: [{ part: 'bme280', analog: 'A0' }] },
      'sensors[0].inputs[0]',
      "exactly one of 'part'",
    ],
    [
      'an unknown part',
      { driver: 'firmata', port: PORT, inputs: [{ part: 'bmp208' }] },
      'sensors[0].inputs[0].part',
      'did you mean',
    ],
    [
      'a reserved address',
      { driver: 'firmata', port: PORT, inputs: [{ part: 'bme280', address: 0x78 }] },
      'sensors[0].inputs[0].address',
      'from 8 to 119',
    ],
    [
      'an analog pin as a number',
      { driver: 'firmata', port: PORT, inputs: [{ analog: 0 }] },
      'sensors[0].inputs[0].analog',
      "such as 'A0'",
    ],
    [
      'an analog pin without a formula',
      { driver: 'firmata', port: PORT, inputs: [{ analog: 'A0', quantity: 'light' }] },
      'sensors[0].inputs[0].formula',
      'is missing',
    ],
    [
      'a formula that cannot be read',
      { driver: 'firmata', port: PORT, inputs: [{ analog: 'A0', quantity: 'light', formula: 'x +' }] },
      'sensors[0].inputs[0].formula',
      'at character 4, where it ends',
    ],
    [
      'pulses of no size',
      { driver: 'firmata', port: PORT, inputs: [{ pulses: 2, quantity: 'rain' }] },
      'sensors[0].inputs[0]',
      "either 'perPulse'",
    ],
    [
      'one pin twice',
      {
        driver: 'firmata',
        port: PORT,
        inputs: [
          { pulses: 2, quantity: 'rain', perPulse: 1 },
          { pulses: 2, quantity: 'count', perPulse: 1 },
        ],
      },
      'sensors[0].inputs[1]',
      "reads the same as 'sensors[0].inputs[0]'",
    ],
    [
      'both times',
      { driver: 'replay', ...SMALLEST.replay, startMs: 0, endsNow: true },
      'sensors[0]',
      "either 'startMs' or 'endsNow: true'",
    ],
    [
      'no columns',
      { driver: 'replay', ...SMALLEST.replay, columns: {} },
      'sensors[0].columns',
      'must name 1 to 32 columns',
    ],
    [
      'a column of nothing known',
      { driver: 'replay', ...SMALLEST.replay, columns: { temp: 't' } },
      'sensors[0].columns.temp',
      'must be a quantity',
    ],
    ['no period', { driver: 'replay', ...SMALLEST.replay, periodMs: 0 }, 'sensors[0].periodMs', 'from 1 to 86400000'],
    [
      'half a millisecond',
      { driver: 'replay', ...SMALLEST.replay, periodMs: 1.5 },
      'sensors[0].periodMs',
      'a whole number',
    ],
    [
      'a quantity that cannot be made up',
      { driver: 'synthetic', quantities: ['rain'], seed: 'a' },
      'sensors[0].quantities[0]',
      'must be a quantity',
    ],
    [
      'a quantity twice',
      { driver: 'synthetic', quantities: ['co2', 'co2'], seed: 'a' },
      'sensors[0].quantities',
      'each quantity once',
    ],
    [
      'an unknown quantity to calibrate',
      { driver: 'soc', calibration: { heat: {} } },
      'sensors[0].calibration.heat',
      'must be a quantity',
    ],
    [
      'a gain of zero',
      { driver: 'soc', calibration: { 'soc-temperature': { gain: 0 } } },
      'sensors[0].calibration.soc-temperature.gain',
      'from 0.001 to 1000',
    ],
    [
      'a misspelt offset',
      { driver: 'soc', calibration: { 'soc-temperature': { ofset: 1 } } },
      'sensors[0].calibration.soc-temperature.ofset',
      "did you mean 'offset'?",
    ],
    [
      'two formulas for one quantity',
      {
        driver: 'firmata',
        port: PORT,
        inputs: [{ analog: 'A0', quantity: 'light', formula: 'x' }],
        calibration: { light: { formula: 'x' } },
      },
      'sensors[0].calibration.light.formula',
      'must be left out',
    ],
    [
      'infinity',
      { driver: 'soc', calibration: { 'soc-temperature': { offset: Number.POSITIVE_INFINITY } } },
      'sensors[0].calibration.soc-temperature.offset',
      'from -1000000 to 1000000',
    ],
  ])('with %s is refused', (_, fields, path, sentence) => {
    const { path: found, message } = refusalOf(fields)
    expect(found).toBe(path)
    expect(message).toContain(sentence)
    expect(message).toMatch(/^The sensors file('s '[^']+')? .*\.$/)
  })

  test('of another driver may share neither its port nor its place', () => {
    const gps = { driver: 'gps', port: PORT }
    expect(refusal({ sensors: [gps, { driver: 'sds011', port: PORT }] })).toEqual({
      path: 'sensors[1].port',
      message: "The sensors file's 'sensors[1].port' is also that of 'sensors[0].port', and a port takes one entry.",
    })
    const soc = { driver: 'soc' }
    expect(refusal({ sensors: [soc, gps, soc] })).toMatchObject({ path: 'sensors[2]' })
    expect(parseSensorsFile({ sensors: [soc, { ...soc, name: 'second' }] }).sensors).toHaveLength(2)
    expect(refusal({ sensors: [{ driver: 'ds18b20' }, { driver: 'ds18b20', name: 'b' }] }).path).toBe('sensors[1]')
  })

  test('on a Modbus shares its port with others of another address', () => {
    const meter = { driver: 'modbus', port: PORT, meter: 'sdm120' }
    expect(parseSensorsFile({ sensors: [meter, { ...meter, unit: 2 }, { ...meter, unit: 3 }] }).sensors).toHaveLength(3)
    expect(refusal({ sensors: [meter, { ...meter, unit: 1 }] }).path).toBe('sensors[1]')
    expect(refusal({ sensors: [meter, { driver: 'gps', port: PORT }] }).path).toBe('sensors[1].port')
    expect(refusal({ sensors: [{ driver: 'gps', port: PORT }, meter] }).path).toBe('sensors[1].port')
  })

  test('takes values as YAML writes them', () => {
    expect(one({ driver: 'replay', ...SMALLEST.replay, where: { mote_id: 1, indoor: true } })).toMatchObject({
      where: { mote_id: '1', indoor: 'true' },
    })
    expect(one({ driver: 'synthetic', quantities: ['co2'], seed: 7 })).toMatchObject({ seed: '7' })
    expect(one({ driver: 'firmata', port: PORT, inputs: [{ part: 'bme280', address: 0x77 }] })).toMatchObject({
      inputs: [{ part: 'bme280', address: 119 }],
    })
  })

  test('finds its file beside the sensors file', () => {
    const file = { sensors: [{ driver: 'replay', ...SMALLEST.replay, file: 'log.csv' }] }
    expect(parseSensorsFile(file, '/etc/hedgerow').sensors[0]).toMatchObject({ file: '/etc/hedgerow/log.csv' })
  })

  test('fills in a register', () => {
    expect(one({ driver: 'modbus', port: PORT, registers: [{ quantity: 'power', address: 12 }] })).toMatchObject({
      registers: [{ quantity: 'power', address: 12, type: 'u16', table: 'input', scale: 1 }],
    })
  })
})

test('whatever a file holds, it is accepted or refused in a sentence', () => {
  const junk = fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, maxDepth: 4 })
  const entry = fc.record({ driver: fc.constantFrom(...DRIVER_NAMES) }).chain(({ driver }) => {
    const fields = Object.keys({ ...SMALLEST[driver], calibration: 0, name: 0, where: 0, inputs: 0, address: 0 })
    return fc
      .tuple(fc.constantFrom(...fields), junk)
      .map(([field, value]) => ({ driver, ...SMALLEST[driver], [field]: value }))
  })
  fc.assert(
    fc.property(
      fc.oneof(
        junk,
        entry.map(fields => ({ sensors: [fields] })),
      ),
      value => {
        try {
          parseSensorsFile(value)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ConfigError)
          expect((thrown as ConfigError).message).toMatch(/^The sensors file[\s\S]*\.$/)
        }
      },
    ),
    { numRuns: 3_000 },
  )
})

describe('the place of a sensor', () => {
  test.each([
    [{ driver: 'sds011', port: '/dev/ttyUSB0' }, '', 'ttyUSB0'],
    [
      { driver: 'sds011', port: '/dev/serial/by-id/usb-1a86_USB2.0-Serial-if00-port0' },
      '',
      'usb-1a86_USB2.0-Serial-if00-port0',
    ],
    [{ driver: 'sds011', port: '/dev/ttyUSB0', name: 'roof' }, '', 'roof'],
    [{ driver: 'firmata', port: '/dev/ttyACM0', inputs: [] }, 'A0', 'ttyACM0/A0'],
    [{ driver: 'modbus', port: '/dev/ttyUSB0', meter: 'sdm120', unit: 7 }, '', 'ttyUSB0/7'],
    [{ driver: 'iio', device: 'bme280' }, '', 'bme280'],
    [{ driver: 'iio', device: 'bme280', at: '1-0077' }, '', 'bme280/1-0077'],
    [{ driver: 'soc' }, '', 'soc'],
    [{ driver: 'soc', name: 'Dachböden' }, '', 'Dachb?den'],
  ] as const)('of %j is its own', (config, input, place) => {
    expect(placeOf(config, input)).toBe(place)
  })

  test('of a long port is its end, where adapters differ', () => {
    const port = '/dev/serial/by-id/usb-Silicon_Labs_CP2102_USB_to_UART_Bridge_Controller_0001-if00-port0'
    expect(placeOf({ driver: 'gps', port })).toBe('RT_Bridge_Controller_0001-if00-port0')
    expect(placeOf({ driver: 'gps', port })).toHaveLength(36)
  })
})

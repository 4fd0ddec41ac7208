import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { calibrationOf } from '../../../../hardware/calibration.ts'
import { openIio } from '../../../../hardware/drivers/iio.ts'
import { BME280_FILES, iioTree, type Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const I2C = 'sys/devices/platform/soc/fe804000.i2c/i2c-1'

describe('iio', () => {
  const tempDir = tempDirs()

  function tree(...trees: Tree[]): string {
    const root = tempDir()
    for (const each of trees) writeTree(root, each)
    return root
  }

  async function measured(files: Tree, inputs?: Parameters<typeof openIio>[1]['inputs']) {
    const root = tree(iioTree(0, '1-0076', { name: 'chip', ...files }))
    const sensor = openIio({ root }, { device: 'chip', ...(inputs === undefined ? {} : { inputs }) })
    const { values, faults } = await sensor.sample()
    return { quantities: sensor.channels.map(({ quantity }) => quantity), values, faults }
  }

  test('a BME280 is temperature, humidity and pressure', async () => {
    const root = tree(iioTree(0, '1-0076', BME280_FILES))
    const sensor = openIio({ root }, { device: 'bme280' })
    expect(sensor).toMatchObject({ model: 'bme280', serial: null })
    const { values } = await sensor.sample()
    const named = Object.fromEntries(sensor.channels.map(({ quantity }, index) => [quantity, values[index]]))
    expect(named).toEqual({ temperature: 2_345, humidity: 4_512, pressure: 100_854 })
  })

  // Documentation/ABI/testing/sysfs-bus-iio: what each type is after scale and offset.
  test.each<[string, Tree, string, number]>([
    ['thousandths of a degree', { in_temp_input: '-7125' }, 'temperature', -713],
    ['ties away from zero', { in_temp_input: '1005' }, 'temperature', 101],
    ['thousandths of a percent', { in_humidityrelative_input: '99999' }, 'humidity', 10_000],
    ['kilopascals', { in_pressure_input: '101.325000000' }, 'pressure', 101_325],
    ['half a pascal', { in_pressure_input: '101.3255' }, 'pressure', 101_326],
    [
      'parts of a hundred of gas, by scale',
      { in_concentration_co2_raw: '412', in_concentration_co2_scale: '0.0001' },
      'co2',
      412,
    ],
    ['parts of a hundred of gas', { in_concentration_co2_input: '0.041250' }, 'co2', 413],
    ['µg/m³ below 1 µm', { in_massconcentration_pm1_input: '4.26' }, 'pm1', 43],
    ['µg/m³ below 2.5 µm', { in_massconcentration_pm2p5_input: '7.349' }, 'pm2.5', 73],
    ['µg/m³ below 4 µm', { in_massconcentration_pm4_input: '9' }, 'pm4', 90],
    ['µg/m³ below 10 µm', { in_massconcentration_pm10_input: '12.05' }, 'pm10', 121],
    ['lux', { in_illuminance_raw: '1000', in_illuminance_scale: '0.833333' }, 'light', 833],
    [
      'raw with scale and offset',
      { in_temp_raw: '2048', in_temp_offset: '-1185.354545', in_temp_scale: '10' },
      'temperature',
      863,
    ],
    ['scale shared by a type', { in_voltage0_raw: '1650', in_voltage_scale: '2.000000000' }, 'voltage', 330],
    [
      'scale of its own before the shared one',
      { in_voltage1_raw: '10', in_voltage1_scale: '100', in_voltage_scale: '2' },
      'voltage',
      100,
    ],
    ['milliamperes', { in_current0_raw: '1500', in_current0_scale: '1' }, 'current', 1_500],
    ['milliwatts', { in_power_raw: '60', in_power_scale: '100' }, 'power', 60],
    ['ohms', { in_resistance_input: '10470.4' }, 'resistance', 10_470],
  ])('reads %s', async (_, files, quantity, value) => {
    expect(await measured(files)).toEqual({ quantities: [quantity], values: [value], faults: [null] })
  })

  test('prefers the value that the driver has worked out', async () => {
    const both = { in_temp_input: '21000', in_temp_raw: '1', in_temp_scale: '1' }
    expect((await measured(both)).values).toEqual([2_100])
  })

  test('is found again under another number', async () => {
    const root = tree(iioTree(0, '1-0076', BME280_FILES))
    const sensor = openIio({ root }, { device: 'bme280' })
    rmSync(join(root, 'sys/bus/iio/devices/iio:device0'))
    expect((await sensor.sample()).faults).toEqual(['unplugged', 'unplugged', 'unplugged'])
    expect(sensor.health()).toMatchObject({ state: 'unplugged', advice: expect.stringContaining('bme280 at 1-0076') })
    renameSync(join(root, I2C, '1-0076/iio:device0'), join(root, I2C, '1-0076/iio:device3'))
    symlinkSync(`../../../../${I2C}/1-0076/iio:device3`, join(root, 'sys/bus/iio/devices/iio:device3'))
    expect((await sensor.sample()).faults).toEqual([null, null, null])
    expect(sensor.health().state).toBe('ok')
  })

  test('a file that is empty or damaged costs its own channel only', async () => {
    const found = await measured({ in_humidityrelative_input: '', in_pressure_input: 'x', in_temp_input: '20000' })
    expect(found).toEqual({
      quantities: ['humidity', 'pressure', 'temperature'],
      values: [null, null, 2_000],
      faults: ['no_answer', 'bad_frames', null],
    })
  })

  test('a number that cannot travel is out of range', async () => {
    expect(await measured({ in_pressure_input: '900000000000000' })).toMatchObject({ faults: ['out_of_range'] })
    expect(await measured({ in_temp_raw: '1', in_temp_scale: 'x' })).toMatchObject({ faults: ['out_of_range'] })
  })

  test('two of a kind are told by their addresses', async () => {
    const root = tree(
      iioTree(0, '1-0076', BME280_FILES),
      iioTree(1, '1-0077', { ...BME280_FILES, in_temp_input: '30000' }),
    )
    expect(() => openIio({ root }, { device: 'bme280' })).toThrow("say which with 'at': 1-0076 or 1-0077")
    const second = openIio({ root }, { device: 'bme280', at: '1-0077' })
    expect((await second.sample()).values).toContain(3_000)
  })

  test('one that is not there is refused with what is', () => {
    const root = tree(iioTree(0, '1-0076', BME280_FILES))
    expect(() => openIio({ root }, { device: 'scd4x' })).toThrow(/no iio sensor 'scd4x'; it shows only bme280/)
    expect(() => openIio({ root: tempDir() }, { device: 'scd4x' })).toThrow('it shows no such sensor at all')
  })

  describe('inputs', () => {
    const ads1115: Tree = {
      in_voltage0_raw: '8000',
      in_voltage1_raw: '16000',
      in_voltage_scale: '0.125',
      'in_voltage0-voltage1_raw': '-8000',
    }

    test('must be chosen where several channels measure the same', async () => {
      await expect(measured(ads1115)).rejects.toThrow(
        /several channels of voltage: choose with 'inputs' among voltage0/,
      )
    })

    test('make another quantity by a formula of the unrounded value, which is told as the calibration', async () => {
      const root = tree(iioTree(0, '1-0048', { name: 'ads1115', ...ads1115 }))
      const sensor = openIio(
        { root },
        {
          device: 'ads1115',
          inputs: [
            { channel: 'voltage1', quantity: 'soil-moisture', formula: '(3 - x) * 33.3333' },
            { channel: 'voltage0', quantity: 'voltage' },
          ],
        },
      )
      expect(await sensor.sample()).toEqual({ values: [333, 100], faults: [null, null] })
      expect(calibrationOf(sensor, 0)).toEqual({ offset: 0, gainPpm: 1_000_000, formula: '(3 - x) * 33.3333' })
      expect(calibrationOf(sensor, 1)).toBeNull()
    })

    test.each([
      [{ channel: 'voltage7', quantity: 'voltage' }, "names 'voltage7', which is not among the channels"],
      [{ channel: 'voltage0', quantity: 'level' }, "needs a 'formula' that makes level of the voltage"],
    ])('refuse %j', async (input, reason) => {
      await expect(measured(ads1115, [input])).rejects.toThrow(reason)
    })
  })

  test('a device that measures nothing known is refused', async () => {
    await expect(measured({ in_accel_x_raw: '1' })).rejects.toThrow('nothing that is measured by itself')
  })

  test('a write while it is read is read whole the next time', async () => {
    const root = tree(iioTree(0, '1-0076', BME280_FILES))
    const sensor = openIio({ root }, { device: 'bme280' })
    writeFileSync(join(root, I2C, '1-0076/iio:device0/in_temp_input'), '24000\n')
    expect((await sensor.sample()).values).toContain(2_400)
  })
})

import { describe, expect, test } from 'vitest'
import { openHwmon } from '../../../../hardware/drivers/hwmon.ts'
import { openSoc } from '../../../../hardware/drivers/soc.ts'
import { hwmonTree, type Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()

function tree(...trees: Tree[]): string {
  const root = tempDir()
  for (const each of trees) writeTree(root, each)
  return root
}

describe('hwmon', () => {
  test('an SHT3x is temperature and humidity', async () => {
    const root = tree(hwmonTree(2, '1-0044', { name: 'sht3x', temp1_input: '-3215', humidity1_input: '48175' }))
    const sensor = openHwmon({ root }, { device: 'sht3x' })
    const { values } = await sensor.sample()
    expect(sensor.model).toBe('sht3x')
    expect(Object.fromEntries(sensor.channels.map(({ quantity }, i) => [quantity, values[i]]))).toEqual({
      temperature: -322,
      humidity: 4_818,
    })
  })

  // Documentation/hwmon/sysfs-interface.rst: the unit of each type.
  test.each<[string, Tree, string, number]>([
    ['millivolts', { in1_input: '3305' }, 'voltage', 331],
    ['milliamperes', { curr1_input: '415' }, 'current', 415],
    ['microwatts', { power1_input: '2450000' }, 'power', 25],
  ])('reads %s', async (_, files, quantity, value) => {
    const sensor = openHwmon({ root: tree(hwmonTree(0, '1-0040', { name: 'chip', ...files })) }, { device: 'chip' })
    expect(sensor.channels.map(channel => channel.quantity)).toEqual([quantity])
    expect((await sensor.sample()).values).toEqual([value])
  })

  test('a fan turns only when it is asked for', async () => {
    const root = tree(hwmonTree(0, '1-002f', { name: 'emc2301', fan1_input: '1200', temp1_input: '40000' }))
    expect(openHwmon({ root }, { device: 'emc2301' }).channels.map(({ quantity }) => quantity)).toEqual(['temperature'])
    const fan = openHwmon({ root }, { device: 'emc2301', inputs: [{ channel: 'fan1', quantity: 'frequency' }] })
    expect((await fan.sample()).values).toEqual([2_000])
  })

  test('two of a kind are told by their addresses', async () => {
    const chip = (celsius: string): Tree => ({ name: 'lm75', temp1_input: celsius })
    const root = tree(hwmonTree(1, '1-0048', chip('20000')), hwmonTree(4, '1-0049', chip('25000')))
    expect((await openHwmon({ root }, { device: 'lm75', at: '1-0049' }).sample()).values).toEqual([2_500])
  })
})

describe('soc', () => {
  const zone = (temp: string): Tree => ({
    'sys/class/thermal/thermal_zone0/type': 'cpu-thermal',
    'sys/class/thermal/thermal_zone0/temp': temp,
  })

  test('is the temperature of the chip in tenths', async () => {
    const sensor = openSoc({ root: tree(zone('48312')) })
    expect(sensor).toMatchObject({ model: 'soc', channels: [{ quantity: 'soc-temperature', exponent: -1 }] })
    expect(await sensor.sample()).toEqual({ values: [483], faults: [null] })
  })

  test.each([
    ['does not tell', {}, 'no_answer', 'silent'],
    ['tells nonsense', zone('warm'), 'bad_frames', 'faulty'],
  ])('of a computer that %s is a fault', async (_, files, fault, state) => {
    const sensor = openSoc({ root: tree(files as Tree) })
    expect(await sensor.sample()).toEqual({ values: [null], faults: [fault] })
    expect(sensor.health().state).toBe(state)
  })
})

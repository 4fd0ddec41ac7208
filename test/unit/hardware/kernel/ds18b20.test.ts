import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDs18b20 } from '../../../../hardware/drivers/ds18b20.ts'
import type { Clock } from '../../../../protocol/index.ts'
import { type Tree, w1Slave, w1Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { hastyClock } from '../../../support/virtual-clock.ts'

const ID = '28-0316a2798aff'
const OTHER = '28-3c01d607ab12'
const GOOD = '77 01 4b 46 7f ff 0c 10 6b'

describe('ds18b20', () => {
  const tempDir = tempDirs()

  function bus(...trees: Tree[]) {
    const root = tempDir()
    for (const tree of trees) writeTree(root, tree)
    const file = (id: string, name: string) => join(root, 'sys/bus/w1/devices', id, name)
    return { root, file }
  }

  /** A clock on which every wait is over at once, and does something first. */
  function waiting(onWait: (wait: number) => void = () => {}): Clock & { readonly waits: number } {
    const clock = hastyClock()
    let waits = 0
    return {
      wallMs: clock.wallMs,
      monotonicMs: clock.monotonicMs,
      get waits() {
        return waits
      },
      setTimeout(fn, delayMs) {
        onWait(++waits)
        return clock.setTimeout(fn, delayMs)
      },
    }
  }

  async function only(root: string, clock: Clock = hastyClock(), id?: string) {
    const [opened] = await openDs18b20({ root, clock }, id === undefined ? {} : { id })
    if (opened === undefined) throw new Error('nothing was opened')
    return opened
  }

  test('is a temperature in hundredths of a degree, with the ROM id as its serial number', async () => {
    const { root } = bus(w1Tree(ID, { temperature: '23437' }))
    const { sensor, place } = await only(root)
    expect(sensor).toMatchObject({
      model: 'ds18b20',
      serial: ID,
      channels: [{ quantity: 'temperature', unit: 'Cel', exponent: -2 }],
    })
    expect(place).toBe(ID)
    expect(await sensor.sample()).toEqual({ values: [2_344], faults: [null] })
    expect(sensor.health()).toMatchObject({ state: 'ok', advice: '' })
  })

  test.each([
    ['-10062', -1_006],
    ['-55000', -5_500],
    ['125000', 12_500],
    ['0', 0],
    ['-62', -6],
    ['84937', 8_494],
    ['-5', -1],
  ])('gives %s thousandths as %i', async (text, value) => {
    const { root } = bus(w1Tree(ID, { temperature: text }))
    expect((await (await only(root)).sensor.sample()).values).toEqual([value])
  })

  test.each([
    ['85000', 'power_on_value', 'lost power'],
    ['127937', 'out_of_range', 'lacks power'],
    ['-55062', 'out_of_range', 'lacks power'],
    ['garbage', 'bad_frames', 'checksums'],
  ])('refuses %s as %s', async (text, fault, advice) => {
    const { root } = bus(w1Tree(ID, { temperature: text }))
    const { sensor } = await only(root)
    expect(await sensor.sample()).toEqual({ values: [null], faults: [fault] })
    expect(sensor.health()).toMatchObject({ state: 'faulty', counters: { samplesTaken: 1, [`missing_${fault}`]: 1 } })
    expect(sensor.health().advice).toContain(advice)
  })

  test('waits while the file is empty because the sensor converts', async () => {
    const { root, file } = bus(w1Tree(ID, { temperature: '' }))
    const clock = waiting(wait => {
      if (wait === 3) writeFileSync(file(ID, 'temperature'), '21500\n')
    })
    const { sensor } = await only(root, clock)
    expect((await sensor.sample()).values).toEqual([2_150])
    expect(clock.waits).toBe(3)
  })

  test('reads w1_slave when temperature stays empty', async () => {
    const { root } = bus(w1Tree(ID, { temperature: '', w1_slave: w1Slave(GOOD, 'YES', 23_437) }))
    expect((await (await only(root)).sensor.sample()).values).toEqual([2_344])
  })

  test('says that it does not answer when both stay empty', async () => {
    const { root } = bus(w1Tree(ID, { temperature: '', w1_slave: '' }))
    const { sensor } = await only(root)
    expect((await sensor.sample()).faults).toEqual(['no_answer'])
    expect(sensor.health()).toMatchObject({ state: 'silent' })
    expect(sensor.health().advice).toContain('4.7 kΩ')
  })

  describe('on older kernels, from w1_slave', () => {
    test.each([
      ['a right checksum', w1Slave(GOOD, 'YES', 23_437), [2_344], [null]],
      ['a wrong checksum', w1Slave(GOOD, 'NO', 23_437), [null], ['bad_frames']],
      ['the power-on value', w1Slave('50 05 4b 46 7f ff 0c 10 1c', 'YES', 85_000), [null], ['power_on_value']],
      ['a data wire at ground', w1Slave('00 00 00 00 00 00 00 00 00', 'YES', 0), [null], ['no_answer']],
      ['half a file', GOOD, [null], ['bad_frames']],
      ['below zero', w1Slave('5e ff 4b 46 7f ff 0c 10 b1', 'YES', -10_125), [-1_013], [null]],
    ])('%s', async (_, text, values, faults) => {
      const { root } = bus(w1Tree(ID, { w1_slave: text }))
      expect(await (await only(root)).sensor.sample()).toEqual({ values, faults })
    })
  })

  test('tells an input error of the bus from an absent sensor', async () => {
    const { root, file } = bus(w1Tree(ID, { w1_slave: '' }))
    // Reading a process's memory at address 0 gives the error number of a failed transfer.
    symlinkSync('/proc/self/mem', file(ID, 'temperature'))
    const { sensor } = await only(root)
    expect((await sensor.sample()).faults).toEqual(['bad_frames'])
  })

  test('says unplugged while it is away, and measures again when it is back', async () => {
    const { root, file } = bus(w1Tree(ID, { temperature: '20000' }))
    const { sensor } = await only(root, hastyClock(), ID)
    expect((await sensor.sample()).values).toEqual([2_000])
    rmSync(file(ID, 'temperature'))
    expect(await sensor.sample()).toEqual({ values: [null], faults: ['unplugged'] })
    expect(sensor.health()).toMatchObject({ state: 'unplugged', advice: expect.stringContaining(ID) })
    writeFileSync(file(ID, 'temperature'), '20500\n')
    expect((await sensor.sample()).values).toEqual([2_050])
    expect(sensor.health().state).toBe('ok')
  })

  test('with an id is opened before it is plugged in', async () => {
    const root = tempDir()
    const { sensor } = await only(root, hastyClock(), ID)
    expect((await sensor.sample()).faults).toEqual(['unplugged'])
    writeTree(root, w1Tree(ID, { temperature: '19000' }))
    expect((await sensor.sample()).values).toEqual([1_900])
  })

  test('that goes away while it converts is unplugged', async () => {
    const { root, file } = bus(w1Tree(ID, { temperature: '' }))
    const clock = waiting(() => rmSync(file(ID, 'temperature'), { force: true }))
    const { sensor } = await only(root, clock)
    expect((await sensor.sample()).faults).toEqual(['unplugged'])
  })

  test('without an id is every thermometer on the bus, and no other 1-wire part', async () => {
    const { root } = bus(w1Tree(ID, { temperature: '20000' }), {
      [`sys/bus/w1/devices/${OTHER}/temperature`]: '21000',
      'sys/bus/w1/devices/29-000000000001/state': 'x',
    })
    const opened = await openDs18b20({ root, clock: hastyClock() }, {})
    expect(opened.map(({ sensor }) => sensor.serial)).toEqual([ID, OTHER])
    const measured = await Promise.all(opened.map(({ sensor }) => sensor.sample()))
    expect(measured.map(({ values }) => values)).toEqual([[2_000], [2_100]])
  })

  test('several convert together: one trigger for all that are sampled at once', async () => {
    const { root } = bus(w1Tree(ID, { temperature: '20000' }), {
      [`sys/bus/w1/devices/${OTHER}/temperature`]: '21000',
    })
    const trigger = join(root, 'sys/devices/w1_bus_master1/therm_bulk_read')
    const seen: string[] = []
    const clock = waiting(wait => {
      seen.push(readFileSync(trigger, 'utf8').trim())
      writeFileSync(trigger, wait < 3 ? '-1\n' : '1\n')
    })
    const opened = await openDs18b20({ root, clock }, {})
    const measured = await Promise.all(opened.map(({ sensor }) => sensor.sample()))
    expect(seen).toEqual(['trigger', '-1', '-1'])
    expect(measured.map(({ values }) => values)).toEqual([[2_000], [2_100]])
    await opened[1]?.sensor.sample()
    expect(seen.slice(3)).toEqual(['trigger'])
  })

  test('one that may not be told to convert together is read alone', async () => {
    const { root } = bus(w1Tree(ID, { temperature: '20000' }), {
      [`sys/bus/w1/devices/${OTHER}/temperature`]: '21000',
    })
    const trigger = join(root, 'sys/devices/w1_bus_master1/therm_bulk_read')
    rmSync(trigger)
    symlinkSync('/dev/full', trigger)
    const clock = waiting()
    const opened = await openDs18b20({ root, clock }, {})
    expect(await Promise.all(opened.map(async ({ sensor }) => (await sensor.sample()).values))).toEqual([
      [2_000],
      [2_100],
    ])
    expect(clock.waits).toBe(0)
  })

  test('a bus that is off or empty says what to do', async () => {
    const root = tempDir()
    await expect(openDs18b20({ root, clock: hastyClock() }, {})).rejects.toMatchObject({
      info: { code: 'unreadable' },
      message: expect.stringContaining('dtoverlay=w1-gpio'),
    })
    writeTree(root, { 'sys/bus/w1/devices/w1_bus_master1/therm_bulk_read': '0' })
    await expect(openDs18b20({ root, clock: hastyClock() }, {})).rejects.toMatchObject({
      message: expect.stringContaining('4.7 kΩ'),
    })
  })
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSocTemperatureMilliC, readThrottled } from '../../../hardware/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const newFolder = tempDirs()

/** A tree as a board's kernel shows it. */
function tree(files: Record<string, string>): { root: string } {
  const root = newFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return { root }
}

const PI_4 = {
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
  'sys/class/thermal/thermal_zone0/temp': '48686\n',
  'sys/class/thermal/cooling_device0/type': 'gpio-fan\n',
  'sys/class/hwmon/hwmon0/name': 'cpu_thermal\n',
  'sys/class/hwmon/hwmon1/name': 'rpi_volt\n',
  'sys/class/hwmon/hwmon1/in0_lcrit_alarm': '0\n',
  'sys/devices/platform/soc/soc:firmware/get_throttled': '50005\n',
}
const PI_5 = {
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
  'sys/class/thermal/thermal_zone0/temp': '61250\n',
  'sys/class/hwmon/hwmon0/name': 'pwmfan\n',
  'sys/class/hwmon/hwmon3/name': 'rpi_volt\n',
  'sys/class/hwmon/hwmon3/in0_lcrit_alarm': '1\n',
}
const PI_3_OLD_KERNEL = {
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
  'sys/class/thermal/thermal_zone0/temp': '83100\n',
  'sys/devices/platform/soc/soc:firmware/get_throttled': '0xe0008\n',
}
const LAPTOP = {
  'sys/class/thermal/thermal_zone0/type': 'acpitz\n',
  'sys/class/thermal/thermal_zone0/temp': '25000\n',
  'sys/class/thermal/thermal_zone7/type': 'x86_pkg_temp\n',
  'sys/class/thermal/thermal_zone7/temp': '-1500\n',
  'sys/class/hwmon/hwmon0/name': 'coretemp\n',
}

describe('readSocTemperatureMilliC', () => {
  it.each([
    ['a Pi 4', PI_4, 48_686],
    ['a Pi 5', PI_5, 61_250],
    ['a laptop, by the zone of its processor', LAPTOP, -1_500],
    ['a machine without sensors', {}, null],
    ['a board whose driver cannot answer', { 'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n' }, null],
  ])('reads %s', (_, files, milliC) => {
    expect(readSocTemperatureMilliC(tree(files))).toBe(milliC)
  })

  it('does not guess at nonsense', () => {
    const files = { ...PI_4, 'sys/class/thermal/thermal_zone0/temp': 'hot\n' }
    expect(() => readSocTemperatureMilliC(tree(files))).toThrow(
      /thermal_zone0\/temp holds 'hot', which is not a number/,
    )
  })

  it('reads whatever this machine has', () => {
    expect([null, expect.any(Number)]).toContainEqual(readSocTemperatureMilliC())
  })
})

describe('readThrottled', () => {
  it('asks the voltage monitor first, since asking the firmware makes the kernel complain', () => {
    const unknown = { frequencyCapped: null, throttled: null, softTemperatureLimit: null }
    expect(readThrottled(tree(PI_4))).toEqual({ underVoltage: false, ...unknown })
    expect(readThrottled(tree(PI_5))).toEqual({ underVoltage: true, ...unknown })
  })

  it('takes the bits of this moment from the firmware of an old kernel', () => {
    const now = { underVoltage: false, frequencyCapped: false, throttled: false, softTemperatureLimit: true }
    expect(readThrottled(tree(PI_3_OLD_KERNEL))).toEqual(now)
    const path = 'sys/devices/platform/soc/soc:firmware/get_throttled'
    expect(readThrottled(tree({ [path]: '50005\n' }))).toMatchObject({ underVoltage: true, throttled: true })
    expect(readThrottled(tree({ [path]: '0\n' }))).toMatchObject({ underVoltage: false, throttled: false })
  })

  it('knows nothing of other machines', () => {
    expect(readThrottled(tree(LAPTOP))).toBeNull()
  })
})

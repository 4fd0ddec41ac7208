import { expect, it } from 'vitest'
import { readPower } from '../../../../hardware/host/power-supply.ts'
import { inFolder, type Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()

const supply = (name: string, files: Tree): Tree => inFolder(`sys/class/power_supply/${name}`, files)
const BATTERY = supply('BAT0', { type: 'Battery', present: '1', status: 'Discharging', capacity: '63' })
const CHARGING = supply('BAT0', { type: 'Battery', present: '1', status: 'Charging', capacity: '40' })
const SECOND = supply('BAT1', { type: 'Battery', present: '1', status: 'Unknown', capacity: '12' })
const GONE = supply('BAT1', { type: 'Battery', present: '0', status: 'Unknown' })
const MAINS = supply('AC', { type: 'Mains', online: '1' })
const UNPLUGGED = supply('AC', { type: 'Mains', online: '0' })
const MOUSE = supply('hidpp_battery_0', { type: 'Battery', scope: 'Device', status: 'Discharging', capacity: '5' })
/** A UPS board whose driver tells nothing but that it discharges. */
const UPS = supply('ups', { type: 'UPS', status: 'Discharging' })
/** As the kernel shows a Raspberry Pi's USB-C port. */
const USB_C = supply('usb', { type: 'USB_PD', online: '1' })

it.each([
  ['nothing', {}, null],
  ['mains alone', MAINS, null],
  ["somebody's mouse", { ...MAINS, ...MOUSE }, null],
  ['a battery without a supply beside it', BATTERY, { onBattery: true, chargePercent: 63 }],
  ['a battery, unplugged', { ...BATTERY, ...UNPLUGGED }, { onBattery: true, chargePercent: 63 }],
  ['a supply too weak to charge', { ...BATTERY, ...MAINS }, { onBattery: false, chargePercent: 63 }],
  ['a charging battery', { ...CHARGING, ...USB_C }, { onBattery: false, chargePercent: 40 }],
  ['two batteries', { ...BATTERY, ...SECOND, ...UNPLUGGED }, { onBattery: true, chargePercent: 12 }],
  ['a place without its battery', { ...BATTERY, ...GONE }, { onBattery: true, chargePercent: 63 }],
  ['a UPS', UPS, { onBattery: true, chargePercent: null }],
])('reads %s', (_, tree, power) => {
  const root = newFolder()
  writeTree(root, tree)
  expect(readPower({ root })).toEqual(power)
})

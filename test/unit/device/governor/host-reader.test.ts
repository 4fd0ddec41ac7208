import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostReader } from '../../../../device/governor/host-reader.ts'
import { GovernorPolicy } from '../../../../device/index.ts'
import { keepLog } from '../../../support/device/fake-parts.ts'
import { type Tree, writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const newFolder = tempDirs()

const process = (pid: number, name: string, parent: number, userTicks: number): Tree => ({
  [`proc/${pid}/stat`]: `${pid} (${name}) S ${parent} 1 1 0 -1 4194560 1 0 0 0 ${userTicks} 0 0 0 20 0 1 0 1 1 1`,
})
const BOARD: Tree = {
  'sys/class/thermal/thermal_zone0/type': 'cpu-thermal',
  'sys/class/thermal/thermal_zone0/temp': '51000',
  'sys/class/hwmon/hwmon0/name': 'rpi_volt',
  'sys/class/hwmon/hwmon0/in0_lcrit_alarm': '0',
  'proc/stat': 'cpu  1000 0 0 5000 0 0 0 0 0 0\ncpu0 500 0 0 2500 0 0 0 0 0 0\ncpu1 500 0 0 2500 0 0 0 0 0 0',
  ...process(1, 'systemd', 0, 100),
  ...process(50, 'node', 1, 200),
  ...process(51, 'node', 50, 300),
  ...process(70, 'averylongprogra', 1, 10),
  'proc/70/cmdline': '/usr/bin/averylongprogramname\0',
  'proc/net/route':
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\nwwan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000',
  'sys/class/net/wwan0/statistics/rx_bytes': '1000',
  'sys/class/net/wwan0/statistics/tx_bytes': '500',
  'sys/class/power_supply/BAT0/type': 'Battery',
  'sys/class/power_supply/BAT0/status': 'Discharging',
  'sys/class/power_supply/BAT0/capacity': '63',
}

function reader(partial: Partial<GovernorPolicy>, tree: Tree = BOARD) {
  const root = newFolder()
  writeTree(root, tree)
  const { log } = keepLog()
  const clock = new VirtualClock()
  const traffic = { path: join(root, 'traffic.json'), boot: '', keeps: true }
  return { root, clock, ...hostReader({ clock, log }, { policy: GovernorPolicy(partial), ownPid: 50, traffic, root }) }
}

describe('hostReader', () => {
  it('reads the board, and nothing that no rule asks for', () => {
    expect(reader({}).read()).toEqual({
      socTemperatureMilliC: 51_000,
      underVoltage: false,
      throttled: null,
      load: null,
      exclusive: null,
      network: '',
      traffic: null,
      power: null,
      conditions: new Map(),
    })
  })

  it('reads what others use: everything but the device and what it started', () => {
    expect(reader({ loadMax: 0.5 }).read().load).toEqual({ processors: 2, othersMs: 10_000 - 2_000 - 3_000 })
  })

  it.each([
    ['systemd', 'systemd'],
    ['averylongprogramname', 'averylongprogramname'],
    ['kodi.bin', ''],
  ])('looks for the program %s: %j', (program, found) => {
    expect(reader({ exclusive: [program] }).read().exclusive).toBe(found)
  })

  it('does not say that no program runs where it may not see them', () => {
    const hidden = reader({ exclusive: ['kodi.bin'] }, process(50, 'node', 1, 200))
    expect(hidden.read().exclusive).toBeNull()
  })

  it('reads the way to the internet, the month’s traffic and the battery', () => {
    const host = reader({ meteredInterfaces: ['wwan0'], monthlyTrafficMaxBytes: 1e9, onBattery: 'pause' })
    host.read()
    writeFileSync(join(host.root, 'sys/class/net/wwan0/statistics/tx_bytes'), '800\n')
    expect(host.read()).toMatchObject({
      network: 'wwan0',
      traffic: { bytes: 300 },
      power: { onBattery: true, chargePercent: 63 },
    })
  })

  it('reads conditions by their names', () => {
    const file = join(newFolder(), 'tariff')
    writeFileSync(file, 'cheap\n')
    const host = reader({ conditions: [{ name: 'tariff', source: { file }, demand: { equals: 'cheap' } }] })
    expect(host.read().conditions?.get('tariff')).toMatchObject({ text: 'cheap' })
    host.close()
  })

  it('finds nothing on a machine that tells nothing', () => {
    const everything = { loadMax: 0.5, exclusive: ['x'], onBattery: 'pause', meteredInterfaces: ['wwan0'] } as const
    expect(reader(everything, {}).read()).toMatchObject({
      socTemperatureMilliC: null,
      load: null,
      exclusive: null,
      network: '',
      power: null,
    })
  })
})

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  checkBoard,
  checkClock,
  checkDisk,
  checkFiles,
  checkNode,
  checkService,
} from '../../../../../hardware/host/doctor/index.ts'
import { runCommand } from '../../../../../hardware/host/run-command.ts'
import type { Finding } from '../../../../../protocol/index.ts'
import { type Tree, writeTree } from '../../../../support/sysfs.ts'
import { tempDirs } from '../../../../support/temp-dir.ts'

const newFolder = tempDirs()
const NOW = Date.UTC(2026, 5, 1)
const MIB = 1_048_576

const nobody = async () => null

function treeOf(tree: Tree): string {
  const root = newFolder()
  writeTree(root, tree)
  return root
}

/** Verdict and words of every finding. */
const told = (findings: readonly Finding[]) => findings.map(({ verdict, says }) => `${verdict}: ${says}`)

/** Whoever is told of something bad is told what to do. */
function expectRemedies(findings: readonly Finding[]): void {
  for (const { verdict, fix } of findings) expect(fix === '').toBe(verdict === 'ok')
}

describe('the clock', () => {
  const clock = (more: Partial<Parameters<typeof checkClock>[0]>) =>
    checkClock({ root: newFolder(), run: nobody, wallMs: () => NOW, remote: nobody, ...more })

  test('that was never set is told, with what to type', async () => {
    const [finding] = await clock({ wallMs: () => 86_400_000 })
    expect(finding).toMatchObject({ verdict: 'broken', says: 'The clock says 1970-01-02, so it was never set.' })
    expect(finding?.fix).toContain('timedatectl set-ntp true')
  })

  test.each<[string, Parameters<typeof clock>[0], string]>([
    ['by timedatectl', { run: async () => 'yes' }, 'ok: The clock is kept right from the network.'],
    ['by nothing', { run: async () => 'no' }, 'warning: Nothing keeps the clock right.'],
    ['as nobody tells', {}, 'ok: Nobody here tells whether the clock is kept right.'],
  ])('is kept right %s', async (_, more, says) => {
    expect(told(await clock(more))).toEqual([says])
  })

  test('is kept right by the mark of timesyncd', async () => {
    const root = treeOf({ 'run/systemd/timesync/synchronized': '' })
    expect(told(await clock({ root }))).toEqual(['ok: The clock is kept right from the network.'])
  })

  test.each([
    [800, 0, 'ok: The clock agrees with the coordinator’s.'],
    [7_000, 0, "warning: The clock is 6.5 s ahead of the coordinator's."],
    [-7_000, 200, "warning: The clock is 7.6 s behind the coordinator's."],
    [7_200_000, 0, "broken: The clock is 7199.5 s ahead of the coordinator's."],
    // A slow answer says little.
    [7_000, 12_000, 'ok: The clock agrees with the coordinator’s.'],
  ])('%i ms from the coordinator’s, which answered in %i ms', async (offMs, elapsedMs, says) => {
    const remote = async () => ({ wallMs: NOW - offMs, elapsedMs })
    expect(told(await clock({ remote }))[1]).toBe(says)
  })
})

describe('the disk', () => {
  const CARD = '/dev/mmcblk0p2 / ext4 rw,noatime 0 0'
  const disk = (mounts: string, more: Partial<Parameters<typeof checkDisk>[0]> = {}, tree: Tree = {}) => {
    const findings = checkDisk({
      root: treeOf({ 'proc/self/mounts': mounts, ...tree }),
      folder: '/home/me/.hedgerow',
      monotonicMs: () => 0,
      freeBytes: () => 4_096 * MIB,
      writeSynced: () => {},
      ...more,
    })
    expectRemedies(findings)
    return findings
  }

  test('that is well', () => {
    expect(told(disk(CARD))).toEqual([
      'ok: 4096 MiB are free where /home/me/.hedgerow is.',
      'ok: A small write to /home/me/.hedgerow is on the disk after 0 ms.',
    ])
  })

  test('that the system has made read-only is told first, with how to find out why', () => {
    const [finding] = disk(`${CARD.replace('rw', 'ro')}`)
    expect(finding).toMatchObject({ verdict: 'broken', says: expect.stringContaining('/dev/mmcblk0p2') })
    expect(finding?.fix).toContain('dmesg')
  })

  test('is the one that the folder is on', () => {
    const mounts = `${CARD.replace('rw', 'ro')}\n/dev/sda1 /home/me ext4 rw 0 0\n/dev/sdb1 /home/me/.hedge ext4 ro 0 0`
    expect(told(disk(mounts))[0]).toContain('ok')
  })

  test.each([
    [10, 'broken'],
    [100, 'warning'],
    [1_000, 'ok'],
  ])('with %i MiB left is %s', (mib, verdict) => {
    expect(disk(CARD, { freeBytes: () => mib * MIB })[0]?.verdict).toBe(verdict)
  })

  test('that is full is told of by the write', () => {
    const writeSynced = () => {
      throw new Error('ENOSPC: no space left on device, write')
    }
    expect(told(disk(CARD, { writeSynced }))[1]).toMatch(/^broken: Nothing can be written to .*ENOSPC/)
  })

  test('that takes seconds to write is told of', () => {
    let now = 0
    const monotonicMs = () => (now += 1_500)
    expect(told(disk(CARD, { monotonicMs }))[1]).toContain('warning')
  })

  test.each<[string, Tree, RegExp | null]>([
    [
      'new',
      { 'sys/block/mmcblk0/device/life_time': '0x01 0x01', 'sys/block/mmcblk0/device/pre_eol_info': '0x01' },
      null,
    ],
    [
      'old',
      { 'sys/block/mmcblk0/device/life_time': '0x02 0x09', 'sys/block/mmcblk0/device/pre_eol_info': '0x01' },
      /90 %/,
    ],
    [
      'at its end',
      { 'sys/block/mmcblk0/device/life_time': '0x0b 0x0b', 'sys/block/mmcblk0/device/pre_eol_info': '0x03' },
      /spare blocks/,
    ],
    ['a card that does not tell', {}, null],
  ])('of flash memory that is %s', (_, tree, says) => {
    const found = disk(CARD, {}, tree).find(({ check }) => check === 'disk wear')
    if (says === null) expect(found).toBeUndefined()
    else expect(found?.says).toMatch(says)
  })

  test('for real: a folder, and none', () => {
    const real = (folder: string) => checkDisk({ root: '/', folder, monotonicMs: () => 0 })
    expect(real(newFolder()).map(({ verdict }) => verdict)).not.toContain('broken')
    expect(told(real('/nowhere/at/all'))[0]).toBe('broken: The folder /nowhere/at/all is not there.')
  })
})

describe('the board', () => {
  const SOC = { 'sys/class/thermal/thermal_zone0/type': 'cpu-thermal' }
  const board = async (bits: string | null, milliC: string | null, tree: Tree = {}) => {
    const root = treeOf({
      ...(milliC === null ? {} : { ...SOC, 'sys/class/thermal/thermal_zone0/temp': milliC }),
      ...tree,
    })
    const findings = await checkBoard({ root, run: async name => (name === 'vcgencmd' ? bits : null) })
    expectRemedies(findings)
    return told(findings)
  }

  test.each([
    ['throttled=0x0', '48000', 'ok: The voltage has been high enough since the start.', 'ok: The chip has 48.0 °C.'],
    [
      'throttled=0x10000',
      '48000',
      'warning: The voltage was too low at some time since the start.',
      'ok: The chip has 48.0 °C.',
    ],
    [
      'throttled=0x50005',
      '50000',
      'broken: The voltage is too low at this moment',
      'broken: The chip has 50.0 °C and is slowed down.',
    ],
    ['throttled=0x0', '77000', 'ok', 'warning: The chip has 77.0 °C, and is slowed down from 80 °C on.'],
    ['throttled=0x80008', '82500', 'ok', 'broken: The chip has 82.5 °C and is slowed down.'],
    [
      'throttled=0x80000',
      '60000',
      'ok',
      'warning: The chip has 60.0 °C, and was slowed down at some time since the start.',
    ],
    [null, null, 'ok: This board does not tell of its voltage.', 'ok: This board does not tell its temperature.'],
    [
      'error=1',
      'nonsense',
      'ok: This board does not tell of its voltage.',
      'ok: This board does not tell its temperature.',
    ],
  ])('says %s at %s', async (bits, milliC, power, temperature) => {
    expect(await board(bits, milliC)).toEqual([expect.stringContaining(power), expect.stringContaining(temperature)])
  })

  test('is asked by its files where the program is missing', async () => {
    const firmware = { 'sys/devices/platform/soc/soc:firmware/get_throttled': '50000' }
    expect((await board(null, null, firmware))[0]).toContain('warning: The voltage was too low at some time')
    const monitor = { 'sys/class/hwmon/hwmon1/name': 'rpi_volt', 'sys/class/hwmon/hwmon1/in0_lcrit_alarm': '1' }
    expect((await board(null, null, monitor))[0]).toContain('broken: The voltage is too low')
  })
})

describe('files', () => {
  const uid = process.getuid?.() ?? null

  function folderWith(mode: number, keyMode: number) {
    const folder = newFolder()
    const key = join(folder, 'device.key')
    writeFileSync(key, 'secret')
    chmodSync(key, keyMode)
    chmodSync(folder, mode)
    return { folder, secrets: [key, join(folder, 'not-there')], others: [], uid }
  }

  test('that are their owner’s alone', () => {
    const found = folderWith(0o700, 0o600)
    expect(told(checkFiles(found))).toEqual([`ok: The files in ${found.folder} are their owner's alone.`])
  })

  test('of which a secret can be read by others: broken, with the very command', () => {
    const found = folderWith(0o700, 0o640)
    expect(checkFiles(found)).toMatchObject([{ verdict: 'broken', fix: `chmod 600 ${found.secrets[0]}` }])
  })

  test('in a folder that others can look into: a warning', () => {
    const found = folderWith(0o755, 0o600)
    expect(checkFiles(found)).toMatchObject([{ verdict: 'warning', fix: `chmod 700 ${found.folder}` }])
  })

  test('of another user than the one who asks', () => {
    expect(checkFiles({ ...folderWith(0o700, 0o600), uid: 54_321 })).toMatchObject([
      { verdict: 'warning', fix: expect.stringContaining('sudo -u') },
    ])
  })

  test('that are not there yet say nothing', () => {
    expect(checkFiles({ folder: '/nowhere', secrets: [], others: [], uid })).toEqual([])
  })
})

describe('the service', () => {
  const service = async (properties: Record<string, string> | null) => {
    const said =
      properties &&
      Object.entries(properties)
        .map(([name, value]) => `${name}=${value}`)
        .join('\n')
    const findings = await checkService({ run: async () => said, unit: 'hedgerow-device' })
    expectRemedies(findings)
    return told(findings)[0]
  }
  const UP = { LoadState: 'loaded', ActiveState: 'active', Result: 'success', NRestarts: '0', UnitFileState: 'enabled' }

  test.each<[string, Record<string, string> | null, RegExp]>([
    ['is not there', { LoadState: 'not-found' }, /^ok: There is no service/],
    ['cannot be asked for', null, /^ok: There is no service/],
    ['is well', UP, /^ok: The service hedgerow-device runs, and starts/],
    ['has failed', { ...UP, ActiveState: 'failed', Result: 'exit-code' }, /^broken: .* has failed \(exit-code\)/],
    ['is stopped', { ...UP, ActiveState: 'inactive' }, /^warning: .* is inactive/],
    ['comes and goes', { ...UP, NRestarts: '9' }, /^warning: .* restarted 9 times/],
    [
      'will be gone after a restart',
      { ...UP, UnitFileState: 'disabled' },
      /^warning: .* will not start with the machine/,
    ],
  ])('that %s', async (_, properties, says) => {
    expect(await service(properties)).toMatch(says)
  })
})

test('Node of an odd line is told of', () => {
  expect(told([...checkNode('24.1.0'), ...checkNode('25.1.0')])).toEqual([
    'ok: Node is 24.1.0.',
    'warning: Node is 25.1.0, of a line that is looked after for half a year only.',
  ])
})

test('a program is asked without a shell, and one that is missing or fails says nothing', async () => {
  expect(await runCommand('echo', ['$HOME'])).toBe('$HOME')
  expect(await runCommand('no-such-program-of-hedgerow', [])).toBeNull()
  expect(await runCommand('false', [])).toBeNull()
})

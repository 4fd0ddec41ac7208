import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ScratchMachine } from './scratch.ts'
import { EVERYTHING, IMAGES, KEY, prepare, writeFiles } from './support.ts'

/** Wishes that would do something if any part of them were taken for a command. */
const WISH = { ...EVERYTHING, install: { from: 'registry' } }
let machine: ScratchMachine
let calls: string

beforeEach(async () => {
  machine = new ScratchMachine()
  calls = join(machine.folder, 'calls.log')
  for (const name of [
    'useradd',
    'usermod',
    'groupmod',
    'chown',
    'raspi-config',
    'rfkill',
    'locale-gen',
    'update-locale',
  ]) {
    machine.command(name, `printf '%s' ${name} >>'${calls}'; printf ' [%s]' "$@" >>'${calls}'; echo >>'${calls}'`)
  }
  machine.command('chpasswd', `printf 'chpasswd %s ' "$*" >>'${calls}'; cat >>'${calls}'`)
  machine.command('getent', '[ "$1" = group ] || echo "pi:x:1000:1000::/home/me:/bin/bash"')
  writeFiles(machine.boot, (await prepare(IMAGES.bookworm, WISH)).files)
  mkdirSync(machine.path('usr/share/zoneinfo/Europe'), { recursive: true })
  writeFileSync(machine.path('usr/share/zoneinfo/Europe/Berlin'), 'TZif')
  mkdirSync(machine.path('etc/NetworkManager/system-connections'), { recursive: true })
  mkdirSync(machine.path('var/lib/systemd/rfkill'), { recursive: true })
  writeFileSync(machine.path('var/lib/systemd/rfkill/platform-mmc:wlan'), '1\n')
})
afterEach(() => machine.remove())

const firstrun = () => machine.run(join(machine.boot, 'firstrun.sh'))
const said = (): readonly string[] => readFileSync(calls, 'utf8').trim().split('\n')

function program(path: string): void {
  mkdirSync(dirname(machine.path(path)), { recursive: true })
  const name = path.split('/').at(-1)
  writeFileSync(
    machine.path(path),
    `#!/bin/sh\nprintf '%s' ${name} >>'${calls}'; printf ' [%s]' "$@" >>'${calls}'; echo >>'${calls}'\n`,
  )
  chmodSync(machine.path(path), 0o755)
}

describe('firstrun.sh', () => {
  test('makes every setting by itself on a system without the tools of Raspberry Pi OS', async () => {
    expect(await firstrun()).toMatchObject({ code: 0 })
    expect(machine.text('etc/hostname')).toBe('meadow-7\n')
    expect(machine.text('etc/hosts')).toBe('127.0.0.1\tlocalhost\n127.0.1.1\tmeadow-7\n')
    expect(machine.text('home/me/.ssh/authorized_keys')).toBe(`${KEY}\n`)
    expect(statSync(machine.path('home/me/.ssh')).mode & 0o777).toBe(0o700)
    expect(machine.text('etc/ssh/sshd_config.d/10-hedgerow.conf')).toContain('PasswordAuthentication no')
    expect(readlinkSync(machine.path('etc/localtime'))).toBe('/usr/share/zoneinfo/Europe/Berlin')
    expect(machine.text('etc/default/keyboard')).toContain('XKBLAYOUT="de"')
    expect(machine.text('etc/locale.gen')).toBe('de_DE.UTF-8 UTF-8\n')
    const network = machine.path('etc/NetworkManager/system-connections/preconfigured.nmconnection')
    expect(readFileSync(network, 'utf8')).toBe(
      (await prepare(IMAGES.bookworm, WISH)).texts['hedgerow/preconfigured.nmconnection'],
    )
    expect(statSync(network).mode & 0o777).toBe(0o600)
    expect(machine.text('var/lib/systemd/rfkill/platform-mmc:wlan')).toBe('0\n')
    expect(said()).toEqual(
      [
        'usermod [-l] [ann] [pi]',
        `usermod [-m] [-d] [${join('/home', 'ann')}] [ann]`,
        'groupmod [-n] [ann] [pi]',
        `chpasswd -e ann:${EVERYTHING.user.passwordHash}`,
        expect.stringMatching(/^chown \[-R\] \[ann:\]/),
        'raspi-config [nonint] [do_wifi_country] [DE]',
        'rfkill [unblock] [wifi]',
        'locale-gen',
        'update-locale [LANG=de_DE.UTF-8]',
      ].map(line => (line === 'locale-gen' ? 'locale-gen []' : line)),
    )
    expect(machine.systemctl).toEqual(['enable ssh', 'enable hedgerow-first-boot.service'])
  })

  test('leaves it to the tools of Raspberry Pi OS where there are some', async () => {
    program('usr/lib/raspberrypi-sys-mods/imager_custom')
    program('usr/lib/userconf-pi/userconf')
    expect(await firstrun()).toMatchObject({ code: 0 })
    expect(said()).toEqual(
      expect.arrayContaining([
        'imager_custom [set_hostname] [meadow-7]',
        `userconf [ann] [${EVERYTHING.user.passwordHash}]`,
        'imager_custom [set_timezone] [Europe/Berlin]',
        'imager_custom [set_keymap] [de]',
      ]),
    )
    expect(said().filter(line => line.startsWith('imager_custom [set_wlan'))).toEqual([])
  })

  test('writes for wpa_supplicant on systems before NetworkManager', async () => {
    rmSync(machine.path('etc/NetworkManager'), { recursive: true, force: true })
    await firstrun()
    expect(machine.text('etc/wpa_supplicant/wpa_supplicant.conf')).toContain('country=DE')
  })

  test('takes itself out of the command line and nothing else, so that the machine starts as usual', async () => {
    await firstrun()
    const before = IMAGES.bookworm['cmdline.txt'].replace('console=serial0,115200 ', '').trim()
    expect(machine.text('boot/firmware/cmdline.txt')).toBe(
      `${before} cgroup_enable=memory cfg80211.ieee80211_regdom=DE\n`,
    )
    expect(existsSync(join(machine.boot, 'firstrun.sh'))).toBe(false)
  })

  test('goes on when a setting cannot be made, and says which', async () => {
    machine.command('locale-gen', 'exit 1')
    expect(await firstrun()).toMatchObject({ code: 0 })
    expect(machine.text('var/lib/hedgerow-first-boot/problems')).toBe(
      "The setting 'locale' could not be made; set it by hand, for instance with raspi-config.\n",
    )
    expect(machine.text('etc/hostname')).toBe('meadow-7\n')
    expect(machine.systemctl).toContain('enable hedgerow-first-boot.service')
  })

  test('never leaves a machine that reboots for ever, even with nothing of Hedgerow on the card', async () => {
    rmSync(join(machine.boot, 'hedgerow/node.env'))
    expect(await firstrun()).toMatchObject({ code: 0 })
    expect(machine.text('boot/firmware/cmdline.txt')).not.toContain('systemd.run')
    expect(machine.status).toMatch(/^Not finished: the file hedgerow\/node\.env is missing/)
  })
})

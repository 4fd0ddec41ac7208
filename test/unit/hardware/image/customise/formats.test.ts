import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { utf8 } from '../../../../../protocol/index.ts'
import { CLAIM, EVERYTHING, IMAGES, KEY, NOW_MS, type Prepared, prepare } from './support.ts'

const HASH = EVERYTHING.user.passwordHash
const SSID = EVERYTHING.wifi.ssid
/** `wpa_passphrase "$SSID" "correct horse"` gives the same. */
const PSK = /^[0-9a-f]{64}$/
const STAGE = '/boot/firmware/hedgerow/first-boot.sh'
const FORMATS = ['bookworm', 'trixie', 'preseed', 'ubuntu'] as const

const words = ({ texts }: Prepared, path = 'cmdline.txt'): readonly string[] => (texts[path] ?? '').trim().split(' ')

describe('the kernel command line', () => {
  test.each(FORMATS)('of %s is one line with all that was on it', async image => {
    const made = await prepare(IMAGES[image], EVERYTHING)
    expect(made.texts['cmdline.txt']?.split('\n')).toHaveLength(2)
    const before = IMAGES[image]['cmdline.txt'].trim().split(' ')
    const kept = before.filter(word => !word.startsWith('console=serial0'))
    expect(words(made).slice(0, kept.length)).toEqual(kept)
    // The port is the sensor's, and the memory controller is needed for MemoryMax=.
    expect(made.texts['cmdline.txt']).not.toContain('console=serial0')
    expect(words(made)).toContain('cgroup_enable=memory')
  })

  test('keeps the console where no sensor needs its port', async () => {
    const { sensors: _, ...wish } = EVERYTHING
    expect(words(await prepare(IMAGES.bookworm, wish))).toContain('console=serial0,115200')
  })

  test.each([
    ['bookworm', EVERYTHING, true],
    ['preseed', EVERYTHING, true],
    // In network-config instead.
    ['trixie', EVERYTHING, false],
    ['trixie', { ...EVERYTHING, wifi: undefined, country: 'FR' }, true],
  ] as const)('of %s names the country of the radio (%#)', async (image, wish, isThere) => {
    const found = words(await prepare(IMAGES[image], wish)).filter(word => word.startsWith('cfg80211.'))
    const country = 'country' in wish ? wish.country : 'DE'
    expect(found).toEqual(isThere ? [`cfg80211.ieee80211_regdom=${country}`] : [])
  })

  test('does not grow when a card is prepared again, also after another tool', async () => {
    const first = await prepare(IMAGES.trixie, EVERYTHING)
    const imager = `${first.texts['cmdline.txt']?.trim()} ds=nocloud;i=rpi-imager-1754000000000\n`
    const second = await prepare({ ...IMAGES.trixie, ...first.texts, 'cmdline.txt': imager }, EVERYTHING)
    expect(second.texts['cmdline.txt']).toBe(first.texts['cmdline.txt'])
    expect(second.texts['config.txt']).toBe(first.texts['config.txt'])
  })

  test('is found in its folder on newer Ubuntu', async () => {
    const made = await prepare(IMAGES.newUbuntu, EVERYTHING)
    expect(words(made, 'current/cmdline.txt')).toContain(`ds=nocloud;i=hedgerow-${NOW_MS}`)
    expect(made.texts['cmdline.txt']).toBeUndefined()
  })

  test.each(FORMATS)('of %s is written last, when all that it starts is there', async image => {
    const { files } = await prepare(IMAGES[image], EVERYTHING)
    expect(files.at(-1)?.path).toBe('cmdline.txt')
  })
})

describe('config.txt', () => {
  test('gets what the sensors need, for all models', async () => {
    const { texts } = await prepare(IMAGES.trixie, EVERYTHING)
    const before = IMAGES.trixie['config.txt']
    expect(texts['config.txt']?.startsWith(`${before}\n# Hedgerow begin`)).toBe(true)
    const lines = texts['config.txt']?.slice(before.length).trim().split('\n')
    expect(lines?.slice(1, -1)).toEqual([
      '[all]',
      'dtparam=i2c_arm=on',
      'dtoverlay=w1-gpio',
      'enable_uart=1',
      'dtoverlay=i2c-sensor,bme280,addr=0x77',
      '[pi5]',
      'dtparam=uart0=on',
      '[all]',
    ])
  })

  test('stays as it is where nothing is needed', async () => {
    const { sensors: _, ...wish } = EVERYTHING
    expect((await prepare(IMAGES.bookworm, wish)).texts['config.txt']).toBe(IMAGES.bookworm['config.txt'])
  })
})

describe('firstrun.sh', () => {
  test('is run where the partition is mounted', async () => {
    const run = (image: Readonly<Record<string, string>>) =>
      prepare(image, EVERYTHING).then(made => words(made).filter(word => word.startsWith('systemd.')))
    const rest = ['systemd.run_success_action=reboot', 'systemd.unit=kernel-command-line.target']
    expect(await run(IMAGES.bookworm)).toEqual(['systemd.run=/boot/firmware/firstrun.sh', ...rest])
    expect(await run(IMAGES.firstTrixie)).toEqual(['systemd.run=/boot/firmware/firstrun.sh', ...rest])
    expect(await run(IMAGES.bullseye)).toEqual(['systemd.run=/boot/firstrun.sh', ...rest])
  })

  test('sets everything that is described, and nothing else', async () => {
    const apply = async (wish: unknown) =>
      /HEDGEROW_APPLY='(.*)'/.exec((await prepare(IMAGES.bookworm, wish)).texts['hedgerow/node.env'] ?? '')?.[1]
    expect(await apply(EVERYTHING)).toBe('hostname user ssh wifi country timezone keymap locale')
    expect(await apply({ hostname: 'a', claim: CLAIM })).toBe('hostname')
  })

  test('carries networks in the words of NetworkManager and wpa_supplicant', async () => {
    const { texts } = await prepare(IMAGES.bookworm, EVERYTHING)
    const keyfile = texts['hedgerow/preconfigured.nmconnection'] ?? ''
    const bytes = /^ssid=(.*)$/m.exec(keyfile)?.[1]?.split(';').filter(Boolean).map(Number)
    expect(Uint8Array.from(bytes ?? [])).toEqual(utf8(SSID))
    expect(/^psk=(.*)$/m.exec(keyfile)?.[1]).toMatch(PSK)
    expect(keyfile).toContain('hidden=true')
    const supplicant = texts['hedgerow/wpa_supplicant.conf'] ?? ''
    expect(supplicant).toContain(`ssid=${Buffer.from(SSID).toString('hex')}\n`)
    expect(supplicant).toContain('country=DE')
  })
})

describe('cloud-init', () => {
  const read = async (image: Readonly<Record<string, string>>, wish: unknown = EVERYTHING) => {
    const { texts } = await prepare(image, wish)
    const yaml = (path: string) => (texts[path] === undefined ? null : parseYaml(texts[path]))
    return { texts, user: yaml('user-data'), meta: yaml('meta-data'), network: yaml('network-config') }
  }

  test('gets an instance of its own, by its right name', async () => {
    const { meta, texts } = await read(IMAGES.trixie)
    expect(meta).toEqual({ 'instance-id': `hedgerow-${NOW_MS}`, dsmode: 'local' })
    expect(texts['cmdline.txt']).toContain(`ds=nocloud;i=${meta['instance-id']}`)
  })

  test('gets one user, who must give a password for sudo and keeps the groups of the first', async () => {
    const { texts, user } = await read(IMAGES.trixie)
    expect(texts['user-data']?.startsWith('#cloud-config\n')).toBe(true)
    expect(user).not.toHaveProperty('users')
    expect(user.user).toEqual({
      name: 'ann',
      shell: '/bin/bash',
      lock_passwd: false,
      passwd: HASH,
      ssh_authorized_keys: [KEY],
      sudo: null,
    })
    expect(user.ssh_pwauth).toBe(false)
    expect(user.runcmd[0]).toEqual(['systemctl', 'enable', '--now', 'ssh'])
  })

  test('locks the password of a user who has keys alone', async () => {
    const { user } = await read(IMAGES.ubuntu, { ...EVERYTHING, user: { name: 'ann', authorizedKeys: [KEY] } })
    expect(user.user).toMatchObject({ lock_passwd: true })
    expect(user.user).not.toHaveProperty('passwd')
  })

  test('switches interfaces on by the module that Raspberry Pi OS alone has', async () => {
    const { user } = await read(IMAGES.trixie)
    expect(user.rpi).toEqual({ interfaces: { i2c: true, onewire: true, serial: { console: false, hardware: true } } })
    expect((await read(IMAGES.ubuntu)).user).not.toHaveProperty('rpi')
    // Naming `serial` reboots the machine whatever it says.
    expect((await read(IMAGES.trixie, { hostname: 'a', claim: CLAIM })).user).not.toHaveProperty('rpi')
  })

  test('stages on every start until it is done, because runcmd runs once even if the power fails in it', async () => {
    const { user } = await read(IMAGES.trixie)
    expect(user.bootcmd).toEqual([['sh', '-c', `[ ! -f ${STAGE} ] || sh ${STAGE} stage`]])
    expect(user.runcmd.at(-1)).toEqual(['sh', '-c', `[ ! -f ${STAGE} ] || sh ${STAGE} stage --start`])
    expect(user).not.toHaveProperty('write_files')
  })

  test('gets the network by its exact name, with the cable beside it', async () => {
    const { network } = await read(IMAGES.trixie)
    expect(network.network.version).toBe(2)
    expect(network.network.ethernets.eth0).toMatchObject({ dhcp4: true, optional: true })
    const { wlan0 } = network.network.wifis
    expect(wlan0['regulatory-domain']).toBe('DE')
    expect(Object.keys(wlan0['access-points'])).toEqual([SSID])
    expect(wlan0['access-points'][SSID]).toEqual({ hidden: true, password: expect.stringMatching(PSK) })
  })

  test('gets an open network as one', async () => {
    const { network } = await read(IMAGES.trixie, { ...EVERYTHING, wifi: { ssid: 'library', country: 'DE' } })
    expect(network.network.wifis.wlan0['access-points'].library).toEqual({ auth: { 'key-management': 'none' } })
  })

  test('gets no network-config without a network: the image has one', async () => {
    const { network } = await read(IMAGES.trixie, { ...EVERYTHING, wifi: undefined })
    expect(network).toBeNull()
  })

  test('keeps the name and no secret in what replaces its files', async () => {
    const { texts } = await prepare(IMAGES.trixie, EVERYTHING)
    const after = texts['hedgerow/after/user-data'] ?? ''
    expect(parseYaml(after)).toEqual({ manage_resolv_conf: false, hostname: 'meadow-7', manage_etc_hosts: true })
    expect(texts['hedgerow/after/network-config']).not.toMatch(/[0-9a-f]{64}/)
  })
})

/** The reader that cloud-init has: the one of Python. */
const PYTHON = spawnSync('/usr/bin/python3', ['-c', 'import yaml']).status === 0
describe.skipIf(!PYTHON)('YAML as cloud-init reads it (needs python3-yaml)', () => {
  test('names the network in the bytes that it has on the air', async () => {
    const { texts } = await prepare(IMAGES.trixie, EVERYTHING)
    const script =
      'import sys, yaml\nd = yaml.safe_load(sys.stdin.buffer)\nprint(list(d["network"]["wifis"]["wlan0"]["access-points"])[0].encode().hex())'
    const input = texts['network-config'] ?? ''
    const name = execFileSync('/usr/bin/python3', ['-c', script], { input, encoding: 'utf8' })
    expect(name.trim()).toBe(Buffer.from(SSID).toString('hex'))
  })
})

const CLOUD_INIT = spawnSync('cloud-init', ['--version']).status === 0
describe.skipIf(!CLOUD_INIT)('cloud-init itself (needs the Debian package cloud-init)', () => {
  test.each(['trixie', 'ubuntu'] as const)('finds nothing wrong with the user-data of %s', async image => {
    const { texts } = await prepare(IMAGES[image], EVERYTHING)
    const folder = mkdtempSync(join(tmpdir(), 'hedgerow-cloud-init-'))
    try {
      writeFileSync(join(folder, 'user-data'), texts['user-data'] ?? '')
      const checked = spawnSync('cloud-init', ['schema', '-c', join(folder, 'user-data')], { encoding: 'utf8' })
      expect(checked.stdout + checked.stderr).toMatch(/Valid (?:cloud-config|schema)/)
      expect(checked.status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('rpi-preseed.toml', () => {
  test('says everything in its own words', async () => {
    const { texts } = await prepare(IMAGES.preseed, EVERYTHING)
    expect(parseToml(texts['rpi-preseed.toml'] ?? '')).toEqual({
      config_version: '1.0',
      system: { hostname: 'meadow-7' },
      user: { name: 'ann', password: HASH, password_encrypted: true, passwordless_sudo: false },
      ssh: { enabled: true, password_authentication: false, authorized_keys: [KEY] },
      wlan: {
        ssid_hex: Buffer.from(SSID).toString('hex'),
        password: expect.stringMatching(PSK),
        password_encrypted: true,
        hidden: true,
        country: 'DE',
        key_mgmt: 'wpa-psk',
      },
      locale: { keymap: 'de', timezone: 'Europe/Berlin', locales: ['de_DE.UTF-8'], lang: 'de_DE.UTF-8' },
      interfaces: { i2c: true, onewire: true, serial: 'hardware' },
      runcmd: {
        early: [`sh ${STAGE} stage`],
        early_cmd_timeout: 20,
        late: [`test ! -f ${STAGE} || sh ${STAGE} stage --start`],
        late_require_time_sync: false,
        late_gate_timeout: 30,
      },
    })
  })

  test('keeps lists on one line, because its reader ends them at the first line with a bracket', async () => {
    const { texts } = await prepare(IMAGES.preseed, EVERYTHING)
    for (const line of (texts['rpi-preseed.toml'] ?? '').split('\n')) {
      if (/= \[/.test(line)) expect(line).toMatch(/\]$/)
    }
  })

  test('leaves out what is not wished for', async () => {
    const { texts } = await prepare(IMAGES.preseed, { hostname: 'a', claim: CLAIM })
    expect(Object.keys(parseToml(texts['rpi-preseed.toml'] ?? ''))).toEqual(['config_version', 'system', 'runcmd'])
  })
})

describe('custom.toml', () => {
  const PLAIN = { ...EVERYTHING, wifi: { ssid: 'Field lab', password: 'correct horse', country: 'DE' } }

  test('says what it can, and the script the rest', async () => {
    const { texts } = await prepare(IMAGES.bookworm, PLAIN, { format: 'custom-toml' })
    expect(parseToml(texts['custom.toml'] ?? '')).toEqual({
      config_version: 1,
      system: { hostname: 'meadow-7' },
      user: { name: 'ann', password: HASH, password_encrypted: true },
      ssh: { enabled: true, password_authentication: false, authorized_keys: [KEY] },
      wlan: {
        ssid: 'Field lab',
        password: expect.stringMatching(PSK),
        password_encrypted: true,
        hidden: false,
        country: 'DE',
      },
      locale: { keymap: 'de', timezone: 'Europe/Berlin' },
    })
    expect(texts['hedgerow/node.env']).toContain("HEDGEROW_APPLY='locale'")
    // init_config would leave the user out if it found this word in firstrun.sh.
    expect(texts['firstrun.sh']).not.toContain('/usr/lib/userconf-pi/userconf')
  })

  test('leaves a network to the script whose name its reader would spoil', async () => {
    const { texts } = await prepare(IMAGES.bookworm, EVERYTHING, { format: 'custom-toml' })
    expect(parseToml(texts['custom.toml'] ?? '')).not.toHaveProperty('wlan')
    expect(texts['hedgerow/node.env']).toContain("HEDGEROW_APPLY='wifi country locale'")
  })

  test('is not written for a system that has been started and would not read it', async () => {
    const { texts } = await prepare(IMAGES.firstTrixie, EVERYTHING, { format: 'custom-toml' })
    expect(texts['custom.toml']).toBeUndefined()
    expect(texts['hedgerow/node.env']).toContain(
      "HEDGEROW_APPLY='hostname user ssh wifi country timezone keymap locale'",
    )
  })
})

describe('every format', () => {
  test.each(FORMATS)('of %s marks what must not be shown', async image => {
    const { files, texts } = await prepare(IMAGES[image], EVERYTHING)
    const open = files.filter(({ secret }) => secret !== true).map(({ path }) => texts[path] ?? '')
    for (const text of open) {
      expect(text).not.toContain(CLAIM)
      expect(text).not.toContain(HASH)
      expect(text).not.toMatch(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/)
    }
    // The password itself is nowhere: it may be used elsewhere too.
    for (const text of Object.values(texts)) expect(text).not.toContain('correct horse')
  })

  test.each(FORMATS)('of %s carries one first-start script and what it installs', async image => {
    const { texts } = await prepare(IMAGES[image], EVERYTHING)
    const names = Object.keys(texts).filter(path => path.startsWith('hedgerow/'))
    expect(names).toEqual(
      expect.arrayContaining(['hedgerow/first-boot.sh', 'hedgerow/device.env', 'hedgerow/sensors.yaml']),
    )
    expect(texts['hedgerow/10-flash.conf']).toContain(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's variables
      'ExecStart=/opt/hedgerow/start device --folder %S/hedgerow-device --label ${HEDGEROW_LABEL} --sensors ${CREDENTIALS_DIRECTORY}/sensors.yaml',
    )
    // Its rules about other programs would see none otherwise.
    expect(texts['hedgerow/10-flash.conf']).toContain('ProtectProc=default')
  })

  test('warns of what is left open', async () => {
    const wish = {
      hostname: 'a',
      claim: CLAIM,
      sensors: { sensors: [{ driver: 'iio', device: 'scd4x' }] },
    }
    const { warnings } = await prepare(IMAGES.trixie, wish, { bundle: new Uint8Array(4) })
    expect(warnings).toEqual([
      expect.stringContaining("No overlay is known for the sensor 'scd4x'"),
      expect.stringContaining('Nobody can log in'),
      expect.stringContaining('The bundle is not put on the card'),
    ])
    const yescrypt = { ...EVERYTHING, user: { name: 'ann', passwordHash: '$y$j9T$abcdefghij$xyz' } }
    expect((await prepare(IMAGES.bullseye, yescrypt)).warnings).toEqual([expect.stringContaining('openssl passwd -5')])
    expect((await prepare(IMAGES.bookworm, EVERYTHING)).warnings).toEqual([])
  })

  test('asks for the bundle that the description wants', async () => {
    await expect(prepare(IMAGES.trixie, { ...EVERYTHING, install: { from: 'bundle' } })).rejects.toThrow(
      "The card cannot be prepared: the description says 'install: {from: bundle}', and there is no bundle.",
    )
  })
})

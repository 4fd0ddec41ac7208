import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NODE_VERSION } from '../../../../../hardware/image/first-boot/releases.ts'
import { wpaKey } from '../../../../../hardware/image/node-description/wifi.ts'
import { readNodeDescription } from '../../../../../hardware/image/node-description.ts'
import { ConfigError } from '../../../../../protocol/index.ts'
import { CLAIM, describeNode, EVERYTHING, KEY } from './support.ts'

const LEAST = { hostname: 'meadow-7', claim: CLAIM }
const wifi = (fields: Readonly<Record<string, unknown>>) => ({
  ...LEAST,
  wifi: { ssid: 'lab', country: 'DE', ...fields },
})
const user = (fields: Readonly<Record<string, unknown>>) => ({ ...LEAST, user: { name: 'ann', ...fields } })

function refusal(value: unknown): string {
  try {
    describeNode(value)
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigError)
    return (thrown as ConfigError).message
  }
  throw new Error('it was accepted')
}

describe('a description', () => {
  test('needs a name and a claim, and says which region that is', () => {
    expect(describeNode(LEAST)).toEqual({
      hostname: 'meadow-7',
      ssh: false,
      interfaces: { i2c: false, spi: false, onewire: false, serial: false },
      overlays: [],
      sensorDevices: [],
      remarks: [],
      claim: CLAIM,
      region: { name: 'north', mqttUrl: 'mqtts://north.example:8883', fingerprint: 'a4dqobyha4dqobyha4dqobyha4' },
      install: { from: 'registry', registry: 'https://registry.npmjs.org' },
    })
  })

  test('switches on what its sensors need', () => {
    const node = describeNode(EVERYTHING)
    expect(node.interfaces).toEqual({ i2c: true, spi: false, onewire: true, serial: true })
    expect(node.overlays).toEqual(['dtoverlay=i2c-sensor,bme280,addr=0x77'])
    expect(node.sensorDevices).toEqual(['/dev/serial0', '/dev/serial/by-id/usb-1a86'])
    expect(node.ssh).toBe(true)
  })

  test('takes a region and a coordinator that the claim agrees with', () => {
    const { region } = describeNode(LEAST)
    for (const fingerprint of [region.fingerprint, region.fingerprint.toUpperCase(), '07'.repeat(32)]) {
      expect(
        describeNode({ ...LEAST, region: fingerprint, coordinator: 'mqtts://north.example:8883/' }).region,
      ).toEqual(region)
    }
  })

  test('has its governor rules checked by whoever knows them', () => {
    const check = (value: unknown) => {
      throw new ConfigError(
        { code: 'bad_option', path: 'hours', reason: 'x' },
        `The setting 'hours' is ${JSON.stringify(value)}.`,
      )
    }
    const text = JSON.stringify({ ...LEAST, governor: { hours: 'x' } })
    expect(() => readNodeDescription(text, 'n.yaml', { governor: check })).toThrow(
      'n.yaml: The setting \'hours\' is {"hours":"x"}.',
    )
  })

  test.each([
    // The bad input of issue 7: one sentence each.
    [
      { ...LEAST, region: 'b'.repeat(26) },
      /'region' is 'b{26}', and the claim is for a region with another key, 'a4dq/,
    ],
    [{ ...LEAST, coordinator: 'mqtt://south:1883' }, /'coordinator' is 'mqtt:\/\/south:1883', and the claim leads to/],
    [{ ...LEAST, claim: `${CLAIM}x` }, /'claim' cannot be used: The claim code is damaged/],
    [{ ...LEAST, claim: 'hunter2' }, /'claim' cannot be used: A claim code starts with/],
    [{ hostname: 'a' }, /'claim' is missing/],
    [{ ...LEAST, wifi: { ssid: 'lab', password: 'correct horse' } }, /'wifi\.country' is missing: without a country/],
    [
      { ...LEAST, timezone: 'Europe/Berln' },
      /'timezone' is 'Europe\/Berln', which is not a time zone: did you mean 'Europe\/Berlin'\?/,
    ],
    [{ ...LEAST, timezone: 'europe/berlin' }, /did you mean 'Europe\/Berlin'/],
    // Names.
    [{ ...LEAST, hostname: 'meadow_7' }, /'hostname' must be 1 to 63 letters/],
    [{ ...LEAST, hostname: '-a' }, /'hostname' must be/],
    [{ ...LEAST, hostname: 'a'.repeat(64) }, /'hostname' must be/],
    [{ ...LEAST, hostname: 7 }, /'hostname' must be a text: put it in quotes/],
    [{ ...LEAST, hostname: 'a; reboot' }, /'hostname' must be/],
    [{ ...LEAST, label: 'a\nb' }, /'label' holds a line break/],
    [{ ...LEAST, hostnam: 'a' }, /'hostnam' is not a known field \(did you mean 'hostname'\?\)/],
    // Networks.
    [wifi({ ssid: '' }), /'wifi\.ssid' is missing/],
    [wifi({ ssid: 'a\nb' }), /'wifi\.ssid' holds a line break/],
    [wifi({ ssid: '😀'.repeat(9) }), /'wifi\.ssid' is 36 bytes long: at most 32 fit/],
    [wifi({ password: '1234567' }), /'wifi\.password' is 7 characters long: a Wi-Fi password has 8 to 63/],
    [wifi({ password: 'x'.repeat(64) }), /'wifi\.password' is 64 characters long/],
    [wifi({ password: 12_345_678 }), /'wifi\.password' must be a text: put it in quotes/],
    [wifi({ psk: 'x'.repeat(64) }), /'wifi\.psk' must be 64 hexadecimal digits/],
    [wifi({ psk: 'a'.repeat(64), password: 'correct horse' }), /'wifi' must have 'password' or 'psk', not both/],
    [wifi({ country: 'UK' }), /'wifi\.country' is 'UK', which is not a country: did you mean 'GB'\?/],
    [wifi({ country: 'de' }), /'wifi\.country' must be two capital letters/],
    [{ ...LEAST, country: 'XX' }, /'country' is 'XX', which is not a country/],
    // People.
    [user({ name: 'root' }), /'user\.name' is 'root'/],
    [user({ name: 'Ann' }), /'user\.name' must be lower-case/],
    [
      user({ passwordHash: 'secret' }),
      /'user\.passwordHash' must be what 'openssl passwd -6' prints, not the password/,
    ],
    [user({ authorizedKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----'] }), /'user\.authorizedKeys\[0\]' is a private key/],
    [user({ authorizedKeys: [`${KEY}\nssh-rsa x`] }), /'user\.authorizedKeys\[0\]' holds a line break/],
    [{ ...LEAST, ssh: true }, /'user' is missing: 'ssh: true' needs somebody/],
    [{ ...user({}), ssh: true }, /'user\.authorizedKeys' is missing/],
    // The rest.
    [{ ...LEAST, keymap: "de'; reboot" }, /'keymap' must be a keyboard layout/],
    [{ ...LEAST, locale: 'german' }, /'locale' must be a language such as/],
    [{ ...LEAST, overlays: ['start_x=1'] }, /'overlays\[0\]' must be a line of config\.txt/],
    [{ ...LEAST, install: { from: 'usb' } }, /'install\.from' must be 'bundle' or 'registry'/],
    [{ ...LEAST, install: { registry: 'https://me:secret@x' } }, /'install\.registry' must be an address/],
    [
      { ...LEAST, sensors: { sensors: [{ driver: 'sds11' }] } },
      /The sensors file's 'sensors\[0\]\.driver' must be one of/,
    ],
    ['a text', /The node description must hold fields/],
  ])('is refused in one sentence (%#)', (value, sentence) => {
    const message = refusal(value)
    expect(message).toMatch(sentence)
    expect(message).toMatch(/^node\.yaml: [^\n]*[.?]$/)
    // Secrets are not repeated.
    for (const secret of ['hunter2', 'correct horse', '1234567', 'secret@']) expect(message).not.toContain(secret)
  })

  test('that is not YAML is refused with its line', () => {
    expect(() => readNodeDescription('hostname: a\nwifi: {ssid: "x\n', 'node.yaml')).toThrow(
      /^node\.yaml, line \d+ is not YAML/,
    )
  })
})

describe('the key of a network', () => {
  test('is the one of the standard', () => {
    // IEEE 802.11-2020, J.4.2, test case 1.
    expect(wpaKey('password', 'IEEE')).toBe('f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e')
  })

  test('is what a key that is given stays', () => {
    expect(describeNode(wifi({ psk: 'AB'.repeat(32) })).wifi).toMatchObject({ psk: 'ab'.repeat(32), hidden: false })
    expect(describeNode(wifi({})).wifi).toMatchObject({ psk: null })
  })

  test('comes of the bytes of names that are not ASCII', () => {
    const made = execFileSync(
      'openssl',
      [
        'kdf',
        '-keylen',
        '32',
        '-kdfopt',
        'digest:SHA1',
        '-kdfopt',
        'pass:correct horse',
        '-kdfopt',
        `hexsalt:${Buffer.from('Café 😀').toString('hex')}`,
        '-kdfopt',
        'iter:4096',
        'PBKDF2',
      ],
      { encoding: 'utf8' },
    )
    expect(wpaKey('correct horse', 'Café 😀')).toBe(made.trim().replaceAll(':', '').toLowerCase())
  })
})

test('cards get the Node that the project is tested with', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../../package.json'), 'utf8'))
  expect(NODE_VERSION).toBe(devDependencies.node)
})

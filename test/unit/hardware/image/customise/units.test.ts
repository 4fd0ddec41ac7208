/** The service files of a card, with the drop-ins that are made for it, as systemd reads them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EVERYTHING, IMAGES, prepare } from './support.ts'

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
if (!hasSystemd) console.warn('SKIPPED: what systemd says of the service files of a card, since it is not installed.')

const UNITS = [
  'hedgerow-device.service',
  'hedgerow-device-again.service',
  'hedgerow-device-again.timer',
  'hedgerow-first-boot.service',
]
const DROP_INS = ['10-flash.conf', '20-sensors.conf']

describe.skipIf(!hasSystemd)('systemd', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hedgerow-units-'))
    mkdirSync(join(folder, 'hedgerow-device.service.d'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const { sensors: _, governor: __, label: ___, ...BARE } = EVERYTHING
  test.each([
    ['everything', EVERYTHING],
    ['nothing but a claim', BARE],
  ])('finds no fault with the service files of a card with %s', async (_, wish) => {
    const { texts } = await prepare(IMAGES.trixie, wish)
    const put = (path: string, name: string) => {
      const text = texts[`hedgerow/${name}`]
      // The program itself is not on this machine.
      if (text !== undefined) writeFileSync(join(folder, path), text.replaceAll('/opt/hedgerow/start', '/bin/true'))
    }
    for (const name of UNITS) put(name, name)
    for (const name of DROP_INS) put(join('hedgerow-device.service.d', name), name)
    expect(readFileSync(join(folder, 'hedgerow-device.service.d/10-flash.conf'), 'utf8')).toContain(
      'ExecStart=/bin/true',
    )
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` }
    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', ...UNITS.map(name => join(folder, name))],
      {
        encoding: 'utf8',
        env,
      },
    )
    expect(stderr.split('\n').filter(line => /hedgerow|\.conf/.test(line))).toEqual([])
    expect(status).toBe(0)
  })

  test('would say so of a line that it does not know', async () => {
    writeFileSync(join(folder, 'hedgerow-device.service'), '[Service]\nExecStart=/bin/true\nRestrat=always\n')
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'hedgerow-device.service')], {
      encoding: 'utf8',
    })
    expect(stderr).toMatch(/Unknown key.*'Restrat'/)
  })
})

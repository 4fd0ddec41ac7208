import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { explainSituation } from '../../../../../device/explain.ts'
import { shellAssignments } from '../../../../../hardware/image/customise/shell.ts'
import { decodeClaimCode, encodeClaimCode, regionName } from '../../../../../protocol/index.ts'
import { ARCH, archive, BUNDLED_VERSION, fakeBundle, putHedgerow, putNode } from './fake-bundle.ts'
import { ScratchMachine } from './scratch.ts'
import { CLAIM, EVERYTHING, IMAGES, NOW_MS, prepare, writeFiles } from './support.ts'

const OFFLINE = { ...EVERYTHING, install: { from: 'bundle' } }
const STATE = 'var/lib/hedgerow-first-boot'
const OTHER_CLAIM = encodeClaimCode({ ...decodeClaimCode(CLAIM), secret: new Uint8Array(16).fill(1) })
const JOINED = {
  region: regionName('north'),
  failure: null,
  link: { kind: 'open', session: 1, address: 'mqtt://north.example' },
  welcomed: true,
  standing: 'joined',
  standingReason: '',
  pauseReason: '',
  slots: 1,
  running: 0,
  waiting: 0,
  resultFrames: 2,
  sampling: [],
  memoryBounds: 'The kernel bounds the memory of each task.',
  nowMs: 0,
} as const
const BUNDLE = fakeBundle()
let machine: ScratchMachine

beforeEach(() => {
  machine = new ScratchMachine()
})
afterEach(() => machine.remove())

async function insertCard(wish: unknown, image: Readonly<Record<string, string>> = IMAGES.trixie): Promise<void> {
  const { files } = await prepare(image, wish, { bundle: BUNDLE })
  writeFiles(machine.boot, files)
}

/** Everything that a finished first start leaves. */
function expectDone(version = BUNDLED_VERSION): void {
  expect(machine.status).toMatch(
    new RegExp(`^Done: Hedgerow ${version} is installed, and this device is in its region;`),
  )
  expect(readlinkSync(machine.path('opt/hedgerow/current'))).toBe(`releases/${version}`)
  expect(machine.text('opt/hedgerow/current/package.json')).toContain(version)
  expect(statSync(machine.path('opt/hedgerow/node/bin/node')).mode & 0o111).toBe(0o111)
  expect(machine.has('opt/hedgerow/.new')).toBe(false)
  expect(statSync(machine.path('etc/hedgerow/device.env')).mode & 0o777).toBe(0o600)
  expect(machine.text('etc/hedgerow/device.env')).toContain(`HEDGEROW_CLAIM="${CLAIM}"`)
  expect(machine.systemctl).toContain('restart hedgerow-device.service hedgerow-device-again.timer')
  expectNoSecrets()
}

/** Neither the claim nor the network's key is left where a card reader sees it. */
function expectNoSecrets(): void {
  const names = readdirSync(machine.boot, { recursive: true, encoding: 'utf8' })
  expect(names.filter(name => name.startsWith('hedgerow/') || name.includes('bundle'))).toEqual([])
  for (const name of names) {
    if (lstatSync(join(machine.boot, name)).isDirectory()) continue
    const text = readFileSync(join(machine.boot, name), 'utf8')
    expect(text).not.toContain(CLAIM)
    expect(text).not.toMatch(/[0-9a-f]{64}/)
    expect(text).not.toContain('$6$')
  }
}

describe('a card with a bundle', () => {
  test('becomes a device without a network', async () => {
    await insertCard(OFFLINE)
    expect(await machine.stage('--start')).toMatchObject({ code: 0 })
    expect(machine.systemctl).toEqual([
      'enable hedgerow-first-boot.service',
      'daemon-reload',
      'start --no-block hedgerow-first-boot.service',
    ])
    expect(statSync(machine.path(STATE)).mode & 0o777).toBe(0o700)
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expectDone()
    expect(machine.text('etc/hedgerow/sensors.yaml')).toContain('sds011')
    expect(machine.text('etc/systemd/system/hedgerow-device.service.d/20-sensors.conf')).toContain('DeviceAllow=')
    expect(machine.text('boot/firmware/user-data')).toContain('hostname: "meadow-7"')
  })

  test('may be started again and again', async () => {
    await insertCard(OFFLINE)
    for (let start = 0; start < 2; start++) {
      expect(await machine.stage()).toMatchObject({ code: 0 })
      expect(await machine.stage()).toMatchObject({ code: 0 })
    }
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    const calls = machine.systemctl.length
    expect(await machine.firstStart()).toMatchObject({ code: 0, output: '' })
    expect(machine.systemctl).toHaveLength(calls)
    expectDone()
  })

  test('may be prepared again for the same machine', async () => {
    await insertCard(OFFLINE)
    await machine.stage()
    await machine.firstStart()
    const { files } = await prepare(IMAGES.trixie, { ...OFFLINE, label: 'Orchard' }, { bundle: fakeBundle('0.9.2') })
    writeFiles(machine.boot, files)
    expect(await machine.stage()).toMatchObject({ code: 0 })
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expectDone('0.9.2')
    expect(machine.text('etc/hedgerow/device.env')).toContain('HEDGEROW_LABEL="Orchard"')
    expect(readdirSync(machine.path('opt/hedgerow/releases')).sort()).toEqual([BUNDLED_VERSION, '0.9.2'])
  })

  test('starts the command with what it is given', async () => {
    await insertCard(OFFLINE)
    await machine.stage()
    await machine.firstStart()
    const start = machine.text('opt/hedgerow/start').replaceAll('/opt/hedgerow', machine.path('opt/hedgerow'))
    writeFileSync(join(machine.folder, 'start'), start)
    expect(await machine.run(join(machine.folder, 'start'), 'device', 'a b')).toEqual({
      code: 0,
      output: 'device a b\n',
    })
  })

  test.each([
    ['is damaged', 'is damaged: prepare the card again', 'x'],
    ['is missing', 'is not on the boot partition; prepare the card again', null],
  ])('that %s says so, and keeps everything for another try', async (_, sentence, content) => {
    await insertCard(OFFLINE)
    await machine.stage()
    const path = join(machine.boot, 'hedgerow-bundle.tar.gz')
    const bundle = readFileSync(path)
    if (content === null) rmSync(path)
    else writeFileSync(path, content)
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toMatch(/^Not finished: /)
    expect(machine.status).toContain(sentence)
    writeFileSync(path, bundle)
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expectDone()
  })

  describe('that is prepared again with the same bundle', () => {
    const bundle = fakeBundle()
    const insert = async (label: string, nowMs = NOW_MS): Promise<void> => {
      const { files } = await prepare(IMAGES.trixie, { ...OFFLINE, label }, { bundle, nowMs })
      writeFiles(machine.boot, files)
      await machine.stage()
    }
    beforeEach(async () => {
      await insert('Meadow')
      await machine.firstStart()
    })

    test('is taken at the next start also by rpi-preseed, which looks only once', async () => {
      const wish = { ...OFFLINE, label: 'Orchard' }
      const { files } = await prepare(IMAGES.preseed, wish, { bundle, nowMs: NOW_MS + 1_000 })
      writeFiles(machine.boot, files)
      writeFiles(machine.root, [{ path: 'var/lib/rpi-preseed/applied', content: new Uint8Array(0) }])
      // It blanks the secrets when it has taken them.
      machine.command('rpi-preseed', `[ "$*" = 'apply --phase base' ] && rm '${machine.boot}/rpi-preseed.toml'`)
      expect(await machine.firstStart()).toMatchObject({ code: 0 })
      expectDone()
      expect(machine.text('etc/hedgerow/device.env')).toContain('HEDGEROW_LABEL="Orchard"')
    })

    test('is not installed again', async () => {
      await insert('Orchard', NOW_MS + 3_600_000)
      machine.command('tar', 'exit 1')
      const outcome = await machine.firstStart()
      expect(outcome.output).toContain('is installed already')
      expect(outcome).toMatchObject({ code: 0 })
      expectDone()
      expect(machine.text('etc/hedgerow/device.env')).toContain('HEDGEROW_LABEL="Orchard"')
    })

    test('is installed again beside what has been damaged', async () => {
      writeFileSync(machine.path('opt/hedgerow/current/dist/cli/main.js'), 'cons')
      await insert('Orchard', NOW_MS + 3_600_000)
      expect(await machine.firstStart()).toMatchObject({ code: 0 })
      expect(readlinkSync(machine.path('opt/hedgerow/current'))).toBe(`releases/${BUNDLED_VERSION}.again`)
      expect(machine.text('opt/hedgerow/current/dist/cli/main.js')).toContain('console.log')
      expect(readdirSync(machine.path('opt/hedgerow')).filter(name => name.startsWith('node-'))).toHaveLength(1)
    })
  })

  test('of another version than asked for is refused', async () => {
    await insertCard({ ...OFFLINE, install: { from: 'bundle', version: '1.0.0' } })
    await machine.stage()
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toContain(`the bundle holds Hedgerow ${BUNDLED_VERSION}, and this card asks for 1.0.0`)
  })

  test('whose service does not start says where to look', async () => {
    await insertCard(OFFLINE)
    await machine.stage()
    machine.command('systemctl', 'case $1 in restart | is-active) exit 1 ;; esac')
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toContain("its service does not stay up: 'journalctl -u hedgerow-device'")
  })

  test('survives a power failure at any moment', { timeout: 300_000 }, async () => {
    const DEADLY = ['mv', 'sync', 'cp', 'rm', 'ln', 'tar', 'mkdir', 'chmod']
    let survived = 0
    for (let moment = 1; ; moment += 13) {
      machine.remove()
      machine = new ScratchMachine()
      await insertCard(OFFLINE)
      const counter = join(machine.folder, 'moments')
      const die = `echo >>'${counter}'; [ "$(wc -l <'${counter}')" -lt ${moment} ] || kill -KILL 0`
      for (const name of DEADLY) machine.command(name, `${die}\nexec /bin/${name} "$@"`)
      const staged = await machine.stage()
      const started = staged.code === 0 ? await machine.firstStart() : staged
      const current = machine.path('opt/hedgerow/current/package.json')
      // What can be reached is whole.
      if (machine.has('opt/hedgerow/current')) expect(readFileSync(current, 'utf8')).toContain(BUNDLED_VERSION)
      for (const name of DEADLY) machine.command(name, `exec /bin/${name} "$@"`)
      // The system asks for it again at the next start for as long as the script is on the card.
      if (machine.has('boot/firmware/hedgerow/first-boot.sh')) expect(await machine.stage()).toMatchObject({ code: 0 })
      expect(await machine.firstStart(), `at moment ${moment}`).toMatchObject({ code: 0 })
      expectDone()
      if (started.code === 0) break
      survived++
    }
    expect(survived).toBeGreaterThan(6)
  })
})

describe('a device that is not in its region', () => {
  const USED = 'This claim has been used by another device: each is good for one. Get a new one.'
  const failing = (line: string) => {
    machine.command('systemctl', '[ "$1" != is-active ]')
    machine.command('journalctl', `printf '%s\\n' 'Connected to mqtt://north; the region has yet to answer.' '${line}'`)
  }
  beforeEach(async () => {
    await insertCard(OFFLINE)
    await machine.stage()
    machine.connect()
  })

  test('says why in its own words, and joins by itself when it can', async () => {
    machine.says('The broker at mqtt://north.example cannot be reached: nobody listens there. Next try in 20 s.')
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toBe(
      'Not finished: Hedgerow is installed, and this device is not in its region yet. The broker at mqtt://north.example cannot be reached: nobody listens there.\n',
    )
    expectNoSecrets()
    machine.says('Takes no work: it is too hot.')
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expectDone()
  })

  test('writes onto the boot partition only what is new', async () => {
    machine.says('The broker at mqtt://north.example does not answer within 20 s. Next try in 20 s.')
    await machine.firstStart()
    const { ino } = statSync(join(machine.boot, 'hedgerow-status.txt'))
    machine.says('The broker at mqtt://north.example does not answer within 20 s. Next try in 7 s.')
    await machine.firstStart()
    expect(statSync(join(machine.boot, 'hedgerow-status.txt')).ino).toBe(ino)
  })

  test('says that its claim was used, and takes another from the card', async () => {
    failing(`hedgerow: ${USED}`)
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toContain(`this device is not in its region yet. ${USED}`)
    // Within the same second, and with nothing else that differs.
    const { files } = await prepare(IMAGES.trixie, { ...OFFLINE, claim: OTHER_CLAIM }, { bundle: BUNDLE })
    writeFiles(machine.boot, files)
    machine.command('systemctl', `[ "$1" != show ] || echo "Ready: the region 'north' has no work"`)
    await machine.stage()
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expect(machine.text('etc/hedgerow/device.env')).toContain(OTHER_CLAIM)
  })

  test('is found by the journal when its status is not new enough', async () => {
    machine.says('Connecting to mqtt://north.example.')
    machine.command('journalctl', 'echo "Ready: the region \'north\' has no work for this device at the moment."')
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expectDone()
  })

  test('says that there is no network when there is none', async () => {
    rmSync(machine.path('proc/net/route'))
    machine.says('The broker at mqtt://north.example cannot be reached: this machine has no network. Next try in 20 s.')
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toMatch(/^Not finished: Hedgerow is installed, and there is no network: check the name/)
  })

  test.each([
    ['ready', {}],
    ['at work', { running: 1 }],
    ['paused', { pauseReason: 'it is night' }],
  ])('is one no more when it is %s, as the device says it', async (_, change) => {
    machine.says(explainSituation({ ...JOINED, ...change }))
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
  })
})

describe('a card without a bundle', () => {
  let server: Server
  const files = new Map<string, Uint8Array>()
  const sha512 = (bytes: Uint8Array) => createHash('sha512').update(bytes).digest('hex')

  beforeEach(async () => {
    server = createServer((request, response) => {
      const file = files.get(request.url ?? '')
      response.writeHead(file === undefined ? 404 : 200).end(file)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const node = archive(folder => putNode(join(folder, 'package')))
    const npm = archive(folder => {
      putNode(join(folder, 'package'))
      writeFileSync(join(folder, 'package/bin/npm-cli.js'), FAKE_NPM)
    })
    const hedgerow = archive(folder => putHedgerow(join(folder, 'package')))
    files.clear()
    files.set(`/node-linux-${ARCH}/-/node-linux-${ARCH}-24.21.0.tgz`, node)
    files.set('/npm/-/npm-11.21.2.tgz', npm)
    files.set('/hedgerow.tgz', hedgerow)
    const { port } = server.address() as AddressInfo
    await insertCard({ ...EVERYTHING, install: { from: 'registry', registry: `http://127.0.0.1:${port}` } })
    const path = join(machine.boot, 'hedgerow/node.env')
    const sums = {
      HEDGEROW_NODE_SHA512_X64: sha512(node),
      HEDGEROW_NODE_SHA512_ARM64: sha512(node),
      HEDGEROW_NPM_SHA512: sha512(npm),
    }
    writeFileSync(path, readFileSync(path, 'utf8') + shellAssignments(sums))
  })
  afterEach(() => new Promise(resolve => server.close(resolve)))

  test('fetches Node, npm and Hedgerow from the registry', async () => {
    machine.connect()
    await machine.stage()
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expectDone()
    expect(machine.text('opt/hedgerow/current/node_modules/installed')).toBe('omit=dev')
  })

  test('waits for a network, and says how it may get one', async () => {
    await machine.stage()
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toMatch(/^Not finished: there is no network: check the name and the password of the Wi-Fi/)
    machine.connect()
    expect(await machine.firstStart()).toMatchObject({ code: 0 })
    expectDone()
  })

  test('waits for the time', async () => {
    machine.connect()
    await machine.stage()
    machine.command('date', 'case $1 in +%s) echo 10 ;; *) echo 1970-01-01 ;; esac')
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toContain('the clock of this machine is wrong (1970-01-01)')
  })

  test('names the registry that cannot be reached', async () => {
    machine.connect()
    await machine.stage()
    files.clear()
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toMatch(/see whether http:\/\/127\.0\.0\.1:\d+ can be reached/)
  })

  test('refuses a Node that is not the one it was made for', async () => {
    machine.connect()
    await machine.stage()
    files.set(
      `/node-linux-${ARCH}/-/node-linux-${ARCH}-24.21.0.tgz`,
      archive(folder => putNode(join(folder, 'evil'))),
    )
    expect(await machine.firstStart()).toMatchObject({ code: 1 })
    expect(machine.status).toContain('is not the file that it should be')
    expect(machine.has('opt/hedgerow/node')).toBe(false)
  })
})

/** Does what the script needs of npm: packs hedgerow, and installs what it needs. */
const FAKE_NPM = `
const { writeFileSync, mkdirSync } = require('node:fs')
const args = process.argv.slice(2)
const after = name => args[args.indexOf(name) + 1]
if (args.includes('pack')) {
  fetch(after('--registry') + '/hedgerow.tgz').then(async response => {
    writeFileSync(after('--pack-destination') + '/hedgerow-1.tgz', Buffer.from(await response.arrayBuffer()))
  })
} else {
  mkdirSync('node_modules')
  writeFileSync('node_modules/installed', args.find(arg => arg.startsWith('--omit=')).slice(2))
}
`

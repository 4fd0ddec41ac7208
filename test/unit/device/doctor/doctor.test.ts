import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  checkBlobs,
  checkBroker,
  checkMemory,
  checkSandbox,
  checkSensors,
  checkState,
  readDeviceState,
} from '../../../../device/doctor/index.ts'
import { type Enrolment, openDeviceStore } from '../../../../device/store/index.ts'
import { parseSensorsFile } from '../../../../hardware/config.ts'
import { openSensors } from '../../../../hardware/drivers/index.ts'
import { type Finding, formatVerifierKey, logKeyOf, regionName, TaskError } from '../../../../protocol/index.ts'
import { nodeSigner, systemClock } from '../../../../protocol/node/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()
const NOW = Date.UTC(2026, 5, 1)
const told = (findings: readonly Finding[]) => findings.map(({ verdict, says }) => `${verdict}: ${says}`)
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Something that listens, and does this with whoever comes. @returns its address */
async function listening(onSocket: (socket: Socket) => void): Promise<string> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the way to the broker', () => {
  const broker = async (mqttUrl: string) =>
    (await checkBroker({ mqttUrl, caKeySha256: null, wallMs: NOW, timeoutMs: 200 })).map(one => ({ ...one }))

  test('works when a broker answers, even by refusing', async () => {
    const place = await listening(socket => socket.once('data', () => socket.end(Uint8Array.from([0x20, 2, 0, 5]))))
    expect(told(await broker(`mqtt://${place}`))).toEqual([`ok: The broker at ${place} answers.`])
  })

  test('fails at the name', async () => {
    const [finding] = await broker('mqtt://no-such-host.invalid:1883')
    expect(finding).toMatchObject({
      verdict: 'broken',
      says: expect.stringMatching(/^The name no-such-host.invalid has no address here/),
    })
    expect(finding?.fix).toContain('ping')
  })

  test('fails at the connection when nobody listens', async () => {
    const place = await listening(() => {})
    servers.pop()?.close()
    const [finding] = await broker(`mqtt://${place}`)
    expect(finding?.says).toBe(`The machine at ${place} is there, and nothing listens on that port.`)
    expect(finding?.fix).toContain('--host 0.0.0.0')
  })

  test('fails at the answer when whoever listens says nothing', async () => {
    const place = await listening(() => {})
    expect(told(await broker(`mqtt://${place}`))).toEqual([
      `broken: ${place} takes the connection and does not answer as a broker does (timeout).`,
    ])
  })

  test('fails at the answer when whoever listens hangs up', async () => {
    const place = await listening(socket => socket.end())
    expect((await broker(`mqtt://${place}`))[0]?.says).toContain('(closed)')
  })

  test('tells of something that is no broker', async () => {
    const place = await listening(socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
    expect((await broker(`mqtt://${place}`))[0]?.says).toContain('does not speak MQTT')
  })

  test('fails at the encryption when the broker speaks plainly', async () => {
    const place = await listening(socket => socket.once('data', () => socket.end(Uint8Array.from([0x20, 2, 0, 5]))))
    expect((await broker(`mqtts://${place}`))[0]?.says).toMatch(/TLS/)
  })
})

describe('blobs', () => {
  const keyOf = (seed: number) => nodeSigner(new Uint8Array(32).fill(seed)).publicKey
  const key = keyOf(7)
  const card = (publicKey: Uint8Array) =>
    JSON.stringify({ logKey: formatVerifierKey(logKeyOf('hedgerow/x', publicKey)) })
  const blobs = async (status: number, text: string) =>
    told(await checkBlobs({ blobUrl: 'http://region:1/blob', regionKey: key, get: async () => ({ status, text }) }))

  test('come from the device’s own region', async () => {
    expect((await blobs(200, card(key)))[0]).toContain(
      "ok: Content can be fetched from http://region:1, and it is the device's own region.",
    )
  })

  test.each([
    ['another region', 200, card(keyOf(8)), 'Another region answers'],
    ['something else', 200, '<html>', 'Another region answers'],
    ['a proxy', 502, 'bad gateway', 'answers with status 502'],
  ])('do not come from %s', async (_, status, text, says) => {
    expect((await blobs(status, text))[0]).toContain(`broken: `)
    expect((await blobs(status, text))[0]).toContain(says)
  })

  test('do not come when there is nobody, and the reason is told', async () => {
    const place = await listening(() => {})
    servers.pop()?.close()
    const get = async (url: string) => ({ status: 200, text: await (await fetch(url)).text() })
    const [says] = told(await checkBlobs({ blobUrl: `http://${place}/blob/`, regionKey: key, get }))
    expect(says).toBe(`broken: Nothing can be fetched from http://${place}: ECONNREFUSED.`)
  })
})

describe('the kernel’s memory control', () => {
  const tree = (controllers: string) => {
    const root = newFolder()
    mkdirSync(join(root, 'proc/self'), { recursive: true })
    mkdirSync(join(root, 'sys/fs/cgroup'), { recursive: true })
    writeFileSync(join(root, 'proc/self/cgroup'), '0::/\n')
    writeFileSync(join(root, 'sys/fs/cgroup/cgroup.controllers'), controllers)
    return root
  }

  test('that is off is told with the line to add', () => {
    const [finding] = checkMemory({ root: tree('cpu io pids\n'), hasKernelTools: true })
    expect(finding).toMatchObject({ verdict: 'warning', fix: expect.stringContaining('cgroup_enable=memory') })
  })

  test('that is on, with and without the programs for it', () => {
    const root = tree('cpu memory\n')
    expect(checkMemory({ root, hasKernelTools: true })[0]?.verdict).toBe('ok')
    expect(checkMemory({ root, hasKernelTools: false })[0]).toMatchObject({
      verdict: 'warning',
      fix: expect.stringContaining('util-linux'),
    })
  })
})

describe('the state', () => {
  const ENROLMENT: Enrolment = {
    mqttUrl: 'mqtt://region:1883',
    region: regionName('meadow'),
    regionKey: new Uint8Array(32),
    blobUrl: 'http://region:8717/blob',
    caKeySha256: null,
    standing: 'joined',
    standingReason: '',
  }

  function device(enrolment: Enrolment | null) {
    const stateDir = newFolder()
    const store = openDeviceStore(join(stateDir, 'device.db'))
    if (enrolment !== null) store.saveEnrolment(enrolment)
    const look = (pid: number | null = null) =>
      told(checkState({ stateDir, state: readDeviceState(stateDir), pid, isAlive: () => false }))
    return { stateDir, store, look }
  }

  test('of a folder without a device', () => {
    const stateDir = newFolder()
    const state = readDeviceState(stateDir)
    expect(told(checkState({ stateDir, state, pid: null, isAlive: () => false }))[0]).toContain(
      'broken: No device was started',
    )
  })

  test('of a device that runs, which nothing is taken from', () => {
    const { store, look } = device(ENROLMENT)
    expect(look(77)).toEqual([
      'ok: The device runs, as process 77.',
      'ok: The database was sound when the device started.',
      'ok: The device belongs to meadow, in good standing.',
    ])
    expect(store.nextCounter()).toBe(1)
    store.close()
  })

  test('of a device that ended, and one that was killed', () => {
    const { store, look } = device(ENROLMENT)
    store.close()
    expect(look()).toEqual([
      'warning: The device does not run.',
      'ok: The database is sound.',
      'ok: The device belongs to meadow, in good standing.',
    ])
    expect(look(77)[0]).toBe('warning: The device does not run. It ended without saying so, as process 77.')
  })

  test('of a device that never joined, and one that was revoked', () => {
    const stranger = device(null)
    stranger.store.close()
    expect(stranger.look()[2]).toBe('broken: The device belongs to no region yet.')
    const revoked = device({ ...ENROLMENT, standing: 'revoked', standingReason: 'sold' })
    revoked.store.close()
    expect(revoked.look()[2]).toBe('broken: The region meadow says: revoked (sold).')
  })

  test('of a database that is damaged', () => {
    const { stateDir, store, look } = device(ENROLMENT)
    store.close()
    writeFileSync(join(stateDir, 'device.db'), 'this is no database, and it is long enough to look like one')
    expect(look()[0]).toMatch(/^broken: The database in .* cannot be read: .*not a database/)
  })
})

describe('the sandbox', () => {
  const sandbox = async (run: () => Promise<{ outputs: Uint8Array }>) =>
    told(
      await checkSandbox({ createRunner: async () => ({ run, close: async () => {} }) as never, monotonicMs: () => 0 }),
    )

  test('that does not start is told of', async () => {
    const run = async () =>
      Promise.reject(new TaskError({ code: 'sandbox_lost', detail: 'exit 1' } as never, 'The sandbox ended.'))
    expect((await sandbox(run))[0]).toBe('broken: No task can be run: The sandbox ended.')
  })

  test('of a machine that computes wrongly is told of', async () => {
    // One unit, which gave the text `hedgerom`.
    const { encodeOutputs, utf8 } = await import('../../../../protocol/index.ts')
    const outputs = encodeOutputs([{ fuel: 1, kind: 'ok', bytes: utf8('hedgerom') }])
    expect((await sandbox(async () => ({ outputs })))[0]).toContain('broken: A task gave another answer than it must')
  })
})

describe('sensors', () => {
  const sensors = (value: unknown) => parseSensorsFile({ sensors: value }, newFolder()).sensors
  const check = async (value: unknown, more: { deviceRuns?: boolean; waitMs?: number } = {}) =>
    checkSensors({
      clock: systemClock,
      sensors: sensors(value),
      deviceRuns: false,
      open: config =>
        openSensors(config, {
          clock: systemClock,
          openPort: async () => Promise.reject(new Error('no port')),
          root: '/',
        } as never),
      ...more,
    })

  test('that give data', async () => {
    expect(told(await check([{ driver: 'synthetic', seed: 'x', quantities: ['temperature'] }]))[0]).toMatch(
      /^ok: Data comes from the /,
    )
  })

  test('none', async () => {
    expect(told(await check([]))).toEqual(['ok: No sensors are written down in sensors.yaml.'])
  })

  test('whose port is not there', async () => {
    const [finding] = await check([{ driver: 'sds011', port: '/dev/serial/by-id/nothing' }])
    expect(finding).toMatchObject({
      check: 'sensor sds011',
      verdict: 'broken',
      says: 'There is no port /dev/serial/by-id/nothing.',
    })
    expect(finding?.fix).toContain('hardware scan')
  })

  test('of a device that runs are left to it', async () => {
    const [finding] = await check([{ driver: 'synthetic', seed: 'x', quantities: ['temperature'] }], {
      deviceRuns: true,
    })
    expect(finding?.says).toContain('device explain')
  })
})

/** A region behind TLS, as people run it: devices that join by a claim, jobs, stock clients, and whoever stands in between. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { connectSubmitter, fetchFor } from '../../client/index.ts'
import { decodeClaimCode, encodeClaimCode } from '../../protocol/index.ts'
import { freePort } from '../bench/workplace.ts'
import { eventually } from '../support/eventually.ts'
import { ask } from '../support/http-client.ts'
import { ECHO } from '../support/tasks.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { TestAuthority } from '../support/test-authority.ts'
import { MEADOW, TestRegion, taskOf } from '../support/test-region.ts'

const newFolder = tempDirs()
const root = join(import.meta.dirname, '../..')
const SECURE = { coordinator: { tls: { mqttPort: 0 } } }
/** A module that does not travel with its job, and a result too large for a message. */
const LINE_BYTES = 50_000

const lines = (count: number): Uint8Array =>
  new TextEncoder().encode(Array.from({ length: count }, (_, i) => `${i}${'.'.repeat(LINE_BYTES - 10)}\n`).join(''))

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connectTcp(port, host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** Runs a job whose module, input and result are blobs. */
async function runBlobJob(region: TestRegion, name: string): Promise<boolean> {
  const submitter = await region.submitter(name)
  const input = lines(6)
  const [module, source] = [await submitter.upload(ECHO), await submitter.upload(input)]
  const handle = await submitter.submit({
    task: { module: { sha256: module } },
    split: { kind: 'blob', source: { sha256: source }, by: 'lines', size: 1 },
    aggregate: { kind: 'concat' },
    verify: 'trust',
  })
  const { bytes } = await handle.result()
  return Buffer.from(bytes).equals(input)
}

describe('a region that is its own authority', () => {
  test('takes devices by their claims, does jobs, and renews its certificate without them noticing', async () => {
    await using region = await TestRegion.start(SECURE)
    const { mqttUrl, httpUrl } = region.coordinator
    expect([mqttUrl, httpUrl]).toEqual([expect.stringMatching(/^mqtts:/), expect.stringMatching(/^https:/)])
    const claim = await region.claim('ann')
    expect(claim).toMatch(/^hedgerow-claim:2:/)
    const { device, stateDir } = await region.join('ann', { claim })
    expect(await runBlobJob(region, 'lab')).toBe(true)
    expect(readFileSync(join(stateDir, 'region-ca.pem'), 'utf8')).toBe(region.coordinator.caPem)

    const serverFile = join(region.stateDir, 'tls/server.pem')
    const before = new X509Certificate(readFileSync(serverFile))
    await region.stopCoordinator()
    writeFileSync(serverFile, '')
    await region.startCoordinator()
    expect(new X509Certificate(readFileSync(serverFile)).serialNumber).not.toBe(before.serialNumber)
    await eventually('the device is back', () => device.state === 'joined')
    expect(await runBlobJob(region, 'lab-2')).toBe(true)

    // From its folder alone, as after a reboot.
    await device.stop()
    const again = await region.start('ann', { stateDir, claim: undefined })
    await region.online(again.device)
    expect(again.device.id).toBe(device.id)
  })

  test('shows its authority to everybody, keeps its keys, and tells commands on its machine whom to believe', async () => {
    await using region = await TestRegion.start(SECURE)
    const { httpUrl, caPem } = region.coordinator
    const shown = await fetchFor(caPem ?? '')(`${httpUrl}/ca.pem`, {})
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'application/x-x509-ca-cert'])
    expect(await shown.text()).toBe(caPem)
    expect(JSON.parse(readFileSync(join(region.stateDir, 'admin.json'), 'utf8'))).toMatchObject({ httpUrl, caPem })
    expect(statSync(join(region.stateDir, 'tls/authority.key')).mode & 0o777).toBe(0o600)
    expect(Object.keys(await region.admin.region())).not.toContain('caKeySha256')
  })

  test('answers plain HTTP with a sentence', async () => {
    await using region = await TestRegion.start(SECURE)
    const plain = await ask(Number(new URL(region.coordinator.httpUrl).port), { path: '/health' })
    expect(plain.status).toBe(400)
    expect(plain.json()).toEqual({
      error: { code: 'https_only', message: 'This port speaks HTTPS only: write https:// in place of http://.' },
    })
  })

  test.each([
    [false, false],
    [true, true],
  ])('keeps MQTT without TLS to its own machine, unless it is told otherwise (%s)', async (plainToo, isOpen) => {
    const mqttPort = await freePort()
    const network = { host: '0.0.0.0', publicHost: '127.0.0.1', mqttPort }
    await using region = await TestRegion.start({ coordinator: { ...network, tls: { mqttPort: 0, plainToo } } })
    expect(region.coordinator.mqttUrl).toMatch(/^mqtts:/)
    // Stands for another machine: whoever listens at 127.0.0.1 alone is not there.
    expect([await isListening('127.0.0.1', mqttPort), await isListening('127.0.0.2', mqttPort)]).toEqual([true, isOpen])
  })

  test('gives a browser or program that does not know its authority nothing', async () => {
    await using region = await TestRegion.start(SECURE)
    const stranger = new TestAuthority()
    const { httpUrl, mqttUrl } = region.coordinator
    await expect(fetchFor(stranger.pem)(`${httpUrl}/health`, {})).rejects.toThrow()
    const account = await region.account('lab')
    const init = { mqttUrl, httpUrl, region: MEADOW, ...account }
    await expect(connectSubmitter({ ...init, ca: stranger.pem })).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('who stands in between', () => {
  test('with a certificate of another authority hears nothing, and the device goes on when it is gone', async () => {
    await using region = await TestRegion.start(SECURE)
    const { port: realPort } = new URL(region.coordinator.mqttUrl)
    const { key, chain } = new TestAuthority(`Hedgerow region ${MEADOW}`).credentials()
    const heard: Buffer[] = []
    const thief = createTlsServer({ key, cert: chain }, socket =>
      socket.on('error', () => {}).on('data', data => heard.push(data)),
    )
    let refused = 0
    thief.on('tlsClientError', () => refused++)
    thief.on('secureConnection', () => refused++)
    let isThere = true
    // What the device believes to be the region's port.
    const relay = createServer(socket => {
      socket.on('error', () => {})
      if (isThere) return void thief.emit('connection', socket)
      const real = connectTcp(Number(realPort), '127.0.0.1')
      const cut = (one: Socket) => () => one.destroy()
      real.on('error', cut(socket)).on('close', cut(socket))
      socket.on('close', cut(real)).pipe(real).pipe(socket)
    })
    await new Promise<void>(resolve => relay.listen(0, '127.0.0.1', resolve))
    const { port } = relay.address() as { port: number }
    const claim = decodeClaimCode(await region.claim('ann'))
    const { device } = await region.start('ann', {
      claim: encodeClaimCode({ ...claim, mqttUrl: `mqtts://127.0.0.1:${port}` }),
    })
    await eventually('it has tried twice', () => refused >= 2)
    await eventually('it says why', () =>
      /shows a certificate of another authority than the claim names: somebody may be in between/.test(
        device.explain(),
      ),
    )
    expect(heard).toEqual([])
    isThere = false
    await region.online(device)
    await device.stop()
    relay.close()
  })
})

describe('a certificate of the operator', () => {
  const authority = new TestAuthority('The town')
  const files = () => {
    const folder = newFolder()
    const { key, chain } = authority.credentials()
    const [certFile, keyFile, caFile] = ['cert.pem', 'key.pem', 'ca.pem'].map(name => join(folder, name))
    if (!certFile || !keyFile || !caFile) throw new Error('Three names were given.')
    writeFileSync(certFile, chain)
    writeFileSync(keyFile, key)
    writeFileSync(caFile, authority.pem)
    return { certFile, keyFile, caFile, folder }
  }

  test('is believed by devices whose machine knows its authority, and by no others', async () => {
    const { certFile, keyFile, caFile, folder } = files()
    await using region = await TestRegion.start({ coordinator: { tls: { mqttPort: 0, certFile, keyFile } } })
    const { mqttUrl, caPem, httpUrl } = region.coordinator
    expect([mqttUrl, caPem]).toEqual([expect.stringMatching(/^mqtts:/), null])
    const script = join(root, 'test/support/device/device-process.ts')
    // The coordinator's HTTPS is asked by this process only for claims.
    const admin = { method: 'POST', body: '{"owner":"ann","lifetimeMs":60000}' }
    const authorization = `Bearer ${region.coordinator.adminToken}`
    const claimOf = async () => {
      const headers = { authorization, 'content-type': 'application/json' }
      const answer = await fetchFor(authority.pem)(`${httpUrl}/api/claims`, { ...admin, headers })
      return ((await answer.json()) as { code: string }).code
    }
    const run = (state: string, claim: string, env: Record<string, string>) => {
      const child = spawn(process.execPath, [script, join(folder, state), claim], { env: { ...process.env, ...env } })
      let said = ''
      child.stdout.on('data', chunk => {
        said += chunk
      })
      region.atEnd(async () => void child.kill('SIGKILL'))
      return () => said
    }
    const claim = await claimOf()
    expect(claim).toMatch(/^hedgerow-claim:1:/)
    const knows = run('knows', claim, { SSL_CERT_FILE: caFile })
    const doubts = run('doubts', await claimOf(), {})
    await eventually('the one that knows it joins', () => knows().includes('"state":"joined"'))
    await eventually('the other says why not', () =>
      doubts().includes('shows a certificate of an authority that this machine does not know: install'),
    )
    expect(doubts()).not.toContain('"state":"joined"')
  })

  test('that nobody could use is refused at the start', async () => {
    const { certFile, keyFile } = files()
    const tls = { mqttPort: 0, certFile, keyFile }
    const start = TestRegion.start({ coordinator: { tls, publicHost: 'region.example' } })
    await expect(start).rejects.toThrow(/is for localhost, 127\.0\.0\.1 and not for region\.example/)
  })
})

const hasMosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined

test.skipIf(!hasMosquitto)('mosquitto_pub with the authority as its --cafile submits a job', async () => {
  await using region = await TestRegion.start(SECURE)
  await region.join('ann')
  const { name, token } = await region.account('ada')
  const { port } = new URL(region.coordinator.mqttUrl)
  const cafile = join(region.stateDir, 'tls/authority.pem')
  const login = ['-h', '127.0.0.1', '-p', port, '-u', name, '-P', token, '--cafile', cafile]
  const topics = `hr/1/${MEADOW}/jobs/${name}`
  const listener = spawn('mosquitto_sub', [...login, '-t', `${topics}/#`, '-v'])
  region.atEnd(async () => void listener.kill())
  let heard = ''
  listener.stdout.on('data', chunk => {
    heard += chunk
  })
  const job = {
    ref: 'one',
    task: taskOf(ECHO),
    split: { kind: 'items', items: ['40', '2'] },
    aggregate: 'sum',
    verify: 'trust',
  }
  await eventually('the result arrives', async () => {
    await promisify(execFile)('mosquitto_pub', [...login, '-t', `${topics}/submit`, '-m', JSON.stringify(job)])
    const id = /jobs\/ada\/([a-z2-7]{16})\/status/.exec(heard)?.[1]
    if (id) await promisify(execFile)('mosquitto_pub', [...login, '-t', `${topics}/${id}/get`, '-m', '?'])
    return /\/result .*"text":"42"/.test(heard)
  })
})

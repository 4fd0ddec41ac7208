/** A real device (key file, SQLite, MQTT over TCP, HTTP) against a scripted region. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hashOf } from '../../device/blobs/index.ts'
import { type Device, type DeviceEvent, openDeviceStore, type RunDeviceOptions, runDevice } from '../../device/index.ts'
import {
  type DeviceId,
  decodeOutputs,
  fromHex,
  fromUtf8,
  type LeaseTask,
  LIMITS,
  sha256Hex,
  toHex,
} from '../../protocol/index.ts'
import { FakeRunner } from '../support/device/fake-parts.ts'
import { grant, MODULE_BYTES, TASK } from '../support/device/leases.ts'
import { type RegionServer, startRegion } from '../support/device/region-server.ts'
import { ScriptedRegion } from '../support/device/scripted-region.ts'
import { ROOT, SANDBOX_SOURCE } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { op, reactor } from '../support/wasm-module.ts'

const newFolder = tempDirs()
/** Nothing to do, and no result waits. */
const RECEIPTED = /^Ready: (?!.*wait for the region's receipt)/
const devices: Device[] = []
const processes: ChildProcess[] = []

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL')
  await Promise.all(devices.splice(0).map(device => device.stop()))
})

function start(stateDir: string, options: Partial<RunDeviceOptions> = {}) {
  const events: DeviceEvent[] = []
  const log = (event: DeviceEvent) => void events.push(event)
  const device = runDevice({ stateDir, sandboxPath: SANDBOX_SOURCE, label: 'attic', log, ...options })
  devices.push(device)
  return { device, events, id: device.id }
}

/** Starts with an echoing runner instead of the sandbox. */
function startEcho(stateDir: string, options: Partial<RunDeviceOptions> = {}) {
  const runner = new FakeRunner('echo')
  return { runner, ...start(stateDir, { wrapRunner: () => runner, ...options }) }
}

function state(device: Device, wanted: string): Promise<void> {
  return new Promise(resolve => {
    if (device.state === wanted) return resolve()
    const stop = device.on('state', ({ state: now }) => {
      if (now !== wanted) return
      stop()
      resolve()
    })
  })
}

/** A device in a process of its own. */
function startProcess(stateDir: string, claim = '') {
  const script = join(ROOT, 'test', 'support', 'device', 'device-process.ts')
  const child = spawn(process.execPath, [script, stateDir, claim], { stdio: ['ignore', 'pipe', 'pipe'] })
  processes.push(child)
  const output = { out: '', err: '' }
  child.stdout.on('data', chunk => {
    output.out += chunk
  })
  child.stderr.on('data', chunk => {
    output.err += chunk
  })
  const logged = async (text: string) => {
    while (!output.out.includes(text)) await once(child.stdout, 'data')
  }
  return { child, output, logged, exit: once(child, 'close') }
}

function serveModule({ blobs }: RegionServer, bytes: Uint8Array, task: LeaseTask = TASK): LeaseTask {
  const module = sha256Hex(hashOf(bytes))
  blobs.content.set(module, bytes)
  return { ...task, module, moduleBytes: bytes.length }
}

/** Gives the device leases of the stand-in module and waits until the region has the results. */
async function work(server: RegionServer, id: DeviceId, ...leaseIds: number[]) {
  const before = server.region.leaseResults.length
  const task = serveModule(server, MODULE_BYTES)
  const message = { session: server.region.session(id), tasks: [task], grants: leaseIds.map(leaseId => grant(leaseId)) }
  server.region.leaseMessage(id, message)
  await server.until(() => server.region.leaseResults.length >= before + leaseIds.length)
}

describe('joining', () => {
  it('joins over TCP with a claim, and without one from then on', async () => {
    await using server = await startRegion()
    const stateDir = newFolder()
    const first = startEcho(stateDir, { claim: server.region.claimCode })
    await state(first.device, 'joined')
    expect(server.region.heard.hellos[0]).toMatchObject({ label: 'attic', slots: 1, creditLeases: 64 })
    expect(readdirSync(stateDir)).toEqual(expect.arrayContaining(['device.db', 'device.key']))
    await first.device.stop()
    const second = startEcho(stateDir)
    await state(second.device, 'joined')
    expect(second.id).toBe(first.id)
    expect(server.region.heard.joins).toHaveLength(1)
  })

  it('refuses to start without a claim, and with one of another region', async () => {
    await using server = await startRegion()
    const stateDir = newFolder()
    expect(() => startEcho(stateDir)).toThrow('This device belongs to no region yet: start it with a claim code')
    const { device } = startEcho(stateDir, { claim: server.region.claimCode })
    await state(device, 'joined')
    await device.stop()
    const other = new ScriptedRegion({ seed: 'other' }).claimCode
    expect(() => startEcho(stateDir, { claim: other })).toThrow(
      /belongs to the region 'north', the claim is for another region of that name/,
    )
  })

  it('ends with one sentence when another region answers [JOIN-2.2]', async () => {
    await using server = await startRegion({ gullible: true })
    const { region } = server
    const pinned = new ScriptedRegion({ seed: 'pinned', address: region.claim.mqttUrl })
    const { send } = region
    region.receive = device => {
      pinned.noteSession(device, region.session(device))
      send(device, 'welcome', region.forgedWelcome(pinned, device))
    }
    const { output, exit } = startProcess(newFolder(), pinned.claimCode)
    expect(await exit).toEqual([1, null])
    expect(output.err).toMatch(
      /^Another region answers at this address: its key is not the one in the claim\.[^\n]*\n$/,
    )
  })

  it('runs once in a folder', async () => {
    await using server = await startRegion()
    const stateDir = newFolder()
    const { device } = startEcho(stateDir, { claim: server.region.claimCode })
    await state(device, 'joined')
    const { output, exit } = startProcess(stateDir)
    expect(await exit).toEqual([1, null])
    expect(output.err).toMatch(/device\.db is in use: another device process runs on this folder/)
  })

  it('leaps over counters that the region has seen from a card that was restored', async () => {
    await using server = await startRegion()
    server.region.counterBefore = 3
    const { device } = startEcho(newFolder(), { claim: server.region.claimCode })
    await state(device, 'waiting')
    expect(device.explain()).toMatch(
      /refuses the connection: it does not accept the signed counter of this device\. Next try/,
    )
    await state(device, 'joined')
    expect(server.region.session(device.id)).toBeGreaterThan(3)
  })

  it('waits in words for a broker that is not there, and joins when it is', async () => {
    const gone = await startRegion()
    const { region, port } = gone
    await gone[Symbol.asyncDispose]()
    const { device } = startEcho(newFolder(), { claim: region.claimCode })
    await state(device, 'waiting')
    expect(device.explain()).toMatch(
      /^The broker at mqtt:\/\/127\.0\.0\.1:\d+ cannot be reached: nobody listens there\. Next/,
    )
    await using back = await startRegion({ region, port })
    await state(device, 'joined')
    expect(back.connects()).toBe(1)
  })
})

describe('work', () => {
  it('runs a module in the real sandbox and brings its answer', async () => {
    await using server = await startRegion()
    const { device, id } = start(newFolder(), { claim: server.region.claimCode })
    await state(device, 'joined')
    const shift = [...op.local(0), 0xad, ...op.i64(32), 0x86, ...op.local(1), 0xad, 0x84]
    const task = serveModule(server, reactor(shift), { ...TASK, abi: 'reactor' })
    server.region.leaseMessage(id, { session: server.region.session(id), tasks: [task], grants: [grant(1)] })
    await server.until(() => server.region.leaseResults.length === 1)
    const [result] = server.region.leaseResults
    expect(result).toMatchObject({ outcome: 'done', detail: '' })
    const texts = decodeOutputs(result?.outputs ?? new Uint8Array(0), 2).map(unit =>
      unit.kind === 'ok' ? fromUtf8(unit.bytes) : unit.kind,
    )
    expect(texts).toEqual(['100 110\n', '110 120\n'])
  })

  it('fetches modules and inputs by range, and puts large outputs up', async () => {
    await using server = await startRegion()
    const { device, id, runner } = startEcho(newFolder(), { claim: server.region.claimCode })
    await state(device, 'joined')
    const blob = new Uint8Array(300_000).map((_, at) => at % 251)
    const source = sha256Hex(hashOf(blob))
    server.blobs.content.set(source, blob)
    const task = serveModule(server, MODULE_BYTES, { ...TASK, cut: { kind: 'bytes', bytes: 50_000 } })
    const digest = fromHex(hashOf(blob.subarray(100_000, 200_000)))
    const input = { kind: 'range', blob: source, offset: 100_000, length: 100_000, digest } as const
    server.region.leaseMessage(id, { session: server.region.session(id), tasks: [task], grants: [grant(1, { input })] })
    await server.until(() => server.region.leaseResults.length === 1)
    expect(runner.runs[0]?.request.inputs.map(({ length }) => length)).toEqual([50_000, 50_000])
    const [result] = server.region.leaseResults
    expect(result).toMatchObject({ outcome: 'done', outputs: null })
    const put = server.blobs.requests.find(({ method }) => method === 'PUT')
    expect(put?.authorization).toMatch(/^Hedgerow [\w-]+$/)
    const outputs = server.blobs.content.get(toHex(result?.digest ?? new Uint8Array(0)))
    expect(outputs?.length).toBeGreaterThan(LIMITS.resultOutputsInlineBytesMax)
    expect(server.blobs.requests.map(({ method, range }) => `${method} ${range ?? ''}`.trim())).toEqual(
      expect.arrayContaining(['GET', 'GET bytes=100000-199999', 'HEAD', 'PUT']),
    )
  })

  it('stops what is cancelled', async () => {
    await using server = await startRegion()
    const runner = new FakeRunner('held')
    const { device, id } = start(newFolder(), { claim: server.region.claimCode, wrapRunner: () => runner })
    await state(device, 'joined')
    const begun = new Promise<void>(resolve => {
      const { run } = runner
      runner.run = (...call) => {
        resolve()
        return run.apply(runner, call)
      }
    })
    const task = serveModule(server, MODULE_BYTES)
    server.region.leaseMessage(id, { session: server.region.session(id), tasks: [task], grants: [grant(1), grant(2)] })
    await begun
    const aborted = once(runner.runs[0]?.signal ?? new EventTarget(), 'abort')
    server.region.cancel(id, 1)
    await aborted
    await expect.poll(() => runner.runs.length).toBe(2)
    runner.runs[1]?.finish()
    await server.until(() => server.region.leaseResults.length > 0)
    expect(server.region.leaseResults.map(({ leaseId }) => leaseId)).toEqual([2])
  })

  it('forgets results with the ack, and comes back to a region that restarted', async () => {
    const stateDir = newFolder()
    const first = await startRegion()
    const { region, port } = first
    const { device, id } = startEcho(stateDir, { claim: region.claimCode })
    await state(device, 'joined')
    await work(first, id, 1, 2)
    await expect.poll(() => device.explain()).toMatch(RECEIPTED)
    region.acks = false
    await work(first, id, 3)
    await first[Symbol.asyncDispose]()
    await state(device, 'waiting')
    const unacknowledged = region.heard.results.at(-1)
    region.acks = true
    await using again = await startRegion({ region, port })
    await state(device, 'joined')
    await again.until(() => region.heard.results.length === 3 || region.heard.results.at(-1) !== unacknowledged)
    expect(region.heard.results.at(-1)).toEqual(unacknowledged)
    await expect.poll(() => device.explain()).toMatch(RECEIPTED)
    await device.stop()
    const store = openDeviceStore(join(stateDir, 'device.db'))
    expect(store.outbox.frames).toBe(0)
    store.close()
  })

  it('brings a result that was published and not acknowledged when it was killed [RESULT-3.2]', async () => {
    await using server = await startRegion()
    const { region } = server
    const stateDir = newFolder()
    const first = startProcess(stateDir, region.claimCode)
    await server.until(() => region.heard.hellos.length === 1)
    const [id] = region.devices()
    if (id === undefined) throw new Error('nobody has connected')
    region.acks = false
    await work(server, id, 1)
    first.child.kill('SIGKILL')
    await first.exit
    region.acks = true
    const second = startProcess(stateDir)
    await server.until(() => region.heard.results.length === 2)
    const [published, again] = region.heard.results
    expect(again).toEqual(published)
    expect(region.session(id)).toBeGreaterThan(published?.session ?? Number.NaN)
    await second.logged('"framesLeft":0')
    second.child.kill('SIGTERM')
    expect(await second.exit).toEqual([0, null])
    const store = openDeviceStore(join(stateDir, 'device.db'))
    expect(store.outbox.frames).toBe(0)
    expect(store.outbox.nextSeq()).toBeGreaterThan(published?.seq ?? Number.NaN)
    store.close()
  })
})

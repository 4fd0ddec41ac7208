/** A region as the public, owners, submitters and the operator see it, over real HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAdminClient } from '../../cli/admin-client.ts'
import { RefusedError } from '../../cli/http-request.ts'
import type { PublicCells, PublicHistory, PublicTotals } from '../../coordinator/http/live-api.ts'
import type { Session } from '../../coordinator/http/session-api.ts'
import { parseSensorsFile } from '../../hardware/config.ts'
import { readJavaScriptEngine } from '../../protocol/node/index.ts'
import { echoed, echoJob } from '../support/echo-jobs.ts'
import { EventReader } from '../support/event-reader.ts'
import { eventually } from '../support/eventually.ts'
import { ECHO } from '../support/tasks.ts'
import { type JoinedDevice, sha256HexOf, TestRegion } from '../support/test-region.ts'

const PAGE = '<!doctype html><title>Hedgerow</title>'
const folder = mkdtempSync(join(tmpdir(), 'hedgerow-page-'))
let region: TestRegion
let gretas: JoinedDevice
let hanss: JoinedDevice

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), PAGE)
  region = await TestRegion.start({ coordinator: { openData: true, dashboardDir: folder } })
  gretas = await region.join('greta')
  hanss = await region.join('hans')
})
afterAll(async () => {
  await region[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
  expect(region.fatal).toEqual([])
})

const as = (token: string) => createAdminClient(region.coordinator.httpUrl, token)

async function get<Reply>(path: string, token?: string): Promise<Reply> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${region.coordinator.httpUrl}${path}`, { headers })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as Reply
}

describe('an owner', () => {
  let token: string

  beforeAll(async () => {
    token = (await region.admin.ownerAdd('greta')).token
  })

  test('sees its own devices, why they wait, and what they have earned', async () => {
    const greta = as(token)
    const devices = await greta.deviceList()
    expect(devices.map(({ id, owner }) => [id, owner])).toEqual([[gretas.device.id, 'greta']])
    expect((await greta.deviceExplain(gretas.device.id)).summary).not.toBe('')
    await expect(greta.device(hanss.device.id)).rejects.toThrow(`greta has no device ${hanss.device.id}`)
    await expect(greta.jobList({})).rejects.toThrow(RefusedError)
    await expect(greta.deviceRevoke(gretas.device.id, 'why not')).rejects.toThrow(RefusedError)
    const own = [`available:${gretas.device.id}`, `holdback:${gretas.device.id}`]
    for (const { id } of (await greta.ledgerBalance()).accounts) expect(own).toContain(id)
    expect(await get<Session>('/api/session', token)).toMatchObject({ role: 'owner', name: 'greta', openData: true })
  })

  test('drains its own device and takes that back, but not what the operator has said', async () => {
    const greta = as(token)
    const { id } = gretas.device
    expect((await greta.deviceDrain(id, 'I need it')).drainReason).toBe('its owner: I need it')
    expect((await greta.deviceExplain(id)).reasons.join(' ')).toContain('I need it')
    expect((await greta.deviceUndrain(id)).drainReason).toBeNull()
    await region.admin.deviceDrain(id, 'it is hot')
    await expect(greta.deviceUndrain(id)).rejects.toThrow('only the operator can change that')
    await expect(greta.deviceDrain(id, 'mine')).rejects.toThrow('only the operator can change that')
    expect((await region.admin.deviceUndrain(id)).drainReason).toBeNull()
    await expect(greta.deviceDrain(hanss.device.id, 'his')).rejects.toThrow('has no device')
  })

  test('invites twenty devices a day for itself, and they are its own', async () => {
    const greta = as(token)
    const { code } = await greta.claimNew({ owner: 'greta', lifetimeMs: 60_000 })
    const third = await region.join('greta', { claim: code })
    expect((await region.member(third.device)).owner).toBe('greta')
    for (let i = 1; i < 20; i++) await greta.claimNew({ owner: 'greta', lifetimeMs: 60_000 })
    await expect(greta.claimNew({ owner: 'greta', lifetimeMs: 60_000 })).rejects.toThrow('greta has invited 20 devices')
    await expect(greta.claimNew({ owner: 'hans', lifetimeMs: 60_000 })).rejects.toThrow("This token is greta's")
    await region.claim('greta')
  })

  test('has a token that outlives a restart, and ends when it is renewed or removed', async () => {
    const { admin } = region
    await expect(admin.ownerAdd('greta')).rejects.toThrow('has a token already')
    expect(await admin.ownerList()).toMatchObject([{ name: 'greta', devices: 2 }])
    await region.stopCoordinator()
    await region.startCoordinator()
    await region.online(gretas.device)
    expect((await as(token).deviceList()).length).toBe(2)
    const renewed = await region.admin.ownerRenew('greta')
    await expect(as(token).deviceList()).rejects.toThrow('not known here')
    expect((await as(renewed.token).deviceList()).length).toBe(2)
    expect(await region.admin.ownerRemove('greta')).toMatchObject({ name: 'greta', devices: 2 })
    await expect(as(renewed.token).deviceList()).rejects.toThrow('not known here')
    expect(await region.admin.ownerList()).toEqual([])
    await expect(region.admin.ownerRenew('greta')).rejects.toThrow('hedgerow owner add greta')
    token = (await region.admin.ownerAdd('greta')).token
    expect((await as(token).deviceList()).length).toBe(2)
  })
})

describe('the page', () => {
  test('comes from the coordinator, and its submitter brings a task and a job from the same origin', async () => {
    const { httpUrl } = region.coordinator
    const page = await fetch(httpUrl)
    expect([page.status, await page.text()]).toEqual([200, PAGE])
    // A page may speak to the server it came from, and run WebAssembly; a token in a header needs no more than that.
    expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'")
    expect(page.headers.get('content-security-policy')).toContain("'wasm-unsafe-eval'")
    const engine = await fetch(`${httpUrl}/dashboard/javascript-engine.wasm`)
    expect([engine.status, engine.headers.get('content-type')]).toEqual([200, 'application/wasm'])
    expect(new Uint8Array(await engine.arrayBuffer())).toEqual(readJavaScriptEngine())
    const { token } = await region.account('ada')
    const own = { authorization: `Bearer ${token}`, origin: httpUrl, 'sec-fetch-site': 'same-origin' }
    const sha256 = sha256HexOf(ECHO)
    const put = await fetch(`${httpUrl}/blob/${sha256}`, { method: 'PUT', headers: own, body: new Uint8Array(ECHO) })
    expect(put.status).toBe(201)
    const events = await EventReader.open(httpUrl, token)
    const body = JSON.stringify(echoJob(8, { task: { module: { sha256 } } }))
    const posted = await fetch(`${httpUrl}/api/jobs`, { method: 'POST', headers: own, body })
    expect(posted.status).toBe(201)
    const { id } = (await posted.json()) as { id: string }
    await events.until('jobs', ({ jobs }) => jobs.some(job => job.id === id && job.state === 'done'))
    const result = await fetch(`${httpUrl}/api/jobs/${id}/result`, { headers: own })
    expect(await result.text()).toBe(echoed(8))
    expect(events.of('devices')).toEqual([])
    expect(await get<object>('/api/prices')).toMatchObject({ prices: [{ what: 'gigafuel' }] })
    events.close()
    for (const foreign of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const refused = await fetch(`${httpUrl}/api/jobs`, { method: 'POST', headers: { ...own, ...foreign }, body })
      expect(refused.status).toBe(403)
    }
  })
})

describe('whoever watches', () => {
  test('hears of devices that come and go, of the log and of the ledger, each as far as it may', async () => {
    const { httpUrl, adminToken } = region.coordinator
    const hans = (await region.admin.ownerAdd('hans')).token
    const open = (token: string | null) => EventReader.open(httpUrl, token)
    const [operator, owner, anybody] = [await open(adminToken), await open(hans), await open(null)]
    const before = (await get<{ devicesOnline: number }>('/api/region', adminToken)).devicesOnline
    const { device } = await region.join('ben')
    await operator.until('devices', ({ devices }) => devices.some(({ id, online }) => id === device.id && online))
    await anybody.until('region', ({ devicesOnline }) => devicesOnline === before + 1)
    await anybody.until('checkpoint', ({ size, rootHashHex }) => size > 0 && /^[0-9a-f]{64}$/.test(rootHashHex))
    const { transfers } = await region.admin.ledgerBalance()
    await region.admin.fund('ada', '5')
    await anybody.until('ledger', told => told.transfers > transfers)
    await region.admin.deviceDrain(hanss.device.id, 'a storm')
    await owner.until('devices', ({ devices }) => devices.some(({ drainReason }) => drainReason === 'a storm'))
    expect(new Set(owner.of('devices').flatMap(({ devices }) => devices.map(({ owner: whose }) => whose)))).toEqual(
      new Set(['hans']),
    )
    expect([anybody.of('devices'), anybody.of('jobs'), owner.of('jobs')]).toEqual([[], [], []])
    for (const reader of [operator, owner, anybody]) reader.close()
  })
})

describe('the public', () => {
  test('sees cells and their history as they are judged, and what the region has come to', async () => {
    const startMs = Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000
    const file = join(region.dir, 'slow.csv')
    writeFileSync(file, `t\n${Array.from({ length: 120 }, (_, i) => 20 + i / 100).join('\n')}\n`)
    const replay = { driver: 'replay', file, columns: { temperature: 't' }, serial: 'one' }
    const location = { latitude: 48.137, longitude: 11.575, elevation: 519 }
    const times = { periodMs: 1_000, startMs, speed: 10_000 }
    await region.join('cleo', { sensors: parseSensorsFile({ location, sensors: [{ ...replay, ...times }] }) })
    await eventually('the sensor is known', async () => (await region.admin.sensorList()).length === 1)
    await region.account('town', '1000000')
    const anybody = await EventReader.open(region.coordinator.httpUrl)
    const { id } = await region.admin.campaignSubmit('town', {
      name: 'afternoon',
      quantity: 'temperature',
      area: { box: [48, 11, 49, 12] },
      periodMs: 1_000,
      windowMs: 60_000,
      readingsPerFrame: 20,
      priceMicro: 20,
      startMs: startMs - 60_000,
      durationMs: 7_200_000,
      latenessMs: 500,
    })
    await anybody.until('cells', ({ cells }) => cells.some(cell => cell.campaign === id && cell.value !== null))
    await eventually('all readings are judged', async () => (await region.admin.campaign(id)).readings === 120)
    const shown = () => get<PublicCells>('/api/public/cells')
    const windows = await region.admin.campaignWindows(id, {})
    const newest = windows.at(-1)
    await eventually('the newest window is shown', async () => (await shown()).cells[0]?.fromMs === newest?.fromMs)
    const { cells } = await shown()
    expect(cells).toHaveLength(1)
    const { revision: _, ...window } = newest ?? windows[0] ?? ({} as never)
    expect(cells[0]).toEqual({ campaign: id, name: 'afternoon', quantity: 'temperature', unit: 'Cel', ...window })
    const path = `/api/public/history?campaign=${id}&cell=${cells[0]?.cell}`
    expect((await get<PublicHistory>(path)).windows).toEqual(windows)
    expect((await get<PublicHistory>(`${path}&from=${newest?.fromMs}`)).windows).toEqual([newest])
    const totals = await get<PublicTotals>('/api/public/totals')
    expect(totals).toMatchObject({
      devices: { joined: 5, caught: 0, revoked: 0 },
      owners: 4,
      jobsFinished: 1,
      unitsVerified: 8,
    })
    expect(BigInt(totals.paidMicro)).toBeGreaterThan(0n)
    anybody.close()
    expect(await region.bookProblems()).toEqual([])
  })

  test('sees nothing else', async () => {
    for (const path of ['/api/devices', '/api/jobs', '/api/sensors', '/api/ledger', '/api/owners', '/api/metrics']) {
      await expect(get(path)).rejects.toThrow(/^401 /)
    }
  })
})

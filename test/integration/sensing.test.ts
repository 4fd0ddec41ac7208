import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { parseSensorsFile } from '../../hardware/config.ts'
import { isAccepted, parseCampaignStatus, parseCampaignWindow, type SensorReading } from '../../protocol/index.ts'
import { eventually } from '../support/eventually.ts'
import { MEADOW, TestRegion } from '../support/test-region.ts'

const regions: TestRegion[] = []
afterEach(async () => {
  for (const region of regions.splice(0)) {
    await region[Symbol.asyncDispose]()
    expect(region.fatal).toEqual([])
  }
})

async function start(): Promise<TestRegion> {
  const region = await TestRegion.start()
  regions.push(region)
  return region
}

/** Begins at a whole window, so that windows are full. */
const START_MS = Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000
const PERIOD_MS = 1_000
const READINGS = 300

/** A recorded hour of a slow afternoon with one impossible reading, replayed at once. */
function recording(region: TestRegion, name: string, offset: number): string {
  const lines = Array.from({ length: READINGS }, (_, i) => (i === 100 ? '900' : (20 + offset + i / 100).toFixed(2)))
  const path = join(region.dir, `${name}.csv`)
  writeFileSync(path, `t\n${lines.join('\n')}\n`)
  return path
}

function sensorsOf(region: TestRegion, name: string, offset: number) {
  const replay = { driver: 'replay', file: recording(region, name, offset), columns: { temperature: 't' } }
  const times = { periodMs: PERIOD_MS, startMs: START_MS, speed: 10_000, serial: `logger-${name}` }
  const location = { latitude: 48.137, longitude: 11.575 + offset / 10_000, elevation: 519 }
  return parseSensorsFile({ location, sensors: [{ ...replay, ...times }] })
}

const CAMPAIGN = {
  name: 'afternoon',
  quantity: 'temperature',
  area: { box: [48, 11, 49, 12] },
  periodMs: PERIOD_MS,
  windowMs: 60_000,
  readingsPerFrame: 20,
  priceMicro: 20,
  // A device's ticks lie less than a period before the recorded times.
  startMs: START_MS - 60_000,
  durationMs: 7_200_000,
  latenessMs: 500,
}

/** A submitter who has nothing but an MQTT client, and what it heard. */
async function listen(region: TestRegion, account: { name: string; token: string }, ...filters: string[]) {
  const client = await connectAsync(region.coordinator.mqttUrl, { username: account.name, password: account.token })
  const heard: { topic: string; body: unknown; retained: boolean }[] = []
  client.on('message', (topic, payload, packet) => {
    heard.push({ topic, body: JSON.parse(payload.toString()), retained: packet.retain })
  })
  for (const filter of filters) await client.subscribeAsync(filter, { qos: 1 })
  region.atEnd(() => client.endAsync())
  const of = (part: string) => heard.filter(({ topic }) => topic.includes(part))
  return { client, heard, of }
}

describe('a campaign by MQTT', () => {
  test('goes from the JSON of a stock client to paid, judged and published readings', async () => {
    const region = await start()
    const town = await region.account('town', '1000000')
    const topics = `hr/1/${MEADOW}/campaigns/town`
    const { client, of } = await listen(region, town, `${topics}/#`, `hr/1/${MEADOW}/out/#`)
    const devices = await Promise.all(
      ['ann', 'bob', 'cat'].map((owner, i) => region.join(owner, { sensors: sensorsOf(region, owner, i / 10) })),
    )
    await eventually('sensors are known', async () => (await region.admin.sensorList()).length === 3)
    await client.publishAsync(`${topics}/submit`, JSON.stringify({ ...CAMPAIGN, ref: 'first' }), { qos: 1 })
    await eventually('all readings are judged', () =>
      of('/status').some(({ body }) => parseCampaignStatus(body).readings === READINGS * 3),
    )
    const status = parseCampaignStatus(of('/status').at(-1)?.body)
    expect(status).toMatchObject({
      ref: 'first',
      state: 'running',
      sensors: 3,
      rejected: 3,
      accepted: READINGS * 3 - 3,
    })
    const windows = of('/window').map(({ body }) => parseCampaignWindow(body))
    expect(windows.every(({ quantity, unit }) => quantity === 'temperature' && unit === 'Cel')).toBe(true)
    expect(new Set(windows.map(({ fromMs }) => fromMs)).size).toBeGreaterThanOrEqual(5)
    // 897 readings at 20, of which a twentieth is the fee, rounded for each window and sensor.
    const members = await Promise.all(devices.map(({ device }) => region.member(device)))
    const earned = members.reduce((sum, { earnedMicro }) => sum + Number(earnedMicro), 0)
    expect(earned).toBeGreaterThan(897 * 19 - 20)
    expect(earned).toBeLessThan(897 * 19 + 20)
    // Whoever comes later finds the newest window of the cell.
    const late = await listen(region, town, `hr/1/${MEADOW}/out/+/+`)
    await eventually('the retained window comes', () => late.heard.length > 0)
    expect(late.heard[0]?.retained).toBe(true)
    expect(parseCampaignWindow(late.heard[0]?.body).fromMs).toBe(Math.max(...windows.map(({ fromMs }) => fromMs)))
    await client.publishAsync(`${topics}/${status.campaign}/stop`, '', { qos: 1 })
    await eventually('it says that it ended', () => of('/result').length > 0)
    expect(of('/result').at(-1)?.body).toMatchObject({ state: 'cancelled', summary: [{ accepted: 897 }] })
    expect(await region.bookProblems()).toEqual([])
  })

  test('that makes no sense is refused with the field at fault', async () => {
    const region = await start()
    const town = await region.account('town')
    const topics = `hr/1/${MEADOW}/campaigns/town`
    const { client, heard } = await listen(region, town, `${topics}/#`)
    await client.publishAsync(`${topics}/submit`, JSON.stringify({ ...CAMPAIGN, quantity: 'temprature' }), { qos: 1 })
    await eventually('the refusal comes', () => heard.length === 1)
    expect(heard[0]).toMatchObject({
      topic: `${topics}/refused`,
      body: { error: { code: 'bad_campaign', path: 'quantity' } },
    })
    expect(JSON.stringify(heard[0]?.body)).toContain('temperature')
  })
})

test('evidence and readings of a sensor can be had over HTTP, and a restart changes nothing', async () => {
  const region = await start()
  await region.account('town', '1000000')
  await region.join('ann', { sensors: sensorsOf(region, 'ann', 0) })
  await eventually('the sensor is known', async () => (await region.admin.sensorList()).length === 1)
  const { id } = await region.admin.campaignSubmit('town', CAMPAIGN)
  await eventually('all readings are judged', async () => (await region.admin.campaign(id)).readings === READINGS)
  const before = await region.admin.campaign(id)
  await region.stopCoordinator()
  await region.startCoordinator()
  const { admin } = region
  expect(await admin.campaign(id)).toMatchObject({ readings: READINGS, spentMicro: before.spentMicro })
  const [sensor] = await admin.sensorList()
  expect(sensor).toMatchObject({ model: 'replay', serial: 'logger-ann', deviceLabel: 'ann', indoor: false })
  const json = await admin.readings(sensor?.id ?? '', { campaign: id, format: 'json' })
  const readings = (await json.json()) as SensorReading[]
  expect(readings).toHaveLength(READINGS)
  expect(readings[100]).toMatchObject({ value: '900.00', codes: expect.arrayContaining(['range']), accepted: false })
  expect(readings[0]).toMatchObject({ quantity: 'temperature', unit: 'Cel', value: '20.00', accepted: true })
  const csv = await (await admin.readings(sensor?.id ?? '', { format: 'csv' })).text()
  expect(csv.trimEnd().split('\n')).toHaveLength(READINGS + 1)
  const evidence = await admin.evidence({ campaign: id, sensor: sensor?.id ?? '', window: START_MS + 100 * PERIOD_MS })
  expect(evidence.input.points.length).toBeGreaterThanOrEqual(59)
  expect(evidence.flags.filter(flags => !isAccepted(flags))).toHaveLength(1)
  expect((await admin.campaignExplain(id)).reasons.join(' ')).toContain('range')
  const [device] = await admin.deviceList()
  const explained = await admin.deviceExplain(device?.id ?? '')
  expect(explained.reasons.join(' ')).toContain(`(replay: temperature) measures for ${id}`)
})

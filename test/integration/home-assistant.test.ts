import type { MqttClient } from 'mqtt'
import { expect, test } from 'vitest'
import { type Announcer, createAnnouncer, type SensingSource } from '../../coordinator/outputs/index.ts'
import type { DeviceId, SensorId } from '../../protocol/index.ts'
import { DEVICES } from '../support/rows.ts'
import { MORNING_MS, StoredReadings } from '../support/stored-readings.ts'
import { REGION, startTestBroker, submitterOptions } from '../support/test-broker.ts'

const [device, otherDevice] = DEVICES
const CHANNELS = [
  { quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 },
  { quantity: 'temperature', unit: 'Cel', exponent: -2 },
]

type Json = Record<string, unknown>

/**
 * What Home Assistant makes of discovery and state, as its documentation has it: `dev` with identifiers, `o` with a name, `cmps` of which
 * each has a platform and a unique id, and templates over the JSON of the state topic. Only the templates that are ours are understood.
 */
class HomeAssistant {
  readonly retained = new Map<string, string>()
  private readonly waiting: (() => void)[] = []

  constructor(client: MqttClient) {
    client.on('message', (topic, payload) => {
      this.retained.set(topic, payload.toString())
      for (const check of [...this.waiting]) check()
    })
  }

  /** Resolves once a topic holds what is waited for. */
  async holds(topic: string, isIt: (payload: string) => boolean): Promise<string> {
    return new Promise(resolve => {
      const check = () => {
        const payload = this.retained.get(topic)
        if (payload === undefined || !isIt(payload)) return
        this.waiting.splice(this.waiting.indexOf(check), 1)
        resolve(payload)
      }
      this.waiting.push(check)
      check()
    })
  }

  /** The entities of a discovered device by their names: their states, and whether they are available. */
  entities(id: DeviceId): Record<string, { state: unknown; unit: unknown; available: boolean }> {
    const config = JSON.parse(this.retained.get(`homeassistant/device/${id}/config`) || '{}') as Json
    const { dev, o, cmps = {}, state_topic: stateTopic, availability } = config as Record<string, Json>
    expect([dev?.ids, o?.name]).toEqual([[expect.any(String)], expect.any(String)])
    const [shared] = availability as unknown as { topic: string; value_template: string }[]
    const available = this.render(String(shared?.topic), String(shared?.value_template)) === 'online'
    const entities = Object.values(cmps as Record<string, Json>).map(component => {
      expect(component).toMatchObject({ p: 'sensor', unique_id: expect.any(String), name: expect.any(String) })
      const state = this.render(String(stateTopic), String(component.value_template))
      return [component.name, { state, unit: component.unit_of_measurement, available }]
    })
    return Object.fromEntries(entities)
  }

  private render(topic: string, template: string): unknown {
    const json = JSON.parse(this.retained.get(topic) ?? 'null')
    const key = /^\{\{ value_json\.readings\.get\('([^']+)'\) \}\}$/.exec(template)?.[1]
    if (key !== undefined) return json.readings[key] ?? null
    expect(template).toBe("{{ 'online' if value_json.online else 'offline' }}")
    return json.online ? 'online' : 'offline'
  }
}

/** What the outputs read of a world that changes, as the coordinator's registry does. */
function livingSource(world: StoredReadings): SensingSource {
  const registry: SensingSource['registry'] = {
    all: () => world.source().registry.all(),
    sensor: id => world.source().registry.sensor(id),
    place: id => world.source().registry.place(id),
    ofDevice: id => world.source().registry.ofDevice(id),
  }
  return { ...world.source(), registry }
}

function move(world: StoredReadings, sensor: SensorId, to: DeviceId): void {
  const row = world.store.sensors().find(({ id }) => id === sensor)
  if (row) world.store.commit([{ table: 'sensor', row: { ...row, device: to } }])
}

/** An announcer of this world, and what it published, in order. */
function announcerOf(world: StoredReadings): { announcer: Announcer; published: { topic: string; text: string }[] } {
  const published: { topic: string; text: string }[] = []
  const announcer = createAnnouncer(
    {
      source: livingSource(world),
      isOnline: () => true,
      publish: () => expect.unreachable(),
      publishRetained: (topic, payload) => published.push({ topic, text: Buffer.from(payload).toString() }),
      wallMs: () => MORNING_MS,
    },
    { region: REGION, version: '0.4.0', homeAssistant: true, observations: false, baseUrl: () => '' },
  )
  return { announcer, published }
}

const configOf = (id: DeviceId) => `homeassistant/device/${id}/config`
const stateOf = (id: DeviceId) => `hr/1/${REGION}/out/ha/${id}`

test('Home Assistant discovers a device over MQTT, follows its readings, and forgets it', async () => {
  await using harness = await startTestBroker()
  const world = new StoredReadings()
  world.device(device, 'shed')
  const sensor = world.sensor(device, 'sds011', CHANNELS)
  let online = true
  const announcer = createAnnouncer(
    {
      source: livingSource(world),
      isOnline: () => online,
      publish: (topic, payload) => harness.broker.publishToSubmitter(topic, payload),
      publishRetained: (topic, payload) => harness.broker.publishRetained(topic, payload),
      wallMs: () => MORNING_MS + 60_000,
    },
    { region: REGION, version: '0.4.0', homeAssistant: true, observations: true, baseUrl: () => 'http://north/v1.1' },
  )
  announcer.republish()

  // It comes after the description was published, as it does whenever it is restarted.
  const client = await harness.client(submitterOptions('ha'))
  const home = new HomeAssistant(client)
  await client.subscribeAsync(['homeassistant/device/+/config', `hr/1/${REGION}/out/ha/+`], { qos: 1 })
  const [config, state] = [configOf(device), stateOf(device)]
  await home.holds(config, payload => payload !== '')
  await home.holds(state, payload => payload !== '')
  expect(Object.keys(home.entities(device))).toEqual(['PM2.5', 'Air temperature'])

  for (const [quantity, values] of [
    ['pm2.5', [123, 124]],
    ['temperature', [-1205, null]],
  ] as const) {
    const id = world.frame({ device, sensor, quantity, fromMs: MORNING_MS, values })
    const { frame, profile } = world.opened(id)
    announcer.observed(device, frame, profile)
  }
  await home.holds(state, payload => payload.includes('temperature'))
  expect(home.entities(device)).toEqual({
    'PM2.5': { state: 12.4, unit: 'µg/m³', available: true },
    'Air temperature': { state: null, unit: '°C', available: true },
  })

  online = false
  announcer.changed(device)
  await home.holds(state, payload => payload.includes('"online":false'))
  expect(home.entities(device)['PM2.5']).toMatchObject({ state: 12.4, available: false })

  // The only sensor comes with another device: nothing is left of this one.
  world.device(otherDevice, 'gate')
  move(world, sensor, otherDevice)
  announcer.changed(otherDevice)
  await home.holds(config, payload => payload === '')
  await home.holds(state, payload => payload === '')
})

test('a late frame of one channel does not hide the newer value of another, nor its own newer one', () => {
  const world = new StoredReadings()
  world.device(device, 'shed')
  const sensor = world.sensor(device, 'sds011', CHANNELS)
  const { announcer, published } = announcerOf(world)
  const tell = (quantity: string, fromMs: number, value: number) => {
    const { frame, profile } = world.opened(world.frame({ device, sensor, quantity, fromMs, values: [value] }))
    announcer.observed(device, frame, profile)
    return JSON.parse(published.at(-1)?.text ?? '{}').readings
  }
  const keys = [`${sensor}-pm2_5`, `${sensor}-temperature`] as const
  expect(tell('pm2.5', MORNING_MS, 100)).toEqual({ [keys[0]]: 10 })
  expect(tell('temperature', MORNING_MS - 900_000, 2_000)).toEqual({ [keys[0]]: 10, [keys[1]]: 20 })
  expect(tell('pm2.5', MORNING_MS - 900_000, 500)).toEqual({ [keys[0]]: 10, [keys[1]]: 20 })
  expect(published).toHaveLength(2)
  // A clock that was an hour ahead hides nothing either.
  expect(tell('pm2.5', MORNING_MS + 3_600_000, 900)).toEqual({ [keys[0]]: 10, [keys[1]]: 20 })
  expect(tell('pm2.5', MORNING_MS + 1_000, 110)).toEqual({ [keys[0]]: 11, [keys[1]]: 20 })
})

test('a sensor that moves is taken from its former device before it is described with the new one', () => {
  const world = new StoredReadings()
  world.device(device, 'shed')
  world.device(otherDevice, 'gate')
  const stays = world.sensor(device, 'bme280', CHANNELS.slice(1))
  const moves = world.sensor(device, 'sds011', CHANNELS.slice(0, 1))
  const { announcer, published } = announcerOf(world)
  announcer.republish()
  const first = published.splice(0)
  expect(first.map(({ topic }) => topic)).toEqual([configOf(device), stateOf(device)])

  move(world, moves, otherDevice)
  announcer.changed(otherDevice)
  const [before, , after] = published.splice(0)
  expect([before?.topic, after?.topic]).toEqual([configOf(device), configOf(otherDevice)])
  const cmps = JSON.parse(before?.text ?? '').cmps
  expect(cmps[`${moves}-pm2_5`]).toEqual({ p: 'sensor' })
  expect(cmps[`${stays}-temperature`]).toMatchObject({ name: 'Air temperature' })
  // One id for both would make Home Assistant refuse the second.
  const ids = [first[0]?.text, after?.text].map(text => JSON.parse(text ?? '').cmps[`${moves}-pm2_5`].unique_id)
  expect(new Set(ids).size).toBe(2)

  move(world, moves, device)
  announcer.changed(device)
  expect(published.map(({ topic, text }) => [topic, text === ''])).toEqual([
    [configOf(otherDevice), true],
    [stateOf(otherDevice), true],
    [configOf(device), false],
    [stateOf(device), false],
  ])
  expect(published[2]?.text).toBe(first[0]?.text)
})

test('a device that comes back is not described again, only what it measures', () => {
  const world = new StoredReadings()
  world.device(device, 'shed')
  world.sensor(device, 'sds011', CHANNELS)
  const { announcer, published } = announcerOf(world)
  announcer.changed(device)
  announcer.changed(device)
  expect(published.map(({ topic }) => topic)).toEqual([configOf(device), stateOf(device), stateOf(device)])
})

test('after a restart of the region a device shows what it measured last', () => {
  const world = new StoredReadings()
  world.device(device, 'shed')
  const sensor = world.sensor(device, 'sds011', CHANNELS)
  for (const [fromMs, value] of [
    [MORNING_MS - 60_000, 123],
    [MORNING_MS - 7_200_000, 500],
    [MORNING_MS + 7_200_000, 900],
  ] as const) {
    world.frame({ device, sensor, quantity: 'pm2.5', fromMs, values: [value - 1, value], periodMs: 1_000 })
  }
  // It was restarted since, and said so.
  world.frame({ device, sensor, quantity: 'pm2.5', fromMs: MORNING_MS - 30_000, values: [], periodMs: 1_000 })
  const { announcer, published } = announcerOf(world)
  announcer.republish()
  expect(JSON.parse(published.at(-1)?.text ?? '')).toEqual({
    online: true,
    time: '2026-11-21T07:59:01.000Z',
    readings: { [`${sensor}-pm2_5`]: 12.3 },
  })
})

test('clients of SensorThings follow the observations of a Datastream', async () => {
  await using harness = await startTestBroker()
  const world = new StoredReadings()
  world.device(device, 'shed')
  const sensor = world.sensor(device, 'sds011', CHANNELS)
  const init = { region: REGION, version: '0.4.0', homeAssistant: false, observations: true }
  const announcer = createAnnouncer(
    {
      source: world.source(),
      isOnline: () => true,
      publish: (topic, payload) => harness.broker.publishToSubmitter(topic, payload),
      publishRetained: () => expect.unreachable(),
      wallMs: () => MORNING_MS + 500,
    },
    { ...init, baseUrl: () => 'http://north/v1.1' },
  )
  const client = await harness.client(submitterOptions('city'))
  const topic = `v1.1/Datastreams('${sensor}-pm2.5')/Observations`
  await client.subscribeAsync(topic, { qos: 1 })
  const received = new Promise<Json[]>(resolve => {
    const found: Json[] = []
    client.on('message', (of, payload) => {
      found.push({ of, ...JSON.parse(payload.toString()) })
      if (found.length === 2) resolve(found)
    })
  })
  const id = world.frame({ device, sensor, quantity: 'pm2.5', fromMs: MORNING_MS, values: [100, null, 101] })
  const { frame, profile } = world.opened(id)
  announcer.observed(device, frame, profile)
  expect(await received).toMatchObject([
    { of: topic, '@iot.id': `${sensor}-pm2.5-${MORNING_MS}`, result: 10, resultTime: '2026-11-21T08:00:00.500Z' },
    { of: topic, phenomenonTime: '2026-11-21T08:02:00.000Z', result: 10.1, resultQuality: { verdict: 'unverified' } },
  ])
})

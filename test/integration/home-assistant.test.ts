import type { MqttClient } from 'mqtt'
import { expect, test } from 'vitest'
import { createAnnouncer } from '../../coordinator/outputs/index.ts'
import type { DeviceId } from '../../protocol/index.ts'
import { DEVICES } from '../support/rows.ts'
import { MORNING_MS, StoredReadings } from '../support/stored-readings.ts'
import { REGION, startTestBroker, submitterOptions } from '../support/test-broker.ts'

const [device] = DEVICES
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
    const key = /^\{\{ value_json\.readings\['([^']+)'\] \}\}$/.exec(template)?.[1]
    if (key !== undefined) return json.readings[key]
    expect(template).toBe("{{ 'online' if value_json.online else 'offline' }}")
    return json.online ? 'online' : 'offline'
  }
}

test('Home Assistant discovers a device over MQTT, follows its readings, and forgets it', async () => {
  await using harness = await startTestBroker()
  const world = new StoredReadings()
  world.device(device, 'shed')
  const sensor = world.sensor(device, 'sds011', CHANNELS)
  let online = true
  const announcerOf = () =>
    createAnnouncer(
      {
        source: world.source(),
        isOnline: () => online,
        publish: (topic, payload) => harness.broker.publishToSubmitter(topic, payload),
        publishRetained: (topic, payload) => harness.broker.publishRetained(topic, payload),
        wallMs: () => MORNING_MS,
      },
      { region: REGION, version: '0.4.0', homeAssistant: true, observations: true, baseUrl: () => 'http://north/v1.1' },
    )
  const announcer = announcerOf()
  announcer.republish()

  // It comes after the description was published, as it does whenever it is restarted.
  const client = await harness.client(submitterOptions('ha'))
  const home = new HomeAssistant(client)
  await client.subscribeAsync(['homeassistant/device/+/config', `hr/1/${REGION}/out/ha/+`], { qos: 1 })
  const config = `homeassistant/device/${device}/config`
  const state = `hr/1/${REGION}/out/ha/${device}`
  await home.holds(config, payload => payload !== '')
  await home.holds(state, payload => payload !== '')
  expect(Object.keys(home.entities(device))).toEqual(['Particles below 2.5 µm', 'Air temperature'])

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
    'Particles below 2.5 µm': { state: 12.4, unit: 'µg/m³', available: true },
    'Air temperature': { state: null, unit: '°C', available: true },
  })

  online = false
  announcer.changed(device)
  await home.holds(state, payload => payload.includes('"online":false'))
  expect(home.entities(device)['Particles below 2.5 µm']).toMatchObject({ state: 12.4, available: false })

  // The only sensor moves to another device: nothing is left here to describe.
  world.device(DEVICES[1], 'gate')
  const [row] = world.store.sensors()
  if (row) world.store.commit([{ table: 'sensor', row: { ...row, device: DEVICES[1] } }])
  announcerOf().changed(device)
  await home.holds(config, payload => payload === '')
  await home.holds(state, payload => payload === '')
})

test('a late frame of one channel does not hide the newer value of another, nor its own newer one', () => {
  const world = new StoredReadings()
  world.device(device, 'shed')
  const sensor = world.sensor(device, 'sds011', CHANNELS)
  const states: string[] = []
  const announcer = createAnnouncer(
    {
      source: world.source(),
      isOnline: () => true,
      publish: () => expect.unreachable(),
      publishRetained: (_, payload) => states.push(Buffer.from(payload).toString()),
      wallMs: () => MORNING_MS,
    },
    { region: REGION, version: '0.4.0', homeAssistant: true, observations: false, baseUrl: () => '' },
  )
  const tell = (quantity: string, fromMs: number, value: number) => {
    const { frame, profile } = world.opened(world.frame({ device, sensor, quantity, fromMs, values: [value] }))
    announcer.observed(device, frame, profile)
    return JSON.parse(states.at(-1) ?? '{}').readings
  }
  const keys = [`${sensor}-pm2_5`, `${sensor}-temperature`] as const
  expect(tell('pm2.5', MORNING_MS, 100)).toEqual({ [keys[0]]: 10 })
  expect(tell('temperature', MORNING_MS - 900_000, 2_000)).toEqual({ [keys[0]]: 10, [keys[1]]: 20 })
  expect(tell('pm2.5', MORNING_MS - 900_000, 500)).toEqual({ [keys[0]]: 10, [keys[1]]: 20 })
  expect(states).toHaveLength(2)
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

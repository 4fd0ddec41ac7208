import { describe, expect, test } from 'vitest'
import {
  type DiscoveredDevice,
  discoveryMessage,
  discoveryRemoval,
  homeAssistantStateTopic,
  stateMessage,
} from '../../../../coordinator/outputs/index.ts'
import { LIMITS, QUANTITIES, regionName } from '../../../../protocol/index.ts'
import { DEVICES } from '../../../support/rows.ts'
import { SENSORS } from '../../../support/sensing-rows.ts'

const [id] = DEVICES
const [sensor, otherSensor] = SENSORS
const INIT = { region: regionName('hagley'), version: '0.4.0' }

const DEVICE: DiscoveredDevice = {
  id,
  label: 'Greta’s "shed"',
  sensors: [
    {
      id: sensor,
      model: 'sds011',
      channels: [
        { quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 },
        { quantity: 'pm10', unit: 'ug/m3', exponent: -1 },
      ],
    },
  ],
  gone: [],
}

describe('the discovery of a device', () => {
  test('is one message that Home Assistant can read alone', () => {
    const { topic, payload } = discoveryMessage(DEVICE, { ...INIT, url: 'https://hagley.example' })
    expect(topic).toBe(`homeassistant/device/${id}/config`)
    const state = `hr/1/hagley/out/ha/${id}`
    const particles = {
      p: 'sensor',
      state_class: 'measurement',
      unit_of_measurement: 'µg/m³',
      suggested_display_precision: 1,
    }
    expect(JSON.parse(payload)).toEqual({
      dev: {
        ids: [`hedgerow-${id}`],
        name: 'Greta’s "shed"',
        mf: 'Hedgerow',
        mdl: 'sds011',
        cu: 'https://hagley.example',
      },
      o: { name: 'hedgerow', sw: '0.4.0', url: 'https://hagley.example' },
      cmps: {
        [`${sensor}-pm2_5`]: {
          ...particles,
          unique_id: `hedgerow-${id}-${sensor}-pm2_5`,
          name: 'PM2.5',
          device_class: 'pm25',
          value_template: `{{ value_json.readings.get('${sensor}-pm2_5') }}`,
        },
        [`${sensor}-pm10`]: {
          ...particles,
          unique_id: `hedgerow-${id}-${sensor}-pm10`,
          name: 'PM10',
          device_class: 'pm10',
          value_template: `{{ value_json.readings.get('${sensor}-pm10') }}`,
        },
      },
      state_topic: state,
      availability: [{ topic: state, value_template: "{{ 'online' if value_json.online else 'offline' }}" }],
      qos: 1,
    })
  })

  test('says what there is in the words of Home Assistant, whatever the quantity', () => {
    const classes = Array.from(QUANTITIES.values(), ({ name, unit, exponent }) => {
      const device = {
        ...DEVICE,
        sensors: [{ id: sensor, model: 'any', channels: [{ quantity: name, unit, exponent }] }],
      }
      const { cmps } = JSON.parse(discoveryMessage(device, INIT).payload)
      const [component] = Object.values<Record<string, unknown>>(cmps)
      return [
        name,
        component?.device_class ?? null,
        component?.unit_of_measurement ?? null,
        component?.state_class ?? null,
      ]
    })
    expect(classes).toEqual([
      ['temperature', 'temperature', '°C', 'measurement'],
      ['humidity', 'humidity', '%', 'measurement'],
      ['pressure', 'atmospheric_pressure', 'Pa', 'measurement'],
      ['pm1', 'pm1', 'µg/m³', 'measurement'],
      ['pm2.5', 'pm25', 'µg/m³', 'measurement'],
      ['pm4', null, 'µg/m³', 'measurement'],
      ['pm10', 'pm10', 'µg/m³', 'measurement'],
      ['co2', 'carbon_dioxide', 'ppm', 'measurement'],
      ['light', 'illuminance', 'lx', 'measurement'],
      ['noise', 'sound_pressure', 'dB', 'measurement'],
      ['rain', 'precipitation', 'mm', 'measurement'],
      ['wind-speed', 'wind_speed', 'm/s', 'measurement'],
      ['wind-direction', null, '°', null],
      ['soc-temperature', 'temperature', '°C', 'measurement'],
      ['voltage', 'voltage', 'V', 'measurement'],
      ['current', 'current', 'A', 'measurement'],
      ['power', 'power', 'W', 'measurement'],
      ['power-factor', 'power_factor', null, 'measurement'],
      ['energy-import', 'energy', 'kWh', 'total_increasing'],
      ['energy-export', 'energy', 'kWh', 'total_increasing'],
      ['energy-total', 'energy', 'kWh', 'total_increasing'],
      ['frequency', 'frequency', 'Hz', 'measurement'],
      ['latitude', null, '°', 'measurement'],
      ['longitude', null, '°', 'measurement'],
      ['altitude', 'distance', 'm', 'measurement'],
      ['satellites', null, null, 'measurement'],
      ['hdop', null, null, 'measurement'],
      ['particle-size', null, 'µm', 'measurement'],
      ['particles-0.3', null, null, 'measurement'],
      ['particles-0.5', null, null, 'measurement'],
      ['formaldehyde', null, 'µg/m³', 'measurement'],
      ['soil-moisture', 'moisture', '%', 'measurement'],
      ['resistance', null, 'Ω', 'measurement'],
      ['level', null, null, 'measurement'],
      ['count', null, null, 'measurement'],
    ])
  })

  test('claims no class for a unit that it does not go with, nor for a quantity that nobody knows', () => {
    const channels = [
      { quantity: 'co2', unit: '%', exponent: -2 },
      { quantity: 'constructor', unit: 'toString', exponent: 0 },
    ]
    const { cmps } = JSON.parse(
      discoveryMessage({ ...DEVICE, sensors: [{ id: sensor, model: 'x', channels }] }, INIT).payload,
    )
    expect(cmps[`${sensor}-co2`]).not.toHaveProperty('device_class')
    expect(cmps[`${sensor}-constructor`]).toMatchObject({ name: 'constructor', unit_of_measurement: 'toString' })
    expect(cmps[`${sensor}-constructor`]).not.toHaveProperty('device_class')
  })

  test('tells sensors of one quantity apart, and names a device that has no name', () => {
    const [first] = DEVICE.sensors
    const sensors = [first, { id: otherSensor, model: 'pms5003', channels: first?.channels.slice(0, 1) ?? [] }]
    const device = { ...DEVICE, label: '', sensors } as DiscoveredDevice
    const { dev, cmps } = JSON.parse(discoveryMessage(device, INIT).payload)
    expect([dev.name, dev.mdl]).toEqual([`Hedgerow ${id.slice(0, 6)}`, 'sds011, pms5003'])
    expect(Object.values<{ name: string }>(cmps).map(({ name }) => name)).toEqual([
      'PM2.5 (sds011 a000)',
      'PM10',
      'PM2.5 (pms5003 b000)',
    ])
  })

  test('has names that Home Assistant can make ids of', () => {
    const names = Array.from(QUANTITIES.values(), ({ name, unit, exponent }) => {
      const sensors = [{ id: sensor, model: 'any', channels: [{ quantity: name, unit, exponent }] }]
      const { cmps } = JSON.parse(discoveryMessage({ ...DEVICE, sensors }, INIT).payload)
      return Object.values<{ name: string }>(cmps)[0]?.name
    })
    // It writes a micrometre as `mm`.
    expect(names.filter(name => /[^\x20-\x7e]/.test(name ?? ''))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  test('says of what is gone only what it was, which is how Home Assistant is told to remove it', () => {
    const gone = [`${otherSensor}-co2`]
    const { cmps } = JSON.parse(discoveryMessage({ ...DEVICE, gone }, INIT).payload)
    expect(cmps[`${otherSensor}-co2`]).toEqual({ p: 'sensor' })
    expect(Object.keys(cmps)).toHaveLength(3)
  })

  test('is taken back with empty messages, under another prefix too', () => {
    expect(discoveryRemoval(id, { ...INIT, prefix: 'ha' })).toEqual([
      { topic: `ha/device/${id}/config`, payload: '' },
      { topic: `hr/1/hagley/out/ha/${id}`, payload: '' },
    ])
  })
})

describe('the state of a device', () => {
  const values = [
    { sensor, quantity: 'pm2.5', scaled: 123, exponent: -1 },
    { sensor, quantity: 'pm10', scaled: null, exponent: -1 },
  ]

  test('has the newest values where the templates look for them', () => {
    const atMs = Date.UTC(2026, 10, 21, 8)
    const { topic, payload } = stateMessage(id, { online: true, atMs, values }, INIT.region)
    expect(topic).toBe(homeAssistantStateTopic(INIT.region, id))
    const state = JSON.parse(payload)
    expect(state).toEqual({
      online: true,
      time: '2026-11-21T08:00:00.000Z',
      readings: { [`${sensor}-pm2_5`]: 12.3, [`${sensor}-pm10`]: null },
    })
    const { cmps } = JSON.parse(discoveryMessage(DEVICE, INIT).payload)
    for (const { value_template: template } of Object.values<{ value_template: string }>(cmps)) {
      const key = /^\{\{ value_json\.readings\.get\('([a-z0-9_-]+)'\) \}\}$/.exec(template)?.[1]
      expect(Object.keys(state.readings)).toContain(key)
    }
  })

  test('before anything was measured, and with a topic that fits every broker', () => {
    const { payload, topic } = stateMessage(id, { online: false, atMs: null, values: [] }, regionName('x'.repeat(32)))
    expect(JSON.parse(payload)).toEqual({ online: false, time: null, readings: {} })
    expect(topic.length).toBeLessThanOrEqual(LIMITS.topicBytesMax)
    expect(topic.split('/').length).toBeLessThanOrEqual(LIMITS.topicLevelsMax)
  })
})

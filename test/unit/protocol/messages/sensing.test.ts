import { describe, expect, test } from 'vitest'
import { decode } from '../../../../protocol/cbor/index.ts'
import {
  decodePlan,
  decodeProfileMessage,
  decodeSensors,
  encodePlan,
  encodeProfileMessage,
  encodeSensors,
} from '../../../../protocol/messages/index.ts'
import {
  encodeProfile,
  GAP_CAUSES,
  PROFILE_KINDS,
  type Profile,
  SENSOR_FAULTS,
  type SensorInfo,
  type Sensors,
  type Stream,
  sensorIdOf,
} from '../../../../protocol/readings/index.ts'

const sds: SensorInfo = {
  sensor: sensorIdOf('sds011', 'A6F1'),
  model: 'sds011',
  serial: 'A6F1',
  channels: [
    { quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 },
    { quantity: 'pm10', unit: 'ug/m3', exponent: -1 },
  ],
}
const said: Sensors = { session: 1, seq: 2, location: null, sensors: [sds] }
const stream: Stream = {
  periodMs: 60_000,
  phaseMs: 500,
  sampleMs: 60_000,
  readingsPerFrame: 15,
  kind: 'sample',
  channels: [{ sensor: sds.sensor, channel: 0 }],
}

describe('a list of sensors', () => {
  const pass = (...sensors: SensorInfo[]) => decodeSensors(encodeSensors({ ...said, sensors })).sensors

  test('does not carry ids, which follow from model and serial [SENSE-1.1]', () => {
    expect(decode(encodeSensors(said))).toEqual([
      1,
      2,
      null,
      [['sds011', 'A6F1', sds.channels.map(channel => Object.values(channel))]],
    ])
    expect(pass({ ...sds, sensor: sensorIdOf('another', 'one') })).toEqual([sds])
  })

  test('names each sensor once, and each quantity of a sensor once [SENSE-1.2]', () => {
    const [first] = sds.channels
    if (first === undefined) throw new Error('The sensor has channels.')
    const twin = { ...sds, serial: 'B', sensor: sensorIdOf('sds011', 'B') }
    expect(pass(sds, twin)).toEqual([sds, twin])
    expect(() => pass(sds, sds)).toThrow('its sensors[1].serial must not be that of another sensor of this model')
    expect(() => pass({ ...sds, channels: [first, first] })).toThrow(
      'its sensors[0].channels[1].quantity must be measured once by a sensor',
    )
  })

  test('says where the device stands, in whole numbers', () => {
    const location = { latitudeMicroDeg: -33_868_800, longitudeMicroDeg: 151_209_300, elevationM: 58, indoor: true }
    const bytes = encodeSensors({ ...said, location, sensors: [] })
    expect(decode(bytes)).toEqual([1, 2, [-33_868_800, 151_209_300, 58, 1], []])
    expect(decodeSensors(bytes)).toEqual({ ...said, location, sensors: [] })
  })
})

test('a profile stands in its message as it is hashed [READ-1.2]', () => {
  const channels = [{ sensor: sds.sensor, quantity: 'pm10', unit: 'ug/m3', exponent: -1, calibration: null }]
  const profile: Profile = { periodMs: 1_000, kind: 'statistics', channels }
  const bytes = encodeProfileMessage({ session: 1, seq: 2, profile })
  expect(decode(bytes)).toEqual([1, 2, decode(encodeProfile(profile))])
  expect(decodeProfileMessage(bytes)).toEqual({ session: 1, seq: 2, profile })
})

describe('a plan', () => {
  const pass = (change: Partial<Stream>) => {
    const [read] = decodePlan(encodePlan({ session: 1, revision: 4, streams: [{ ...stream, ...change }] })).streams
    return read
  }

  test('may end all sampling', () => {
    const plan = { session: 1, revision: 5, streams: [] }
    expect(decodePlan(encodePlan(plan))).toEqual(plan)
  })

  test('has phases below their periods [SENSE-1.3]', () => {
    expect(pass({ phaseMs: 59_999 })).toEqual({ ...stream, phaseMs: 59_999 })
    expect(() => pass({ phaseMs: 60_000 })).toThrow('its streams[0].phaseMs must be below the period')
  })

  test('samples evenly, and single values once a period [SENSE-1.4]', () => {
    const statistics = { ...stream, kind: 'statistics', sampleMs: 5_000 } as const
    expect(pass(statistics)).toEqual(statistics)
    expect(() => pass({ ...statistics, sampleMs: 7_000 })).toThrow('its streams[0].sampleMs must divide the period')
    expect(() => pass({ sampleMs: 5_000 })).toThrow('its streams[0].sampleMs must be the period of single values')
  })

  test('names a channel once in a stream [SENSE-1.5]', () => {
    const [first] = stream.channels
    if (first === undefined) throw new Error('The stream has channels.')
    const two = [first, { ...first, channel: 1 }]
    expect(pass({ channels: two })?.channels).toEqual(two)
    expect(() => pass({ channels: [first, first] })).toThrow(
      'its streams[0].channels[1].channel must be named once in a stream',
    )
  })
})

test('numbers on the wire stay what they are', () => {
  expect(PROFILE_KINDS).toEqual(['sample', 'statistics'])
  expect(GAP_CAUSES).toEqual(['restart', 'thinned', 'quota', 'paused', 'clock', 'disk'])
  expect(SENSOR_FAULTS).toEqual([
    'unknown',
    'warming_up',
    'no_answer',
    'bad_frames',
    'fan_dead',
    'out_of_range',
    'power_on_value',
    'unplugged',
    'switched_off',
    'stale',
  ])
})

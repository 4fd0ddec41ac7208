import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../../protocol/errors.ts'
import {
  decodeProfile,
  encodeProfile,
  type Profile,
  profileId,
  profileIdOf,
  readingIdBytes,
  sensorId,
  sensorIdFromBytes,
  sensorIdOf,
} from '../../../../protocol/readings/index.ts'

const beginning = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex').slice(0, 16)

const profile: Profile = {
  periodMs: 60_000,
  kind: 'sample',
  channels: [
    { sensor: sensorIdOf('bme280', '77'), quantity: 'pressure', unit: 'Pa', exponent: 0, calibration: null },
    {
      sensor: sensorIdOf('bme280', '77'),
      quantity: 'temperature',
      unit: 'Cel',
      exponent: -2,
      calibration: { offset: -50, gainPpm: 1_000_000, formula: '' },
    },
  ],
}

describe('a sensor', () => {
  test('is named by model and serial alone [SENSE-1.1]', () => {
    expect(sensorIdOf('ds18b20', '28-0316a2797bff')).toBe(beginning('hedgerow/sensor/1\0ds18b20\x0028-0316a2797bff'))
    expect(sensorIdOf('sds011', 'A6F1')).not.toBe(sensorIdOf('sds011A', '6F1'))
  })

  test('has 8 bytes on the wire', () => {
    const id = sensorIdOf('sds011', 'A6F1')
    expect(readingIdBytes(id)).toHaveLength(8)
    expect(sensorIdFromBytes(readingIdBytes(id))).toBe(id)
  })

  test.each(['', 'A6F1A6F1A6F1A6F1', '0123456789abcde', '0123456789abcdef0'])('is not called %j', text => {
    expect(() => sensorId(text)).toThrow(ProtocolError)
    expect(() => profileId(text)).toThrow('is not a profile id')
  })
})

describe('a profile', () => {
  test('is named by its encoding [READ-1.2]', () => {
    const bytes = encodeProfile(profile)
    expect(profileIdOf(bytes)).toBe(beginning(bytes))
    expect(decodeProfile(bytes)).toEqual(profile)
    expect(profileIdOf(encodeProfile({ ...profile, periodMs: 60_001 }))).not.toBe(profileIdOf(bytes))
  })

  test('has each quantity of a sensor once, and those of two sensors side by side [READ-1.1]', () => {
    const [pressure] = profile.channels
    if (pressure === undefined) throw new Error('The profile has channels.')
    const again = (other: Partial<typeof pressure>) => () =>
      decodeProfile(encodeProfile({ ...profile, channels: [pressure, { ...pressure, ...other }] }))
    expect(again({ unit: 'hPa' })).toThrow(
      'its channels[1].quantity must differ from those of the same sensor before it',
    )
    expect(again({ sensor: sensorIdOf('bme280', '76') })().channels).toHaveLength(2)
  })

  test('has a period, channels and exponents within their bounds [READ-1.1] [READ-1.3]', () => {
    const pass = (change: Partial<Profile>) => () => decodeProfile(encodeProfile({ ...profile, ...change }))
    const [channel] = profile.channels
    if (channel === undefined) throw new Error('The profile has channels.')
    expect(pass({ periodMs: 86_400_000 })().periodMs).toBe(86_400_000)
    expect(pass({ periodMs: 86_400_001 })).toThrow('its periodMs must be an integer of 1 to 86400000')
    expect(pass({ periodMs: 0 })).toThrow('its periodMs must be')
    expect(pass({ channels: [] })).toThrow('its channels must be an array of 1 to 32 elements')
    expect(pass({ channels: [{ ...channel, exponent: -9 }] })().channels[0]?.exponent).toBe(-9)
    expect(pass({ channels: [{ ...channel, exponent: 10 }] })).toThrow(
      'its channels[0].exponent must be an integer of -9 to 9',
    )
    expect(pass({ channels: [{ ...channel, quantity: 'Pressure' }] })).toThrow(
      'its channels[0].quantity must be a text of 1 to 32',
    )
    expect(pass({ channels: [{ ...channel, unit: '' }] })).toThrow('its channels[0].unit must be a text of 1 to 16')
  })
})

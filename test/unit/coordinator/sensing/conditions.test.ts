import { expect, test } from 'vitest'
import { explainSensors } from '../../../../coordinator/admin/explain-sensors.ts'
import { Conditions } from '../../../../coordinator/sensing/conditions.ts'
import { encodeProfile, type Profile, profileIdOf, type ReadingFrame, sensorIdOf } from '../../../../protocol/index.ts'
import { northOf, SensingWorld, START_MS } from '../../../support/sensing-world.ts'

const sensor = sensorIdOf('sds011', 'a160')
const channel = { sensor, unit: 'ug/m3', exponent: -1, calibration: null }
const profile: Profile = {
  periodMs: 1_000,
  kind: 'sample',
  channels: [
    { ...channel, quantity: 'pm2.5' },
    { ...channel, quantity: 'pm10' },
  ],
}

function frameAt(fromMs: number, lastIsMissing: boolean): ReadingFrame {
  const values = Float64Array.of(10, lastIsMissing ? Number.NaN : 11)
  return {
    session: 1,
    seq: 1,
    profile: profileIdOf(encodeProfile(profile)),
    fromMs,
    uncertaintyMs: 0,
    count: 2,
    columns: [values, Float64Array.of(20, 21)],
    faults: lastIsMissing ? [{ channel: 0, first: 1, count: 1, fault: 'fan_dead' }] : [],
    gaps: [],
  }
}

test('the newest frame tells how a sensor is, whichever comes last', () => {
  const conditions = new Conditions()
  conditions.note(frameAt(START_MS + 60_000, true), profile)
  conditions.note(frameAt(START_MS, false), profile)
  const now = conditions.of(sensor)
  expect(now.get('pm2.5')).toEqual({ atMs: START_MS + 61_000, fault: 'fan_dead' })
  expect(now.get('pm10')).toEqual({ atMs: START_MS + 61_000, fault: null })
})

test('a device is told of each of its sensors what it does and what to do about it', () => {
  const world = new SensingWorld()
  const device = world.join('ann', northOf(0))
  expect(explainSensors(world.sensing, device.id)).toEqual([
    `Sensor ${device.sensors[0]} (test: temperature) is asked by no campaign.`,
  ])
  const campaign = world.submit()
  world.pass(300_000)
  world.report(device, START_MS, [12, 12.5])
  expect(explainSensors(world.sensing, device.id)).toEqual([
    `Sensor ${device.sensors[0]} (test: temperature) measures for ${campaign}; temperature came last at 2026-01-05T00:01:00.000Z.`,
  ])
})

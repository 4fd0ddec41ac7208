import { expect, test } from 'vitest'
import { partReasons } from '../../../../dashboard/views/devices-sensor-words.ts'
import type { SensorSummary } from '../../../../protocol/index.ts'

const sensor = (id: string, quantities: readonly string[]): SensorSummary => ({
  id,
  device: 'a'.repeat(26),
  deviceLabel: 'shed',
  model: 'SDS011 (v2)',
  serial: '',
  channels: quantities.map(quantity => ({ quantity, unit: 'ug/m3', exponent: -1 })),
  cell: null,
  elevationM: null,
  indoor: null,
  firstSeenMs: 0,
  placedSinceMs: 0,
  online: true,
  rival: null,
})

test('what is said of known sensors is parted from the other reasons of their device', () => {
  const { sensors, others } = partReasons(
    [
      'No job is running.',
      'Sensor s1 (SDS011 (v2): pm25, pm10) measures for c1; pm25 came last at 2026-06-01T10:05:00.000Z; pm10 is missing since 2026-06-01T10:05:00.000Z or before: its fan does not turn.',
      'Sensor s2 (SDS011 (v2): pm25) is asked by no campaign.',
      'Sensor s3 (BME280: temperature) is asked by no campaign.',
    ],
    [sensor('s1', ['pm25', 'pm10']), sensor('s2', ['pm25'])],
  )
  expect(others).toEqual(['No job is running.', 'Sensor s3 (BME280: temperature) is asked by no campaign.'])
  expect(sensors.get('s1')?.says).toEqual([
    'It measures for c1.',
    expect.stringMatching(/^Pm25 came last at 1 Jun 2026, \d\d:05\.$/),
    expect.stringMatching(/^Pm10 is missing since 1 Jun 2026, \d\d:05 or before: its fan does not turn\.$/),
  ])
  expect([...sensors].map(([id, { isFaulty }]) => [id, isFaulty])).toEqual([
    ['s1', true],
    ['s2', false],
  ])
})

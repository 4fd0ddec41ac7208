import { expect, it } from 'vitest'
import { explainSampling, type SamplingSituation } from '../../../../device/sampling/explain.ts'
import { sensorIdOf } from '../../../../protocol/index.ts'

const CALM: SamplingSituation = {
  sensors: 2,
  streams: 1,
  hasPlan: true,
  joined: true,
  timeKnown: true,
  diskFull: false,
  readings: 0,
  frames: 0,
  unknown: [],
  troubles: [],
}

it.each([
  ['works', {}, "Measures with 2 sensors for 1 stream of the region's plan."],
  ['has nothing to do with sensors', { sensors: 0, streams: 0, hasPlan: false }, ''],
  ['is asked for nothing', { streams: 0, hasPlan: false }, '2 sensors ready: the region asks for no readings.'],
  [
    'does not know the time',
    { timeKnown: false },
    "Measures with 2 sensors for 1 stream of the region's plan. The region's time is not known yet; readings are timed when it is.",
  ],
  ['may not measure', { joined: false }, 'Its sensors rest: the region takes no readings from this device now.'],
  [
    'has readings left over',
    { sensors: 0, streams: 0, readings: 1, frames: 2 },
    "1 reading still to be sent. 2 messages of readings wait for the region's receipt.",
  ],
  [
    'is in trouble',
    { streams: 0, troubles: ['The fan stands still.'], unknown: [sensorIdOf('x', 'y')], diskFull: true },
    `The fan stands still. The region asks for ${sensorIdOf('x', 'y')}, which this device does not have. ` +
      'The disk is full, so new readings are only in memory: make room on it.',
  ],
] satisfies [string, Partial<SamplingSituation>, string][])('a device that %s says so', (_, partial, sentence) => {
  expect(explainSampling({ ...CALM, ...partial }).join(' ')).toBe(sentence)
})

/** Messages of sensing: sensors, profile and reading from devices, plan from the region; and packed columns. */
import type { CborValue } from '../../protocol/cbor/index.ts'
import { LIMITS } from '../../protocol/limits.ts'
import {
  encodeProfile,
  type Plan,
  type Profile,
  packColumns,
  profileIdOf,
  type ReadingHead,
  SENSOR_FAULTS,
  type Sensors,
  sensorId,
  sensorIdOf,
} from '../../protocol/readings/index.ts'
import { b, bytesFaults, type Cases, type Invalid, inside, MAX, rangeFaults, textFaults, uintFaults } from './faults.ts'

const VALUE_MAX = 140_737_488_355_328
const SDS011 = sensorIdOf('sds011', 'A6F1')
const BME280 = sensorIdOf('bme280', 'attic/i2c-1')

/** How a list that may be empty can be wrong. */
const manyFaults = (field: string, at: number[], max: number, item: CborValue): Invalid[] => [
  { title: `${field} has more than ${max} elements`, at, to: new Array<CborValue>(max + 1).fill(item), field },
  { title: `${field} is null`, at, to: null, field },
]
/** How a quantity, a unit and an exponent can be wrong, the first of them at `at`. */
const channelFaults = (path: number[], first: number): Invalid[] => [
  { title: 'a quantity with a capital', at: [...path, first], to: 'PM10', field: 'quantity', beyondCddl: true },
  { title: 'a quantity with a slash', at: [...path, first], to: 'a/b', field: 'quantity', beyondCddl: true },
  { title: 'no quantity', at: [...path, first], to: '', field: 'quantity' },
  { title: 'a quantity too long', at: [...path, first], to: 'x'.repeat(33), field: 'quantity' },
  { title: 'a quantity that is a number', at: [...path, first], to: 7, field: 'quantity' },
  { title: 'a unit with a space', at: [...path, first + 1], to: 'ug m3', field: 'unit', beyondCddl: true },
  { title: 'a unit that is not ASCII', at: [...path, first + 1], to: 'µg', field: 'unit', beyondCddl: true },
  { title: 'no unit', at: [...path, first + 1], to: '', field: 'unit' },
  { title: 'a unit too long', at: [...path, first + 1], to: 'x'.repeat(17), field: 'unit' },
  ...rangeFaults('exponent', [...path, first + 2], -9, 9),
]

const attic: Sensors = {
  session: 3,
  seq: 11,
  location: { latitudeMicroDeg: 52_520_008, longitudeMicroDeg: -13_404_954, elevationM: 34, indoor: false },
  sensors: [
    {
      sensor: SDS011,
      model: 'sds011',
      serial: 'A6F1',
      channels: [
        { quantity: 'pm2.5', unit: 'ug/m3', exponent: -1 },
        { quantity: 'pm10', unit: 'ug/m3', exponent: -1 },
      ],
    },
    {
      sensor: BME280,
      model: 'bme280',
      serial: 'attic/i2c-1',
      channels: [{ quantity: 'humidity', unit: '%RH', exponent: -2 }],
    },
  ],
}

const sensors: Cases = {
  name: 'sensors',
  valid: [
    { title: 'two sensors, and where they stand', input: attic },
    { title: 'no sensors and no place', input: { ...attic, location: null, sensors: [] } },
    {
      title: 'a place at its bounds',
      input: {
        ...attic,
        location: { latitudeMicroDeg: -90_000_000, longitudeMicroDeg: 180_000_000, elevationM: -500, indoor: true },
      },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('seq', [1]),
    { title: 'a place of three elements', at: [2], to: [0, 0, 0], field: 'location' },
    ...rangeFaults('latitudeMicroDeg', [2, 0], -90_000_000, 90_000_000).map(inside('location')),
    ...rangeFaults('longitudeMicroDeg', [2, 1], -180_000_000, 180_000_000).map(inside('location')),
    ...rangeFaults('elevationM', [2, 2], -500, 9_000).map(inside('location')),
    ...rangeFaults('indoor', [2, 3], 0, 1).map(inside('location')),
    ...manyFaults('sensors', [3], 64, null),
    { title: 'a sensor of two elements', at: [3, 0], to: ['sds011', 'A6F1'], field: 'sensors[0]' },
    { title: 'no model', at: [3, 0, 0], to: '', field: 'sensors[0].model' },
    { title: 'a model with a space', at: [3, 0, 0], to: 'sds 011', field: 'sensors[0].model', beyondCddl: true },
    ...textFaults('serial', [3, 0, 1], 128).map(inside('sensors[0]')),
    {
      title: 'a sensor twice',
      at: [3, 1],
      to: ['sds011', 'A6F1', [['pm1', 'ug/m3', -1]]],
      field: 'sensors[1].serial',
      beyondCddl: true,
    },
    { title: 'a sensor without channels', at: [3, 0, 2], to: [], field: 'sensors[0].channels' },
    {
      title: 'more channels than a sensor may have',
      at: [3, 0, 2],
      to: Array.from({ length: 33 }, (_, i) => [`q${i}`, 'V', 0]),
      field: 'sensors[0].channels',
    },
    ...channelFaults([3, 0, 2, 1], 0).map(inside('sensors[0].channels[1]')),
    {
      title: 'a quantity measured twice',
      at: [3, 0, 2, 1, 0],
      to: 'pm2.5',
      field: 'sensors[0].channels[1].quantity',
      beyondCddl: true,
    },
  ],
}

const minutes: Profile = {
  periodMs: 60_000,
  kind: 'sample',
  channels: [
    { sensor: SDS011, quantity: 'pm2.5', unit: 'ug/m3', exponent: -1, calibration: null },
    {
      sensor: BME280,
      quantity: 'humidity',
      unit: '%RH',
      exponent: -2,
      calibration: { offset: -150, gainPpm: 1_020_000, formula: 'x * 1.02 - 1.5' },
    },
  ],
}
const channelFault = inside('profile.channels[1]')

const profile: Cases = {
  name: 'profile',
  valid: [
    { title: 'two channels, one of them calibrated', input: { session: 3, seq: 12, profile: minutes } },
    {
      title: 'statistics',
      input: { session: 3, seq: 13, profile: { ...minutes, periodMs: 86_400_000, kind: 'statistics' } },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('seq', [1]),
    { title: 'a profile of two elements', at: [2], to: [60_000, 0], field: 'profile' },
    ...rangeFaults('periodMs', [2, 0], 1, 86_400_000).map(inside('profile')),
    ...rangeFaults('kind', [2, 1], 0, 1).map(inside('profile')),
    { title: 'no channels', at: [2, 2], to: [], field: 'profile.channels' },
    {
      title: 'more channels than a profile may have',
      at: [2, 2],
      to: Array.from({ length: 33 }, (_, i) => [b(8), `q${i}`, 'V', 0, null]),
      field: 'profile.channels',
    },
    { title: 'a channel of four elements', at: [2, 2, 1], to: [b(8), 'pm1', 'V', 0], field: 'profile.channels[1]' },
    ...bytesFaults('sensor', [2, 2, 1, 0], 8).map(channelFault),
    ...channelFaults([2, 2, 1], 1).map(channelFault),
    {
      title: 'a channel twice',
      at: [2, 2, 0],
      to: [Uint8Array.from(Buffer.from(BME280, 'hex')), 'humidity', '%RH', -1, null],
      field: 'profile.channels[1].quantity',
      beyondCddl: true,
    },
    { title: 'a calibration of two elements', at: [2, 2, 1, 4], to: [0, 0], field: 'profile.channels[1].calibration' },
    ...rangeFaults('calibration.offset', [2, 2, 1, 4, 0], -VALUE_MAX, VALUE_MAX).map(channelFault),
    ...rangeFaults('calibration.gainPpm', [2, 2, 1, 4, 1], -1_000_000_000, 1_000_000_000).map(channelFault),
    ...textFaults('calibration.formula', [2, 2, 1, 4, 2], 128).map(channelFault),
  ],
}

const dusty = Float64Array.of(123, 124, 121, Number.NaN, Number.NaN, 125)
const damp = Float64Array.of(5_512, 5_514, 5_513, 5_520, 5_524, 5_525)
const measured: ReadingHead = {
  session: 3,
  seq: 14,
  profile: profileIdOf(encodeProfile(minutes)),
  fromMs: 1_795_000_020_000,
  uncertaintyMs: 40,
  count: 6,
  packed: packColumns([dusty, damp], 6, minutes),
  faults: [
    { channel: 0, first: 3, count: 1, fault: 'bad_frames' },
    { channel: 0, first: 4, count: 1, fault: 'no_answer' },
  ],
  gaps: [{ fromMs: 1_794_999_900_000, toMs: 1_795_000_020_000, cause: 'restart' }],
}

const reading: Cases = {
  name: 'reading',
  valid: [
    { title: 'six readings of two channels, two of them missing, after a gap', input: measured },
    { title: 'nothing but a gap', input: { ...measured, seq: 15, count: 0, packed: b(0), faults: [] } },
    {
      title: 'every number at its bound',
      input: {
        ...measured,
        session: MAX,
        seq: MAX,
        fromMs: LIMITS.regionTimeMsMax,
        uncertaintyMs: 2 ** 32 - 1,
        count: 4_096,
        faults: SENSOR_FAULTS.map((fault, i) => ({ channel: 22 + i, first: 0, count: 4_096, fault })),
        gaps: [{ fromMs: LIMITS.regionTimeMsMax - 1, toMs: LIMITS.regionTimeMsMax, cause: 'disk' }],
      },
    },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('seq', [1]),
    ...bytesFaults('profile', [2], 8),
    ...rangeFaults('fromMs', [3], 0, LIMITS.regionTimeMsMax),
    ...rangeFaults('uncertaintyMs', [4], 0, 2 ** 32 - 1),
    ...rangeFaults('count', [5], 0, 4_096),
    { title: 'columns that are an array', at: [6], to: [1, 2], field: 'columns' },
    ...manyFaults('faults', [7], 256, null),
    { title: 'a fault of three elements', at: [7, 0], to: [0, 3, 1], field: 'faults[0]' },
    ...rangeFaults('channel', [7, 0, 0], 0, 31).map(inside('faults[0]')),
    ...rangeFaults('first', [7, 0, 1], 0, 4_095).map(inside('faults[0]')),
    ...rangeFaults('count', [7, 0, 2], 1, 4_096).map(inside('faults[0]')),
    { title: 'a fault past the last reading', at: [7, 1, 2], to: 3, field: 'faults[1].count', beyondCddl: true },
    { title: 'an unknown fault', at: [7, 0, 3], to: 10, field: 'faults[0].fault' },
    { title: 'faults that overlap', at: [7, 0, 2], to: 2, field: 'faults[1].first', beyondCddl: true },
    { title: 'faults out of order', at: [7, 0, 0], to: 1, field: 'faults[1].first', beyondCddl: true },
    ...manyFaults('gaps', [8], 256, null),
    { title: 'a gap of two elements', at: [8, 0], to: [0, 1], field: 'gaps[0]' },
    ...uintFaults('fromMs', [8, 0, 0]).map(inside('gaps[0]')),
    {
      title: 'a gap that ends as it begins',
      at: [8, 0, 0],
      to: 1_795_000_020_000,
      field: 'gaps[0].toMs',
      beyondCddl: true,
    },
    { title: 'an unknown cause', at: [8, 0, 2], to: 6, field: 'gaps[0].cause' },
  ],
}

const planned: Plan = {
  session: 3,
  revision: 7,
  streams: [
    {
      periodMs: 60_000,
      phaseMs: 12_500,
      sampleMs: 60_000,
      readingsPerFrame: 15,
      kind: 'sample',
      channels: [
        { sensor: SDS011, channel: 0 },
        { sensor: SDS011, channel: 1 },
      ],
    },
    {
      periodMs: 600_000,
      phaseMs: 0,
      sampleMs: 5_000,
      readingsPerFrame: 144,
      kind: 'statistics',
      channels: [{ sensor: sensorId('00ff00ff00ff00ff'), channel: 31 }],
    },
  ],
}
const streamFault = inside('streams[0]')

const plan: Cases = {
  name: 'plan',
  valid: [
    { title: 'single values of one sensor and statistics of another', input: planned },
    { title: 'an end of sampling', input: { ...planned, revision: 8, streams: [] } },
  ],
  invalid: [
    ...uintFaults('session', [0]),
    ...uintFaults('revision', [1]),
    ...manyFaults('streams', [2], 64, null),
    { title: 'a stream of five elements', at: [2, 0], to: [1, 0, 1, 1, 0], field: 'streams[0]' },
    ...rangeFaults('periodMs', [2, 0, 0], 1, 86_400_000).map(streamFault),
    ...rangeFaults('phaseMs', [2, 0, 1], 0, 86_399_999).map(streamFault),
    { title: 'a phase of a whole period', at: [2, 0, 1], to: 60_000, field: 'streams[0].phaseMs', beyondCddl: true },
    ...rangeFaults('sampleMs', [2, 1, 2], 1, 86_400_000).map(inside('streams[1]')),
    {
      title: 'samples that do not divide the period',
      at: [2, 1, 2],
      to: 7_000,
      field: 'streams[1].sampleMs',
      beyondCddl: true,
    },
    {
      title: 'single values more often than the period',
      at: [2, 0, 2],
      to: 5_000,
      field: 'streams[0].sampleMs',
      beyondCddl: true,
    },
    ...rangeFaults('readingsPerFrame', [2, 0, 3], 1, 4_096).map(streamFault),
    ...rangeFaults('kind', [2, 0, 4], 0, 1).map(streamFault),
    { title: 'no channels', at: [2, 0, 5], to: [], field: 'streams[0].channels' },
    ...bytesFaults('sensor', [2, 0, 5, 0, 0], 8).map(inside('streams[0].channels[0]')),
    ...rangeFaults('channel', [2, 0, 5, 0, 1], 0, 31).map(inside('streams[0].channels[0]')),
    { title: 'a channel twice', at: [2, 0, 5, 1, 1], to: 0, field: 'streams[0].channels[1].channel', beyondCddl: true },
  ],
}

/** What devices and the region say about sensors. */
export const SENSING_CASES: readonly Cases[] = [sensors, profile, reading, plan]

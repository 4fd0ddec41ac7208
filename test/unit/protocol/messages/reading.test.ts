import { describe, expect, test } from 'vitest'
import { AssertionError } from '../../../../protocol/errors.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import {
  decodeReading,
  decodeReadingHead,
  encodeReading,
  encodeReadingHead,
} from '../../../../protocol/messages/index.ts'
import {
  encodeProfile,
  type FaultSpan,
  type Profile,
  profileIdOf,
  type ReadingFrame,
  sensorIdOf,
} from '../../../../protocol/readings/index.ts'

const channel = { sensor: sensorIdOf('bme280', '77'), unit: 'Cel', exponent: -2, calibration: null }
const profile: Profile = {
  periodMs: 60_000,
  kind: 'sample',
  channels: [
    { ...channel, quantity: 'a' },
    { ...channel, quantity: 'b' },
  ],
}
const statistics: Profile = { ...profile, kind: 'statistics', channels: [{ ...channel, quantity: 'a' }] }
const frame: ReadingFrame = {
  session: 1,
  seq: 2,
  profile: profileIdOf(encodeProfile(profile)),
  fromMs: 1_795_000_000_000,
  uncertaintyMs: 20,
  count: 4,
  columns: [Float64Array.of(1, Number.NaN, Number.NaN, 4), Float64Array.of(1, 2, 3, 4)],
  faults: [],
  gaps: [],
}
const fault = (at: number, first: number, count: number): FaultSpan => ({
  channel: at,
  first,
  count,
  fault: 'no_answer',
})
const encodeWith = (faults: FaultSpan[]) => () => encodeReading({ ...frame, faults }, profile)
/** A frame that only a dishonest device would make. */
const forged =
  (change: object, other: Profile = profile) =>
  () => {
    const head = decodeReadingHead(encodeReading(frame, profile))
    return decodeReading(encodeReadingHead({ ...head, ...change }), other)
  }

describe('faults', () => {
  test('cover stretches without a value, one after the other [READ-2.2]', () => {
    const faults = [fault(0, 1, 1), fault(0, 2, 1)]
    expect(decodeReading(encodeWith(faults)(), profile).faults).toEqual(faults)
  })

  test.each<[string, FaultSpan[], string]>([
    ['over a value', [fault(0, 0, 2)], 'its faults[0] must be of a channel and of readings without a value'],
    ['of a channel that is all there', [fault(0, 1, 1), fault(1, 0, 1)], 'its faults[1] must be of a channel'],
    ['of a channel that is not there', [fault(2, 0, 1)], 'its faults[0] must be of a channel'],
    ['past the last reading', [fault(0, 2, 3)], 'its faults[0].count must end with the last reading'],
    ['that overlap', [fault(0, 1, 2), fault(0, 2, 1)], 'its faults[1].first must be after the span before it'],
    ['in another order', [fault(0, 2, 1), fault(0, 1, 1)], 'its faults[1].first must be after the span before it'],
  ])('%s are refused, and never written [READ-2.2]', (_title, faults, reason) => {
    expect(forged({ faults })).toThrow(reason)
    if (!reason.includes('last reading')) expect(encodeWith(faults)).toThrow(AssertionError)
  })
})

describe('times', () => {
  test('of readings follow from the first one and the period [READ-2.1]', () => {
    const read = decodeReading(encodeReading(frame, profile), profile)
    expect([read.fromMs, read.uncertaintyMs, read.count]).toEqual([1_795_000_000_000, 20, 4])
    expect(forged({ fromMs: LIMITS.regionTimeMsMax - 1 })).toThrow(
      'its fromMs must leave its readings times that can be written as dates',
    )
  })

  test('of a gap ascend, and a frame may hold nothing else [READ-2.3]', () => {
    const gap = { fromMs: 5, toMs: 6, cause: 'thinned' } as const
    const only = { ...frame, count: 0, columns: [new Float64Array(), new Float64Array()], gaps: [gap] }
    expect(decodeReading(encodeReading(only, profile), profile)).toEqual(only)
    expect(forged({ gaps: [{ ...gap, toMs: 5 }] })).toThrow('its gaps[0].toMs must be after the start of the gap')
  })
})

describe('statistics', () => {
  const columns = (...values: number[][]) => values.map(column => Float64Array.from(column))
  const pass = (...values: number[][]) => {
    const sent = { ...frame, count: values[0]?.length ?? 0, columns: columns(...values) }
    return decodeReading(encodeReading(sent, statistics), statistics).columns
  }

  test('are missing together or not at all [READ-2.4]', () => {
    const values = [
      [5, Number.NaN],
      [1, Number.NaN],
      [9, Number.NaN],
      [12, Number.NaN],
    ]
    expect(pass(...values)).toEqual(columns(...values))
    expect(() => pass([5], [Number.NaN], [9], [12])).toThrow('a mean lies between')
    expect(() => pass([Number.NaN], [1], [9], [12])).toThrow('statistics are missing together')
    expect(() => pass([Number.NaN], [Number.NaN], [Number.NaN], [0])).toThrow('statistics are missing together')
  })

  test('have their mean between least and greatest, of one sample or more [READ-2.4]', () => {
    expect(() => pass([5], [6], [9], [12])).toThrow('a mean lies between')
    expect(() => pass([5], [1], [4], [12])).toThrow('a mean lies between')
    expect(() => pass([5], [1], [9], [0])).toThrow('1 to 2^32-1 samples')
    expect(() => pass([5], [1], [9], [2 ** 32])).toThrow('1 to 2^32-1 samples')
  })
})

test('columns that are not those of the profile are never written [READ-3.1]', () => {
  const encodeColumns =
    (...columns: Float64Array[]) =>
    () =>
      encodeReading({ ...frame, columns }, profile)
  const full = Float64Array.of(1, 2, 3, 4)
  expect(encodeColumns(full)).toThrow('a frame has the columns of its profile')
  expect(encodeColumns(full, Float64Array.of(1, 2, 3))).toThrow('a column has a value or NaN for each reading')
  expect(encodeColumns(full, Float64Array.of(1, 2, 3, 0.5))).toThrow('values are whole numbers')
  expect(encodeColumns(full, Float64Array.of(1, 2, 3, 2 ** 47 + 1))).toThrow('values are whole numbers')
  expect(encodeColumns(full, Float64Array.of(1, 2, 3, Number.POSITIVE_INFINITY))).toThrow('values are whole numbers')
  expect(encodeColumns(full, Float64Array.of(1, 2, -0, 2 ** 47))).not.toThrow()
})

test('the packed columns of a head are a view of the message, not a copy', () => {
  const bytes = encodeReading(frame, profile)
  expect(decodeReadingHead(bytes).packed.buffer).toBe(bytes.buffer)
})

test('a frame of the most readings and channels decodes within its bounds', () => {
  const channels = Array.from({ length: 32 }, (_, i) => ({ ...channel, quantity: `q${i}` }))
  const wide: Profile = { ...profile, kind: 'statistics', channels }
  const column = new Float64Array(4_096).fill(7)
  const sent = { ...frame, count: 4_096, columns: channels.flatMap(() => [column, column, column, column]) }
  const bytes = encodeReading(sent, wide)
  expect(bytes.length).toBeLessThan(1_000)
  expect(decodeReading(bytes, wide).columns).toHaveLength(128)
})

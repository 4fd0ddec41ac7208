/** Arbitrary profiles, frames and columns, for tests that treat all readings alike. */
import fc from 'fast-check'
import { LIMITS } from '../../protocol/limits.ts'
import {
  type Column,
  columnsPerChannel,
  encodeProfile,
  type FaultSpan,
  GAP_CAUSES,
  type Gap,
  type Profile,
  type ProfileChannel,
  profileIdOf,
  QUANTITIES,
  type ReadingFrame,
  SENSOR_FAULTS,
  type SensorChannel,
  sensorIdFromBytes,
} from '../../protocol/readings/index.ts'

const VALUE_MAX = LIMITS.readingValueMax
const between = (min: number, max: number) => fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max))
const moment = between(0, 4_000_000_000_000)

export const SENSOR_IDS = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(sensorIdFromBytes)

/** A channel of the table, or one that somebody made up. */
export const SENSOR_CHANNELS: fc.Arbitrary<SensorChannel> = fc.oneof(
  fc.constantFrom(...QUANTITIES.values()).map(({ name, unit, exponent }) => ({ quantity: name, unit, exponent })),
  fc.record({
    quantity: fc.stringMatching(/^[a-z0-9.-]{1,32}$/),
    unit: fc.stringMatching(/^[!-~]{1,16}$/),
    exponent: between(-9, 9),
  }),
)

const calibration = fc.record({
  offset: between(-VALUE_MAX, VALUE_MAX),
  gainPpm: between(-1_000_000_000, 1_000_000_000),
  formula: fc.string({ unit: 'grapheme-ascii', maxLength: LIMITS.formulaBytesMax }),
})

const channel: fc.Arbitrary<ProfileChannel> = fc
  .record({ sensor: SENSOR_IDS, channel: SENSOR_CHANNELS, calibration: fc.option(calibration) })
  .map(fields => ({ sensor: fields.sensor, ...fields.channel, calibration: fields.calibration }))

export const PROFILES: fc.Arbitrary<Profile> = fc.record({
  periodMs: between(1, LIMITS.periodMsMax),
  kind: fc.constantFrom('sample' as const, 'statistics' as const),
  channels: fc.uniqueArray(channel, {
    minLength: 1,
    maxLength: 5,
    selector: ({ sensor, quantity }) => `${sensor}/${quantity}`,
  }),
})

/** What a column can look like: noise, a walk, a ramp, a constant, rare steps, outliers, and anything. */
function valuesOf(count: number): fc.Arbitrary<number[]> {
  const list = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: count, maxLength: count })
  const summed = (steps: number[], start: number) => {
    let at = start
    return steps.map(step => {
      at = Math.max(-VALUE_MAX, Math.min(VALUE_MAX, at + step))
      return at
    })
  }
  const start = fc.oneof(fc.integer({ min: -2_000, max: 110_000 }), between(-VALUE_MAX, VALUE_MAX))
  const rarely = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer() })
  return fc.oneof(
    list(fc.integer({ min: -20, max: 20 })),
    fc.tuple(list(fc.integer({ min: -9, max: 9 })), start).map(([steps, first]) => summed(steps, first)),
    fc.tuple(fc.integer(), start).map(([step, first]) => summed(new Array<number>(count).fill(step), first)),
    fc.tuple(list(rarely), start).map(([steps, first]) => summed(steps, first)),
    list(fc.oneof(fc.integer({ min: 0, max: 5 }), between(-VALUE_MAX, VALUE_MAX))),
    list(between(-VALUE_MAX, VALUE_MAX)),
  )
}

/** Which readings of a channel are missing: none, all, any, or a stretch. */
function missingOf(count: number): fc.Arbitrary<boolean[]> {
  return fc.oneof(
    fc.constant(new Array<boolean>(count).fill(false)),
    fc.constant(new Array<boolean>(count).fill(true)),
    fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    fc
      .tuple(fc.nat(count), fc.nat(count))
      .map(([from, length]) => Array.from({ length: count }, (_, i) => i >= from && i < from + length)),
  )
}

/** The column or the four columns of one channel. */
function channelColumns(count: number, statistics: boolean): fc.Arbitrary<Column[]> {
  const column = (values: readonly number[], missing: readonly boolean[]) =>
    Float64Array.from(values, (value, i) => (missing[i] ? Number.NaN : value))
  if (!statistics)
    return fc.tuple(valuesOf(count), missingOf(count)).map(([values, missing]) => [column(values, missing)])
  const samples = fc.array(between(1, 2 ** 32 - 1), { minLength: count, maxLength: count })
  return fc
    .tuple(valuesOf(count), valuesOf(count), valuesOf(count), samples, missingOf(count))
    .map(([a, b, c, numbers, missing]) => {
      const ordered = a.map((value, i) => [value, b[i] ?? value, c[i] ?? value].sort((x, y) => x - y))
      const sorted = (at: number) => ordered.map(values => values[at] ?? 0)
      return [sorted(1), sorted(0), sorted(2), numbers].map(values => column(values, missing))
    })
}

/** The columns of a frame of `count` readings. */
export function columnsFor(profile: Profile, count: number): fc.Arbitrary<Column[]> {
  return fc
    .tuple(...profile.channels.map(() => channelColumns(count, profile.kind === 'statistics')))
    .map(groups => groups.flat())
}

const gap: fc.Arbitrary<Gap> = fc
  .record({ fromMs: moment, lengthMs: between(1, 10 ** 12), cause: fc.constantFrom(...GAP_CAUSES) })
  .map(({ fromMs, lengthMs, cause }) => ({ fromMs, toMs: fromMs + lengthMs, cause }))

/** A frame together with its profile. */
export const FRAMES: fc.Arbitrary<{ profile: Profile; frame: ReadingFrame }> = fc
  .tuple(PROFILES, fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(0, 1, 2, 15, 60, 400)))
  .chain(([profile, count]) =>
    fc
      .record({
        columns: columnsFor(profile, count),
        session: fc.maxSafeNat(),
        seq: fc.maxSafeNat(),
        fromMs: moment,
        uncertaintyMs: between(0, 2 ** 32 - 1),
        gaps: fc.array(gap, { maxLength: 3 }),
        fault: fc.constantFrom(...SENSOR_FAULTS),
      })
      .map(({ fault, ...fields }) => {
        const faults = spansOf(profile, fields.columns, fault)
        const frame = { ...fields, profile: profileIdOf(encodeProfile(profile)), count, faults }
        return { profile, frame }
      }),
  )

/** Every stretch of missing values as a fault, as far as a frame may tell of them. */
function spansOf(profile: Profile, columns: readonly Column[], fault: FaultSpan['fault']): FaultSpan[] {
  const spans = profile.channels.flatMap((_, channelIndex) => {
    const column = columns[channelIndex * columnsPerChannel(profile.kind)] ?? new Float64Array()
    const found: FaultSpan[] = []
    for (let first = 0; first < column.length; first++) {
      let end = first
      while (end < column.length && Number.isNaN(column[end])) end++
      if (end > first) found.push({ channel: channelIndex, first, count: end - first, fault })
      first = end
    }
    return found
  })
  return spans.slice(0, LIMITS.frameNotesMax)
}

/** Columns as JSON has them: null where there is no value. */
export function columnsJson(columns: readonly Column[]): (number | null)[][] {
  return columns.map(column => Array.from(column, value => (Number.isNaN(value) ? null : value)))
}

/** The reverse of {@link columnsJson}. */
export function columnsOfJson(columns: readonly (readonly (number | null)[])[]): Column[] {
  return columns.map(column => Float64Array.from(column, value => value ?? Number.NaN))
}

/**
 * All columns of a frame as one run of bits: for each channel which readings have a value, then the values. Writer and reader learn
 * from what has passed (see {@link Forecast}) rather than choosing a coding and sending the choice. So nobody can write the same
 * readings in two ways, no receiver has to try what a sender should have chosen, and bytes that are accepted are those that
 * encoding gives again.
 */
import { assert } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { BitReader, BitWriter } from './bits.ts'
import { readPresence, writePresence } from './presence.ts'
import { columnsOf, columnsPerChannel } from './profile.ts'
import { badColumns } from './refuse-columns.ts'
import { readSeries, writeSeries } from './series.ts'
import type { Column, Profile } from './types.ts'

const VALUE_MAX = LIMITS.readingValueMax
/** Largest number of samples of a period. */
const SAMPLES_MAX = 2 ** 32 - 1

/**
 * The columns of a frame as bytes; none for a frame without readings.
 * @param columns - {@link columnsOf} of them, each of `count` values
 * @throws {AssertionError} when they are not columns of this profile
 * @see spec/clauses.md [READ-2.4] [READ-3.1] [READ-3.7] [READ-3.8]
 */
export function packColumns(columns: readonly Column[], count: number, profile: Profile): Uint8Array {
  assert(columns.length === columnsOf(profile), 'a frame has the columns of its profile')
  assert(
    columns.every(column => column.length === count),
    'a column has a value or NaN for each reading',
  )
  assert(columns.every(isWhole), 'values are whole numbers of -(2^47)..2^47')
  const bits = new BitWriter()
  const write = profile.kind === 'sample' ? writeSamples : writeStatistics
  const step = columnsPerChannel(profile.kind)
  if (count > 0) for (let i = 0; i < columns.length; i += step) write(bits, columns.slice(i, i + step))
  return bits.finish()
}

/**
 * The columns of bytes that {@link packColumns} made.
 * @param count - readings of the frame, at most {@link LIMITS}.frameReadingsMax
 * @throws {ProtocolError} `bad_message` for every other bytes
 * @see spec/clauses.md [READ-3.1]
 */
export function unpackColumns(bytes: Uint8Array, count: number, profile: Profile): Column[] {
  assert(count <= LIMITS.frameReadingsMax, 'a frame has at most its bound of readings')
  const bits = new BitReader(bytes)
  const columns = Array.from({ length: columnsOf(profile) }, () => new Float64Array(count))
  const read = profile.kind === 'sample' ? readSamples : readStatistics
  const step = columnsPerChannel(profile.kind)
  if (count > 0) for (let i = 0; i < columns.length; i += step) read(bits, columns.slice(i, i + step))
  bits.finish()
  return columns
}

function isWhole(column: Column): boolean {
  return column.every(value => Number.isNaN(value) || (Number.isInteger(value) && Math.abs(value) <= VALUE_MAX))
}

function writeSamples(bits: BitWriter, [column]: readonly Column[]): void {
  if (column === undefined) return
  const whole = writePresence(bits, column)
  writeSeries(bits, whole ? column : column.filter(isPresent))
}

function readSamples(bits: BitReader, [column]: readonly Column[]): void {
  if (column === undefined) return
  const present = readPresence(bits, column)
  const values = present === column.length ? column : new Float64Array(present)
  readSeries(bits, values, -VALUE_MAX, VALUE_MAX)
  if (values !== column) column.set(spread(values, column))
}

/** Least and greatest are written as their distances from the mean, which are never negative. */
function writeStatistics(bits: BitWriter, columns: readonly Column[]): void {
  const [mean, least, greatest, samples] = columns as [Column, Column, Column, Column]
  for (let i = 0; i < mean.length; i++) assertStatistics(columns.map(column => column[i] as number))
  writePresence(bits, mean)
  const below = mean.map((value, i) => value - (least[i] as number))
  const above = greatest.map((value, i) => value - (mean[i] as number))
  for (const column of [mean, below, above, samples]) writeSeries(bits, column.filter(isPresent))
}

function readStatistics(bits: BitReader, columns: readonly Column[]): void {
  const [mean, least, greatest, samples] = columns as [Column, Column, Column, Column]
  const present = readPresence(bits, mean)
  const read = (min: number, max: number) => spread(readSeries(bits, new Float64Array(present), min, max), mean)
  const means = read(-VALUE_MAX, VALUE_MAX)
  const below = read(0, 2 * VALUE_MAX)
  const above = read(0, 2 * VALUE_MAX)
  samples.set(read(1, SAMPLES_MAX))
  mean.set(means)
  least.set(means.map((value, i) => value - (below[i] as number)))
  greatest.set(means.map((value, i) => value + (above[i] as number)))
  if (least.some(value => value < -VALUE_MAX) || greatest.some(value => value > VALUE_MAX)) {
    throw badColumns(`must not hold a value beyond ${VALUE_MAX} either way`)
  }
}

function assertStatistics(reading: readonly number[]): void {
  const [mean, least, greatest, samples] = reading as [number, number, number, number]
  if (Number.isNaN(mean)) {
    assert([least, greatest, samples].every(Number.isNaN), 'statistics are missing together')
    return
  }
  assert(least <= mean && mean <= greatest, 'a mean lies between the least and the greatest value')
  assert(samples >= 1 && samples <= SAMPLES_MAX, 'statistics are of 1 to 2^32-1 samples')
}

function isPresent(value: number): boolean {
  return !Number.isNaN(value)
}

/** The values at the places where `pattern` is not NaN. */
function spread(values: Float64Array, pattern: Column): Column {
  let next = 0
  return pattern.map(place => (Number.isNaN(place) ? place : (values[next++] as number)))
}

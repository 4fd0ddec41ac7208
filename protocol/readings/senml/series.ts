/** Readings as SenML and back, without losing a digit or a millisecond. */
import type { DeviceId } from '../../ids.ts'
import { fromUnit, toUnit } from '../exact.ts'
import { columnsPerChannel } from '../profile.ts'
import type { Profile, ReadingFrame } from '../types.ts'
import { badSenml, type SenmlRecord } from './record.ts'
import { type ResolvedRecord, SENML_ABSOLUTE_FROM_S, SENML_VERSION_SECONDARY_UNITS } from './resolve.ts'

/** Readings of one quantity of one sensor. */
export interface SenmlSeries {
  /** `<device id>/<sensor id>/<quantity>`, with `/min`, `/max` or `/count` after it for what statistics hold beside the mean. */
  readonly name: string
  readonly unit: string
  /** Values are whole numbers of 10^exponent of the unit. */
  readonly exponent: number
  /** Distance of readings in time; null when it is not known. */
  readonly periodMs: number | null
  /** Ascending in time. Readings without a value are not there, since SenML has no way to say so. */
  readonly points: readonly { readonly atMs: number; readonly scaled: number }[]
}

/** Suffixes of the four columns of a statistics channel. */
const STATISTICS_SUFFIXES = ['', '/min', '/max', '/count'] as const

/**
 * Units that are not SenML's own but multiples of them (RFC 8798 §3). A pack that has one says so by its version, since a
 * receiver that does not know them must not take them for something else.
 */
const SECONDARY_UNITS: ReadonlySet<string> = new Set([
  ...['ms', 'min', 'h', 'MHz', 'kW', 'kVA', 'kvar', 'Ah', 'Wh', 'kWh', 'varh', 'kvarh', 'kVAh', 'Wh/km', 'KiB', 'GB'],
  ...['Mbit/s', 'B/s', 'MB/s', 'mV', 'mA', 'dBm', 'ug/m3', 'mm/h', 'm/h', 'ppm', '/100', '/1000', 'hPa', 'mm', 'cm'],
  ...['km', 'km/h'],
])

/** The series of a frame, one a column, those without any value left out. */
export function seriesOfFrame(device: DeviceId, frame: ReadingFrame, profile: Profile): SenmlSeries[] {
  const step = columnsPerChannel(profile.kind)
  return frame.columns.flatMap((column, index) => {
    const channel = profile.channels[Math.floor(index / step)]
    if (channel === undefined) return []
    const suffix = STATISTICS_SUFFIXES[index % step] ?? ''
    const isCount = suffix === '/count'
    const points = Array.from(column, (scaled, i) => ({ atMs: frame.fromMs + i * profile.periodMs, scaled }))
    const series: SenmlSeries = {
      name: `${device}/${channel.sensor}/${channel.quantity}${suffix}`,
      unit: isCount ? 'count' : channel.unit,
      exponent: isCount ? 0 : channel.exponent,
      periodMs: profile.periodMs,
      points: points.filter(({ scaled }) => !Number.isNaN(scaled)),
    }
    return series.points.length === 0 ? [] : [series]
  })
}

/**
 * A pack of series, one behind the other: the first record of each carries name, time and unit for the rest, the last one the period
 * as the time within which the next reading is to be expected.
 * @throws {ProtocolError} `bad_message` for a time before 1978-07-04, which SenML would take for a relative one
 * @see spec/clauses.md [READ-4.1] [READ-4.7]
 */
export function senmlOf(series: readonly SenmlSeries[]): SenmlRecord[] {
  const records = series.flatMap(recordsOf)
  const [first, ...rest] = records
  if (first === undefined || !series.some(({ unit }) => SECONDARY_UNITS.has(unit))) return records
  return [{ bver: SENML_VERSION_SECONDARY_UNITS, ...first }, ...rest]
}

/**
 * The series of resolved records, in the order in which their names first occur. Records without a number (texts, booleans, data,
 * sums alone) are not readings and are left out.
 * @param exponentOf - the resolution of the series of that name and unit, which SenML does not tell
 * @throws {ProtocolError} `bad_message` when a value is no whole number of that resolution, or a name changes its unit
 * @see spec/clauses.md [READ-4.1]
 */
export function seriesOf(
  records: readonly ResolvedRecord[],
  exponentOf: (name: string, unit: string) => number,
): SenmlSeries[] {
  const found = new Map<string, Found>()
  for (const { n: name, u: unit = '', v, t, ut } of records) {
    if (v === undefined) continue
    const series = found.get(name) ?? { name, unit, exponent: exponentOf(name, unit), periodMs: null, points: [] }
    if (series.unit !== unit) throw badSenml(name, `must be in ${series.unit} throughout, not in ${unit}`)
    const scaled = fromUnit(v, series.exponent)
    if (scaled === null) throw badSenml(name, `must be in steps of 10^${series.exponent}, which ${v} is not`)
    series.points.push({ atMs: Math.round(t * 1_000), scaled })
    if (ut !== undefined) series.periodMs = Math.round(ut * 1_000)
    found.set(name, series)
  }
  return [...found.values()]
}

interface Found {
  name: string
  unit: string
  exponent: number
  periodMs: number | null
  points: { atMs: number; scaled: number }[]
}

function recordsOf({ name, unit, exponent, periodMs, points }: SenmlSeries): SenmlRecord[] {
  const start = points[0]?.atMs ?? 0
  if (start / 1_000 < SENML_ABSOLUTE_FROM_S && points.length > 0) {
    throw badSenml(name, 'must be after 1978-07-04, since SenML takes earlier times for relative ones')
  }
  return points.map(({ atMs, scaled }, index): SenmlRecord => {
    const isLast = index === points.length - 1
    return {
      ...(index === 0 && { bn: name, bt: start / 1_000, bu: unit }),
      v: toUnit(scaled, exponent),
      ...(atMs !== start && { t: (atMs - start) / 1_000 }),
      ...(isLast && periodMs !== null && { ut: periodMs / 1_000 }),
    }
  })
}

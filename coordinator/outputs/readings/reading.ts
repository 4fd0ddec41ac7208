/** Readings as the outputs tell them, taken out of stored frames. */
import type { DeviceId, Profile, ReadingFrame, SensorFault, SensorId } from '../../../protocol/index.ts'
import { openFrame as readStoredFrame } from '../../sensing/evidence.ts'
import type { FrameRow } from '../../store/rows.ts'

/** One quantity of one sensor: what has readings. */
export interface Series {
  readonly sensor: SensorId
  readonly quantity: string
}

/** What statistics say beside the mean, as scaled as it. Null where the period had no sample. */
export interface Spread {
  readonly least: number | null
  readonly greatest: number | null
  readonly samples: number | null
}

/** One value of a series at one moment. */
export interface Reading {
  readonly atMs: number
  /** A whole number of 10^`exponent` of `unit`; of statistics the mean. Null where there was none. */
  readonly scaled: number | null
  readonly exponent: number
  readonly unit: string
  /** Null for single values. */
  readonly spread: Spread | null
  /** Why there is no value, as far as the device said. */
  readonly fault: SensorFault | null
  readonly device: DeviceId
  readonly periodMs: number
  /** How far `atMs` may be from the truth either way. */
  readonly uncertaintyMs: number
  readonly receivedAtMs: number
  /** Number of the frame that brought it. */
  readonly frame: number
}

/** A stored frame, opened. */
export interface OpenFrame {
  readonly row: FrameRow
  readonly frame: ReadingFrame
  readonly profile: Profile
}

/** Opens a stored frame. It was checked when it was received. */
export function openFrame(row: FrameRow, profile: Profile): OpenFrame {
  return { row, frame: readStoredFrame(row, profile), profile }
}

/** The readings of a series in a frame that lie in `fromMs`..`toMs` (exclusive), ascending. */
export function* readingsIn(open: OpenFrame, series: Series, fromMs: number, toMs: number): Iterable<Reading> {
  const { row, frame, profile } = open
  const { periodMs } = profile
  const index = profile.channels.findIndex(
    channel => channel.sensor === series.sensor && channel.quantity === series.quantity,
  )
  const channel = profile.channels[index]
  if (channel === undefined) return
  const hasSpread = profile.kind === 'statistics'
  const [values, least, greatest, samples] = frame.columns.slice(hasSpread ? index * 4 : index)
  if (values === undefined) return
  const first = Math.max(0, Math.ceil((fromMs - frame.fromMs) / periodMs))
  const end = Math.min(frame.count, Math.ceil((toMs - frame.fromMs) / periodMs))
  for (let i = first; i < end; i++) {
    const scaled = valueAt(values, i)
    yield {
      atMs: frame.fromMs + i * periodMs,
      scaled,
      exponent: channel.exponent,
      unit: channel.unit,
      spread: hasSpread
        ? { least: valueAt(least, i), greatest: valueAt(greatest, i), samples: valueAt(samples, i) }
        : null,
      fault: scaled === null ? faultAt(frame, index, i) : null,
      device: row.device,
      periodMs,
      uncertaintyMs: frame.uncertaintyMs,
      receivedAtMs: row.receivedAtMs,
      frame: row.id,
    }
  }
}

function valueAt(column: Float64Array | undefined, index: number): number | null {
  const value = column?.[index]
  return value === undefined || Number.isNaN(value) ? null : value
}

function faultAt(frame: ReadingFrame, channel: number, index: number): SensorFault | null {
  const span = frame.faults.find(
    ({ channel: of, first, count }) => of === channel && index >= first && index < first + count,
  )
  return span?.fault ?? null
}

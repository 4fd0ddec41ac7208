/** The value of a cell in a window, once more from the frames that devices have signed. */
import {
  type CampaignSpec,
  decodeReading,
  type Profile,
  parseStoredCampaign,
  peekSign1,
  type WindowAggregate,
} from '../../protocol/index.ts'
import type { Database, Row } from './open.ts'
import type { Profiles } from './profiles.ts'

const SERIES =
  'SELECT s.profile, s.span_max_ms FROM frame_series s JOIN profile_channel c ON c.profile = s.profile ' +
  'WHERE c.sensor = ? AND c.quantity = ? AND s.device = ?'
const FRAMES =
  'SELECT id, frame FROM frame WHERE profile = ? AND device = ? AND from_ms >= ? AND from_ms < ? AND to_ms > ? AND id <= ?'

/** A reading as it was sent: a whole number of 10^exponent units; null where there was none. */
export interface SentReading {
  readonly scaled: number | null
  readonly exponent: number
}

/** Whose readings, of which window, as of which frame. */
export interface ReadingsQuestion {
  readonly sensor: string
  /** The device's number. */
  readonly device: bigint
  readonly windowMs: number
  readonly frameMax: bigint
}

/** A stored specification; null for one of another version. */
export function readCampaign(json: unknown): CampaignSpec | null {
  try {
    return parseStoredCampaign(String(json))
  } catch {
    return null
  }
}

/**
 * The readings of a sensor in a window, in time order; of two of one moment the one that came first.
 * @throws {ProtocolError} when a frame cannot be read
 * @see spec/clauses.md [SENSE-3.3]
 */
export function readingsOf(
  db: Database,
  profiles: Profiles,
  { quantity, windowMs: lengthMs }: CampaignSpec,
  { sensor, device, windowMs, frameMax }: ReadingsQuestion,
): SentReading[] {
  const endMs = windowMs + lengthMs
  const found = new Map<number, SentReading & { id: bigint }>()
  for (const { profile: no, span_max_ms } of db.all(SERIES, sensor, quantity, device)) {
    const profile = profiles.find(no as bigint)
    if (profile === null) continue
    const firstMs = windowMs - Number(span_max_ms)
    const rows = db.all(FRAMES, no as bigint, device, firstMs, endMs, windowMs, frameMax)
    for (const row of rows) take(found, row, profile, sensor, quantity, windowMs, endMs)
  }
  return [...found].sort(([a], [b]) => a - b).map(([, reading]) => reading)
}

function take(
  found: Map<number, SentReading & { id: bigint }>,
  { id, frame }: Row,
  profile: Profile,
  sensor: string,
  quantity: string,
  fromMs: number,
  endMs: number,
): void {
  const read = decodeReading(peekSign1(frame as Uint8Array).payload, profile)
  const index = profile.channels.findIndex(channel => channel.sensor === sensor && channel.quantity === quantity)
  const column = read.columns[profile.kind === 'statistics' ? index * 4 : index] ?? new Float64Array()
  const { exponent = 0 } = profile.channels[index] ?? {}
  for (const [i, value] of column.entries()) {
    const atMs = read.fromMs + i * profile.periodMs
    if (atMs < fromMs || atMs >= endMs) continue
    const before = found.get(atMs)
    if (before !== undefined && before.id < (id as bigint)) continue
    found.set(atMs, { id: id as bigint, scaled: Number.isNaN(value) ? null : value, exponent })
  }
}

/** What accepted readings come to as exact decimals: a mean, and the median of an even number, with one more digit than they have. */
export function valuesOf(aggregate: WindowAggregate, readings: readonly SentReading[]): Row {
  const exponent = Math.min(...readings.map(reading => reading.exponent))
  const steps = readings.map(({ scaled, exponent: own }) => BigInt(scaled ?? 0) * 10n ** BigInt(own - exponent))
  steps.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const [least, greatest] = [steps[0], steps.at(-1)]
  if (least === undefined || greatest === undefined) return { value: null, least: null, greatest: null }
  const sum = steps.reduce((total, step) => total + step, 0n)
  const value = {
    mean: () => quotient(sum, steps.length, exponent),
    median: () => median(steps, exponent),
    min: () => decimal(least, exponent),
    max: () => decimal(greatest, exponent),
    sum: () => decimal(sum, exponent),
  }[aggregate]()
  return { value, least: decimal(least, exponent), greatest: decimal(greatest, exponent) }
}

function median(sorted: readonly bigint[], exponent: number): string {
  const half = sorted.length >> 1
  const upper = sorted[half] ?? 0n
  return sorted.length % 2 === 1 ? decimal(upper, exponent) : quotient(upper + (sorted[half - 1] ?? 0n), 2, exponent)
}

/** With one more digit, rounded half away from zero. */
function quotient(numerator: bigint, denominator: number, exponent: number): string {
  const size = (numerator < 0n ? -numerator : numerator) * 10n
  const rounded = (size * 2n + BigInt(denominator)) / BigInt(denominator * 2)
  return decimal(numerator < 0n ? -rounded : rounded, exponent - 1)
}

/** A whole number of 10^exponent units, without zeros at the end of a fraction. */
function decimal(steps: bigint, exponent: number): string {
  if (exponent >= 0) return `${steps * 10n ** BigInt(exponent)}`
  const digits = `${steps < 0n ? -steps : steps}`.padStart(1 - exponent, '0')
  const fraction = digits.slice(exponent).replace(/0+$/, '')
  return `${steps < 0n ? '-' : ''}${digits.slice(0, exponent)}${fraction === '' ? '' : `.${fraction}`}`
}

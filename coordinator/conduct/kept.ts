/** Who is shut out, as text that outlives a restart. */
import { type DeviceId, deviceId } from '../../protocol/index.ts'
import { OFFENCE_WORDS, type Offence } from './offence.ts'

/** Where it is kept. */
export const SHUT_OUT = 'shut-out'

/** One device. */
export interface ShutOutRecord {
  readonly device: DeviceId
  /** How often it was shut out, at least 1. */
  readonly level: number
  /** In wall milliseconds. */
  readonly untilMs: number
  readonly reason: Offence
}

/** Written anew each time that somebody is shut out, so there are not many; whoever is not among them is let in after a restart. */
const RECORDS_MAX = 256

/** The records as JSON, the first of them when there are too many. */
export function writeShutOuts(records: readonly ShutOutRecord[]): string {
  return JSON.stringify(
    records.slice(0, RECORDS_MAX).map(({ device, level, untilMs, reason }) => [device, level, untilMs, reason]),
  )
}

/** The records of a text that was kept; none of another text, since a coordinator has to start all the same. */
export function readShutOuts(text: string | null): ShutOutRecord[] {
  try {
    const rows: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(rows) ? rows.slice(0, RECORDS_MAX).flatMap(row => recordOf(row) ?? []) : []
  } catch {
    return []
  }
}

function recordOf(row: unknown): ShutOutRecord | null {
  if (!Array.isArray(row)) return null
  const [device, level, untilMs, reason]: unknown[] = row
  if (typeof device !== 'string' || typeof reason !== 'string' || !Object.hasOwn(OFFENCE_WORDS, reason)) return null
  if (!Number.isSafeInteger(level) || !Number.isSafeInteger(untilMs) || (level as number) < 1) return null
  return { device: deviceId(device), level: level as number, untilMs: untilMs as number, reason: reason as Offence }
}

import type { LocalTime } from './readings.ts'

/** Before this no clock is right: a board without a battery for its clock starts in 1970, or when its system was built. */
const CLOCK_SET_FROM_MS = Date.UTC(2023, 0)

/** The place in the week of a wall time by this machine's time zone; null when the clock cannot be set yet. */
export function localTime(wallMs: number): LocalTime | null {
  if (wallMs < CLOCK_SET_FROM_MS) return null
  const date = new Date(wallMs)
  return { weekday: date.getDay(), minute: date.getHours() * 60 + date.getMinutes() }
}

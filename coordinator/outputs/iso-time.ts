/** The last moment that a date can hold, and with the sign turned round the first. */
const LAST_MS = 8.64e15

/** A time as ISO 8601 in UTC with milliseconds; what a device made up beyond the end of dates is their end. */
export function isoTime(atMs: number): string {
  return new Date(Math.max(-LAST_MS, Math.min(LAST_MS, Math.round(atMs)))).toISOString()
}

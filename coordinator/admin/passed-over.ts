/** Why somebody was passed over, as it was kept, in sentences for people. */
import type { PassedOverRow } from '../store/rows.ts'

const time = (ms: number): string => new Date(ms).toISOString()
const often = (times: number): string => (times === 1 ? 'once' : `${times} times`)

/** Of a device, whatever the job. */
export function devicePassWords(rows: readonly PassedOverRow[]): string[] {
  return rows.map(({ reason, times, firstAtMs, lastAtMs, untilMs }) => {
    if (untilMs === null) return `It gets no work since ${time(lastAtMs)}: ${reason}.`
    const before = times === 1 ? '' : `; ${often(times)} since ${time(firstAtMs)}`
    if (untilMs > lastAtMs) return `It got no work from ${time(lastAtMs)} to ${time(untilMs)}: ${reason}${before}.`
    return `It was passed over ${often(times)}, last at ${time(lastAtMs)}: ${reason}.`
  })
}

/**
 * Of a job or a campaign.
 * @param whom - `Devices` or `Sensors`
 * @param what - such as `it` or `the second look at it`
 */
export function passWords(whom: string, what: string, rows: readonly PassedOverRow[]): string[] {
  return rows.map(({ reason, times, lastAtMs }) => {
    return `${whom} were passed over for ${what} ${often(times)}, last at ${time(lastAtMs)}, with the reason: ${reason}.`
  })
}

/** Numbers, times and intervals in the sentences of a verdict. */

const DIGITS = 6
const TIME_MS_MAX = 8_640_000_000_000_000

/** A number with at most six digits that matter. */
export function amountText(amount: number): string {
  return String(Number(amount.toPrecision(DIGITS)))
}

/** `2026-06-01 10:05:00 UTC`, with milliseconds where there are some. */
export function timeText(atMs: number): string {
  if (!(Math.abs(atMs) <= TIME_MS_MAX)) return `${atMs} ms`
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T')
  return `${date} ${time.replace(/(?:\.000)?Z$/, '')} UTC`
}

/** `30 s`, `1 minute`, `10 minutes`, `1.5 h`. */
export function durationText(durationMs: number): string {
  if (durationMs < 1_000) return `${durationMs} ms`
  if (durationMs < 60_000) return `${amountText(durationMs / 1_000)} s`
  if (durationMs === 60_000) return '1 minute'
  if (durationMs <= 5_400_000) return `${amountText(durationMs / 60_000)} minutes`
  return `${amountText(durationMs / 3_600_000)} h`
}

/** The arithmetic of verdicts: only + - * / on doubles, which every engine rounds alike. */

/** Differences of decimal fractions are off by less than this much of a limit. */
const NOISE = 1e-9

/**
 * Whether an amount is above a limit by more than the noise of binary fractions, so that 20.1 to 22.1 is a change of 2 and no more.
 * @see spec/quality.md [QC-1.4]
 */
export function exceeds(amount: number, limit: number): boolean {
  return amount - limit > NOISE * Math.max(1, Math.abs(limit))
}

/** The middle value, or the mean of the two in the middle; NaN of none. Does not change its argument. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  if (sorted.length % 2 === 1) return upper
  const lower = sorted[middle - 1] ?? Number.NaN
  // Halves first: the sum of two large numbers could overflow.
  return lower / 2 + upper / 2
}

/** What makes the median absolute deviation of a normal distribution its standard deviation. */
const MAD_TO_DEVIATION = 1.4826

/** Robust standard deviation of values about a centre: 1.4826 × the median of their distances from it, at least `least`. */
export function spreadAbout(centre: number, values: readonly number[], least: number): number {
  return Math.max(least, MAD_TO_DEVIATION * medianOf(values.map(value => Math.abs(value - centre))))
}

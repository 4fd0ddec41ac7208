/** Summaries of repeated measurements. */

export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

/** Median and spread of one figure over the rounds. */
export function summarize(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values), rounds: values.length }
}

/**
 * A quantile by linear interpolation between the two nearest values.
 * @param share - 0..1
 * @returns NaN when there are no values
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** Three significant digits: more than that changes from run to run. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}

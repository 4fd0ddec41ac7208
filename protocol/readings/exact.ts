/** Scaled whole numbers as decimal texts and as numbers of their unit, without a rounding that could be avoided. */

/**
 * The exact decimal text of `scaled` × 10^`exponent`, such as 23.45 for (2345, -2); digits after the point as the resolution has
 * them, so 23.40 stays 23.40.
 * @param scaled - a whole number of -(2^53-1)..2^53-1
 * @param exponent - -9..9
 */
export function valueText(scaled: number, exponent: number): string {
  const digits = Math.abs(scaled).toString()
  const sign = scaled < 0 ? '-' : ''
  if (exponent >= 0) return scaled === 0 ? '0' : `${sign}${digits}${'0'.repeat(exponent)}`
  const padded = digits.padStart(1 - exponent, '0')
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
}

/**
 * `scaled` × 10^`exponent` as the nearest double: powers of ten up to 10^9 are exact, so one operation rounds once.
 * @param exponent - -9..9
 */
export function toUnit(scaled: number, exponent: number): number {
  return exponent < 0 ? scaled / 10 ** -exponent : scaled * 10 ** exponent
}

/**
 * The whole number of 10^`exponent` that a double stands for: the one whose {@link toUnit} is this very double.
 * @returns null when there is none of -(2^47)..2^47
 */
export function fromUnit(value: number, exponent: number): number | null {
  const scaled = Math.round(exponent < 0 ? value * 10 ** -exponent : value / 10 ** exponent) + 0
  return Math.abs(scaled) <= 2 ** 47 && toUnit(scaled, exponent) === value ? scaled : null
}

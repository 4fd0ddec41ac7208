/** Exact decimal numbers. Nothing here is ever rounded but the one quotient that says so. */

/** `digits` × 10^-`scale`; the scale is at least 0. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

/** A number as it was read: whole numbers of at most 15 digits stay machine numbers, since almost all are. */
export type Exact = number | Decimal

export function toDecimal(value: Exact): Decimal {
  return typeof value === 'number' ? { digits: BigInt(value), scale: 0 } : value
}

const powers = new Map<number, bigint>()

/** 10^exponent. The last few are kept, because numbers of one job tend to have the same number of places. */
export function powerOfTen(exponent: number): bigint {
  const known = powers.get(exponent)
  if (known !== undefined) return known
  const power = 10n ** BigInt(exponent)
  if (powers.size >= 64) powers.clear()
  powers.set(exponent, power)
  return power
}

/** The digits of a number at a scale no smaller than its own. */
export function digitsAt({ digits, scale }: Decimal, wanted: number): bigint {
  return wanted === scale ? digits : digits * powerOfTen(wanted - scale)
}

/** Plain decimal text: no exponent, no leading `+`, no needless zeros, so that equal numbers have equal texts. */
export function decimalText(value: Exact): string {
  const { digits, scale } = toDecimal(value)
  const sign = digits < 0n ? '-' : ''
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  const point = text.length - scale
  let end = text.length
  while (end > point && text[end - 1] === '0') end--
  return end === point ? sign + text.slice(0, point) : `${sign}${text.slice(0, point)}.${text.slice(point, end)}`
}

/** Significant digits of a rounded quotient: what a double holds and one more. */
export const QUOTIENT_DIGITS = 18

/**
 * A number divided by a positive whole number, rounded half to even to {@link QUOTIENT_DIGITS} significant digits; whole digits
 * are never rounded away, however many.
 */
export function quotient(value: Decimal, divisor: bigint): Decimal {
  const numerator = value.digits < 0n ? -value.digits : value.digits
  if (numerator === 0n) return { digits: 0n, scale: 0 }
  const exponent = quotientExponent(numerator, divisor) - value.scale
  const places = Math.max(0, QUOTIENT_DIGITS - 1 - exponent)
  const shift = places - value.scale
  const rounded = roundedHalfEven(
    shift >= 0 ? numerator * powerOfTen(shift) : numerator,
    shift >= 0 ? divisor : divisor * powerOfTen(-shift),
  )
  return { digits: value.digits < 0n ? -rounded : rounded, scale: places }
}

/** floor(log10(a / b)) of positive numbers, exactly. */
function quotientExponent(a: bigint, b: bigint): number {
  const guess = String(a).length - String(b).length
  const reached = guess >= 0 ? a >= b * powerOfTen(guess) : a * powerOfTen(-guess) >= b
  return reached ? guess : guess - 1
}

function roundedHalfEven(a: bigint, b: bigint): bigint {
  const floor = a / b
  const twice = (a - floor * b) * 2n
  const up = twice > b || (twice === b && floor % 2n === 1n)
  return up ? floor + 1n : floor
}

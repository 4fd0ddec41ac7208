/** The decimal text of `value` × 10^`exponent`, without trailing zeros after a point. */
export function decimalText(value: bigint, exponent: number): string {
  if (exponent >= 0) return `${value * 10n ** BigInt(exponent)}`
  const digits = `${value < 0n ? -value : value}`.padStart(1 - exponent, '0')
  const fraction = digits.slice(exponent).replace(/0+$/, '')
  const sign = value < 0n ? '-' : ''
  return `${sign}${digits.slice(0, exponent)}${fraction === '' ? '' : `.${fraction}`}`
}

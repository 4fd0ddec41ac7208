/** Money. Everything is counted in whole micro-credits; text with a decimal point exists only for people. */
import { assert, LedgerError } from './errors.ts'

/** Micro-credits. */
export type Micro = bigint

export const MICRO_PER_CREDIT: Micro = 1_000_000n

/** The largest amount: an SQLite INTEGER is 64 bits with a sign. */
export const MICRO_MAX: Micro = 2n ** 63n - 1n

/**
 * Micro-credits of a text such as `1.25`: digits, and at most six after a point. No sign, no exponent, no separators.
 * @throws {LedgerError} `bad_amount` for another form or more than {@link MICRO_MAX}
 */
export function parseCredits(text: string): Micro {
  const match = /^(\d{1,13})(?:\.(\d{1,6}))?$/.exec(text)
  const micro = match ? BigInt(match[1] ?? '') * MICRO_PER_CREDIT + BigInt((match[2] ?? '').padEnd(6, '0')) : -1n
  if (micro < 0n || micro > MICRO_MAX) {
    const shown = String(text).slice(0, 64)
    const form = 'write digits and at most six decimals, such as 1.25'
    throw new LedgerError({ code: 'bad_amount', value: shown }, `'${shown}' is not an amount of credits: ${form}.`)
  }
  return micro
}

/** Credits as text, exact and without trailing zeros; a negative amount has a minus sign. */
export function formatCredits(micro: Micro): string {
  const size = micro < 0n ? -micro : micro
  const decimals = (size % MICRO_PER_CREDIT).toString().padStart(6, '0').replace(/0+$/, '')
  return `${micro < 0n ? '-' : ''}${size / MICRO_PER_CREDIT}${decimals === '' ? '' : `.${decimals}`}`
}

/** Fuel is priced by the gigafuel: about a second of a Raspberry Pi. */
const FUEL_PER_GIGAFUEL = 1_000_000_000n

/**
 * What a run costs that burned so much fuel, rounded up to a whole micro-credit. Rounding up once for a run is never more than
 * rounding up for each of its units, so a reservation made unit by unit covers every run made of them.
 * @param fuel - 0 or more; a `number` must be a safe integer, sums over whole jobs are `bigint`
 * @param gigafuelPriceMicro - micro-credits for 10^9 fuel, 0 or more
 * @see spec/clauses.md [PAY-1.7]
 */
export function fuelPrice(fuel: number | bigint, gigafuelPriceMicro: bigint): bigint {
  assert(typeof fuel === 'bigint' || Number.isSafeInteger(fuel), 'fuel is an exact whole number')
  assert(fuel >= 0 && gigafuelPriceMicro >= 0n, 'neither fuel nor its price is negative')
  return (BigInt(fuel) * gigafuelPriceMicro + FUEL_PER_GIGAFUEL - 1n) / FUEL_PER_GIGAFUEL
}

/**
 * Splits a total in proportion to weights by the largest-remainder method. The parts sum to the total exactly, each is
 * its exact share rounded down or up, and of equal remainders the lower index is rounded up, so anybody recomputes them.
 * @param total - at least 0
 * @param weights - each at least 0, and their sum above 0 unless the total is 0
 */
export function splitLargestRemainder(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n)
  assert(total >= 0n && weights.every(weight => weight >= 0n), 'a split has no negative total or weight')
  assert(sum > 0n || total === 0n, 'a total above zero has a weight to go to')
  if (sum === 0n) return weights.map(() => 0n)
  const parts = weights.map(weight => (total * weight) / sum)
  let left = total - parts.reduce((a, b) => a + b, 0n)
  const remainders = weights.map((weight, index) => ({ index, size: (total * weight) % sum }))
  remainders.sort((a, b) => (a.size === b.size ? a.index - b.index : a.size > b.size ? -1 : 1))
  for (const { index } of remainders) {
    if (left === 0n) break
    parts[index] = (parts[index] ?? 0n) + 1n
    left -= 1n
  }
  return parts
}

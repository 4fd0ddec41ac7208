/** Many readings become one value, exactly: everything is counted in whole steps of the finest resolution among them. */
import type { WindowAggregate } from '../../protocol/index.ts'
import { decimalText } from './decimal-text.ts'

/** A reading as it was sent: a whole number of 10^exponent units. */
export interface Scaled {
  readonly scaled: number
  readonly exponent: number
}

export interface AggregateValue {
  readonly value: string | null
  readonly least: string | null
  readonly greatest: string | null
}

/**
 * A mean, and the median of an even number, have one more digit than the readings, rounded half away from zero; everything else is exact.
 */
export function aggregateValues(aggregate: WindowAggregate, readings: readonly Scaled[]): AggregateValue {
  if (readings.length === 0) return { value: null, least: null, greatest: null }
  const exponent = Math.min(...readings.map(reading => reading.exponent))
  const values = readings.map(reading => BigInt(reading.scaled) * 10n ** BigInt(reading.exponent - exponent))
  values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const least = values[0] ?? 0n
  const greatest = values.at(-1) ?? 0n
  const fine = (numerator: bigint, count: bigint) => decimalText(roundedQuotient(numerator * 10n, count), exponent - 1)
  const text = (value: bigint) => decimalText(value, exponent)
  const value = {
    mean: () => fine(sumOf(values), BigInt(values.length)),
    median: () => medianText(values, exponent),
    min: () => text(least),
    max: () => text(greatest),
    sum: () => text(sumOf(values)),
  }[aggregate]()
  return { value, least: text(least), greatest: text(greatest) }
}

function medianText(sorted: readonly bigint[], exponent: number): string {
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0n
  if (sorted.length % 2 === 1) return decimalText(upper, exponent)
  return decimalText(roundedQuotient((upper + (sorted[middle - 1] ?? 0n)) * 10n, 2n), exponent - 1)
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)

function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator
  const rounded = (size * 2n + denominator) / (denominator * 2n)
  return numerator < 0n ? -rounded : rounded
}

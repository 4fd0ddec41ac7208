/** Between the numbers that sensors give and the whole numbers in which values travel. */
import { assert, LIMITS, QUANTITIES, type SensorChannel, type SensorFault } from '../protocol/index.ts'
import type { Measurement } from './sensor.ts'

/** A channel of a quantity of the table, in its default resolution. */
export function channelOf(quantity: string): SensorChannel {
  const known = QUANTITIES.get(quantity)
  assert(known !== undefined, `the quantity ${quantity} is in the table`)
  return { quantity, unit: known.unit, exponent: known.exponent }
}

/** The whole number closest to a number, ties away from zero, and never negative zero. */
export function roundedAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value)) + 0
}

/**
 * A value as a whole number of 10^exponent of the channel's unit, rounded once from the exact quotient.
 * @param value - in 10^power of the unit, such as thousandths of a degree with -3
 * @returns null when it is not a number or beyond {@link LIMITS}.readingValueMax
 */
export function toScaled(value: number, exponent: number, power = 0): number | null {
  const shift = power - exponent
  const whole = roundedAway(shift < 0 ? value / 10 ** -shift : value * 10 ** shift)
  return Math.abs(whole) <= LIMITS.readingValueMax ? whole : null
}

/** A whole number of 10^exponent of a unit as a number of that unit. */
export function fromScaled(scaled: number, exponent: number): number {
  return exponent < 0 ? scaled / 10 ** -exponent : scaled * 10 ** exponent
}

/** What one channel gave: a whole number of its resolution, or why there is none. */
export type Outcome = number | SensorFault

/** {@link toScaled}, with `out_of_range` for what cannot travel. */
export function outcomeOf(value: number, { exponent }: SensorChannel, power = 0): Outcome {
  return toScaled(value, exponent, power) ?? 'out_of_range'
}

/** A measurement of one outcome a channel. */
export function measurementOf(outcomes: readonly Outcome[]): Measurement {
  return {
    values: outcomes.map(outcome => (typeof outcome === 'number' ? outcome : null)),
    faults: outcomes.map(outcome => (typeof outcome === 'number' ? null : outcome)),
  }
}

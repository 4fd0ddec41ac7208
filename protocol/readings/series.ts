/** The values of one column as bits: the first one, then how far each misses its {@link Forecast}. */
import type { BitReader, BitWriter } from './bits.ts'
import { Forecast } from './forecast.ts'
import { badColumns } from './refuse-columns.ts'

/** Zeros of the unary part of a Rice code that stand for "written out instead". */
const UNARY_MAX = 20
/** After so many repeats, how many more follow is written as one number. */
const REPEATS_BEFORE_RUN = 2
/** Values and forecasts lie within 2^48 of 0, so a residual is below 2^49 and, folded, at most this. */
const FOLDED_MAX = 2 ** 50

/**
 * Writes values, none of them missing, each a whole number of -(2^48)..2^48.
 * @see spec/clauses.md [READ-3.3] [READ-3.6]
 */
export function writeSeries(bits: BitWriter, values: Float64Array): void {
  const count = values.length
  if (count === 0) return
  const first = values[0] as number
  bits.number(fold(first))
  const forecast = new Forecast(first)
  for (let i = 1; i < count; i++) {
    if (forecast.repeats < REPEATS_BEFORE_RUN) {
      const value = values[i] as number
      writeRice(bits, fold(value - forecast.next), forecast.riceBits)
      forecast.learn(value)
      continue
    }
    let end = i
    while (end < count && values[end] === forecast.last) end++
    bits.gamma(end - i + 1)
    forecast.learnRepeats(end - i)
    i = end
    if (i === count) return
    // It differs from the last value, so the code for "the same" is free to stand for the next one.
    const value = values[i] as number
    writeRice(bits, fold(value - forecast.last) - 1, forecast.riceBits)
    forecast.learn(value)
  }
}

/**
 * Fills `values`, and returns it.
 * @throws {ProtocolError} `bad_message` when there are too few, or one is not within `min`..`max`
 */
export function readSeries(bits: BitReader, values: Float64Array, min: number, max: number): Float64Array {
  const count = values.length
  if (count === 0) return values
  const bounded = (value: number): number => {
    if (value < min || value > max) throw badColumns(`must not hold a number outside ${min} to ${max}`)
    return value
  }
  const first = bounded(unfold(bits.number(FOLDED_MAX)))
  values[0] = first
  const forecast = new Forecast(first)
  for (let i = 1; i < count; i++) {
    let value: number
    if (forecast.repeats < REPEATS_BEFORE_RUN) {
      value = bounded(forecast.next + unfold(readRice(bits, forecast.riceBits)))
    } else {
      const repeats = bits.gamma(count - i + 1) - 1
      values.fill(forecast.last, i, i + repeats)
      forecast.learnRepeats(repeats)
      i += repeats
      if (i === count) return values
      value = bounded(forecast.last + unfold(readRice(bits, forecast.riceBits) + 1))
    }
    values[i] = value
    forecast.learn(value)
  }
  return values
}

/** 0, -1, 1, -2, 2, … as 0, 1, 2, 3, 4, … */
function fold(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unfold(folded: number): number {
  return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
}

function writeRice(bits: BitWriter, folded: number, k: number): void {
  const unit = 2 ** k
  const quotient = Math.floor(folded / unit)
  if (quotient < UNARY_MAX) {
    bits.zerosAndOne(quotient)
    bits.bits(folded - quotient * unit, k)
  } else {
    bits.bits(0, UNARY_MAX)
    bits.number(folded - UNARY_MAX * unit)
  }
}

function readRice(bits: BitReader, k: number): number {
  const quotient = bits.zeros(UNARY_MAX)
  if (quotient < UNARY_MAX) return quotient * 2 ** k + bits.bits(k)
  return UNARY_MAX * 2 ** k + bits.number(FOLDED_MAX)
}

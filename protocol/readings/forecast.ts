/**
 * What both ends of a column expect of its next value, learnt from the values before it. Nothing of this is sent: the writer and the
 * reader learn alike, so a column has no header, one pass suffices, and each list of values has exactly one byte form.
 * Whole numbers only, and all of them below 2^53, so every machine learns the same.
 * @see spec/clauses.md [READ-3.4] [READ-3.5]
 */
import { LIMITS } from '../limits.ts'
import { bitLength } from './bits.ts'

/** The running mean has four bits behind its point. */
const MEAN_SCALE = 16
/** Of the misses of each forecast, about the last sixteen count. */
const MISS_MEMORY = 16
/** A miss above this counts as this, so that sums stay exact. */
const MISS_MAX = 2 ** 44
/** What a residual is taken to be before there is any: one or two steps of the resolution, and some noise. */
const SPREAD_AT_FIRST = 4
/** Residuals after which their sum and number are halved. */
const SPREAD_MEMORY = 32
/** Of values and of distances between them. */
const VALUE_MAX = 2 * LIMITS.readingValueMax

/** Foresees the next value of a column: the last one, the running mean, or the straight line through the last two. */
export class Forecast {
  /** The last value. */
  last: number
  /** Times in a row that the last value was the one before it. */
  repeats = 0
  /** What the next value is expected to be: of the three, the one that missed least lately; of equals the first. */
  next: number
  #mean: number
  #line: number
  #lastMissed = 0
  #meanMissed = 0
  #lineMissed = 0
  #spreadSum = SPREAD_AT_FIRST
  #spreadCount = 1

  constructor(first: number) {
    this.last = first
    this.next = first
    this.#mean = first * MEAN_SCALE
    this.#line = first
  }

  /** The parameter k of the Rice code of the next residual: the least for which their mean size is at most 2^k. */
  get riceBits(): number {
    return bitLength(Math.max(0, Math.ceil(this.#spreadSum / this.#spreadCount) - 1))
  }

  /** Learns the value that came. */
  learn(value: number): void {
    this.#learnSpread(missOf(value, this.next))
    const { last } = this
    const mean = Math.floor((this.#mean + MEAN_SCALE / 2) / MEAN_SCALE)
    this.#lastMissed += missOf(value, last) - Math.floor(this.#lastMissed / MISS_MEMORY)
    this.#meanMissed += missOf(value, mean) - Math.floor(this.#meanMissed / MISS_MEMORY)
    this.#lineMissed += missOf(value, this.#line) - Math.floor(this.#lineMissed / MISS_MEMORY)
    this.#mean = Math.floor((this.#mean + value * MEAN_SCALE) / 2)
    this.#line = Math.max(-VALUE_MAX, Math.min(VALUE_MAX, 2 * value - last))
    this.repeats = value === last ? this.repeats + 1 : 0
    this.last = value
    this.next = this.#chosen()
  }

  /** Learns that the last value came again `count` times. */
  learnRepeats(count: number): void {
    for (let i = 0; i < count; i++) this.learn(this.last)
  }

  #chosen(): number {
    if (this.#lineMissed < this.#lastMissed && this.#lineMissed < this.#meanMissed) return this.#line
    if (this.#meanMissed < this.#lastMissed) return Math.floor((this.#mean + MEAN_SCALE / 2) / MEAN_SCALE)
    return this.last
  }

  #learnSpread(miss: number): void {
    this.#spreadSum += miss
    this.#spreadCount += 1
    if (this.#spreadCount < SPREAD_MEMORY) return
    this.#spreadSum = Math.floor(this.#spreadSum / 2)
    this.#spreadCount /= 2
  }
}

function missOf(value: number, forecast: number): number {
  return Math.min(Math.abs(value - forecast), MISS_MAX)
}

/** The smallest or largest number of all units. */
import { utf8 } from '../../protocol/index.ts'
import type { Reducer } from './aggregator.ts'
import { type Decimal, decimalText, digitsAt, type Exact, toDecimal } from './decimal.ts'
import { readNumbers } from './numbers.ts'

/** The extreme number as plain decimal text; empty text of no numbers. */
export class Extremum implements Reducer {
  readonly ordered = false
  readonly #wantsMax: boolean
  #best: Exact | null = null

  constructor(which: 'min' | 'max') {
    this.#wantsMax = which === 'max'
  }

  add(unit: number, output: Uint8Array): void {
    for (const number of readNumbers(unit, output)) this.#best = this.#better(this.#best, number)
  }

  skip(): void {}

  finish(): Uint8Array {
    return utf8(this.#best === null ? '' : decimalText(this.#best))
  }

  #better(best: Exact | null, number: Exact): Exact {
    if (best === null) return number
    if (typeof best === 'number' && typeof number === 'number') {
      return number > best === this.#wantsMax ? number : best
    }
    return this.#betterDecimal(toDecimal(best), toDecimal(number))
  }

  /** The better of two at their common scale, which so never falls: a long best number is scaled once, not at each step. */
  #betterDecimal(best: Decimal, number: Decimal): Decimal {
    const scale = Math.max(best.scale, number.scale)
    const bestDigits = digitsAt(best, scale)
    const digits = digitsAt(number, scale)
    return { digits: digits > bestDigits === this.#wantsMax ? digits : bestDigits, scale }
  }
}

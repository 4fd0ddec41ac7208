/** A sum that is the same in every order, because it is never rounded. */
import { type Decimal, digitsAt, type Exact } from './decimal.ts'

/** Eight more numbers of 15 digits still fit a safe integer. */
const SMALL_SUM_MAX = 8e15

/** Adds exact numbers. Whole machine numbers cost an addition; the rest an addition of big integers. */
export class ExactSum {
  #small = 0
  #digits = 0n
  #scale = 0

  add(value: Exact): void {
    if (typeof value === 'number') {
      this.#small += value
      if (this.#small > SMALL_SUM_MAX || this.#small < -SMALL_SUM_MAX) this.#flush()
    } else {
      this.#addDecimal(value)
    }
  }

  value(): Decimal {
    this.#flush()
    return { digits: this.#digits, scale: this.#scale }
  }

  #flush(): void {
    const digits = BigInt(this.#small)
    this.#small = 0
    this.#addDecimal({ digits, scale: 0 })
  }

  #addDecimal(value: Decimal): void {
    const scale = Math.max(this.#scale, value.scale)
    this.#digits = digitsAt({ digits: this.#digits, scale: this.#scale }, scale) + digitsAt(value, scale)
    this.#scale = scale
  }
}

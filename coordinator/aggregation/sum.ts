/** Sum and mean of all numbers of all units. */
import { utf8 } from '../../protocol/index.ts'
import type { Reducer } from './aggregator.ts'
import { decimalText, quotient } from './decimal.ts'
import { ExactSum } from './exact-sum.ts'
import { readNumbers } from './numbers.ts'

/** The exact sum as plain decimal text; `0` of no numbers. */
export class Sum implements Reducer {
  readonly ordered = false
  protected readonly total = new ExactSum()
  protected count = 0

  add(unit: number, output: Uint8Array): void {
    const numbers = readNumbers(unit, output)
    for (const number of numbers) this.total.add(number)
    this.count += numbers.length
  }

  skip(): void {}

  finish(): Uint8Array {
    return utf8(this.text())
  }

  protected text(): string {
    return decimalText(this.total.value())
  }
}

/** The exact sum divided by the count of numbers and rounded once, as {@link quotient} says; empty text of no numbers. */
export class Mean extends Sum {
  protected override text(): string {
    return this.count === 0 ? '' : decimalText(quotient(this.total.value(), BigInt(this.count)))
  }
}

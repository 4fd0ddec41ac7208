/** How many numbers fall into each of equal intervals. */
import { type AggregateSpec, utf8 } from '../../protocol/index.ts'
import type { Reducer } from './aggregator.ts'
import { type Decimal, digitsAt, type Exact, toDecimal } from './decimal.ts'
import { readNumbers } from './numbers.ts'

type HistogramSpec = Extract<AggregateSpec, { kind: 'histogram' }>

/**
 * Counts per bin as JSON: `{"from":0,"to":10,"bins":[1,0],"below":0,"above":2,"count":3}`. Bin i is the half-open interval from
 * from + i·(to − from)/bins to the next edge; `to` itself is above. Edges are the decimal numbers as they were submitted,
 * compared in whole numbers, so a number on an edge never falls to the wrong side.
 */
export class Histogram implements Reducer {
  readonly ordered = false
  readonly #spec: HistogramSpec
  readonly #from: Decimal
  readonly #to: Decimal
  readonly #bins: number[]
  #below = 0
  #above = 0

  constructor(spec: HistogramSpec) {
    this.#spec = spec
    this.#from = decimalOf(spec.from)
    this.#to = decimalOf(spec.to)
    this.#bins = new Array<number>(spec.bins).fill(0)
  }

  add(unit: number, output: Uint8Array): void {
    for (const number of readNumbers(unit, output)) this.#count(number)
  }

  skip(): void {}

  finish(): Uint8Array {
    const { from, to } = this.#spec
    const count = this.#bins.reduce((sum, bin) => sum + bin, this.#below + this.#above)
    const answer = { from, to, bins: this.#bins, below: this.#below, above: this.#above, count }
    return utf8(JSON.stringify(answer))
  }

  #count(number: Exact): void {
    const value = toDecimal(number)
    const scale = Math.max(value.scale, this.#from.scale, this.#to.scale)
    const from = digitsAt(this.#from, scale)
    const above = digitsAt(value, scale) - from
    const width = digitsAt(this.#to, scale) - from
    if (above < 0n) this.#below++
    else if (above >= width) this.#above++
    else this.#countBin(Number((above * BigInt(this.#bins.length)) / width))
  }

  #countBin(bin: number): void {
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1
  }
}

/** The shortest decimal text that names a double, taken literally: 0.1 is one tenth. */
function decimalOf(value: number): Decimal {
  const [number] = readNumbers(0, utf8(String(value)))
  return toDecimal(number ?? 0)
}

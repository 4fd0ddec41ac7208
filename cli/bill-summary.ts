/** What the bill of a job adds up to. */

/** One line of a bill. */
export interface BillLine {
  readonly unit: number
  /** `ok`, `trap:<kind>`, `exit:<code>` or `out_of_fuel`. */
  readonly outcome: string
  readonly fuel: number
}

/** The units of a bill by their fuel. */
export interface BillSummary {
  readonly units: number
  /** Decimal digits: it may pass 2^53. */
  readonly fuel: string
  readonly unitFuelLeast: number
  /** The lower of the two in the middle. */
  readonly unitFuelMedian: number
  readonly unitFuelGreatest: number
  /** At most ten, the dearest first. */
  readonly dearest: readonly BillLine[]
}

const DEAREST = 10
/** Sums of fuel stay exact numbers up to here; above they go on as big integers. */
const PARTIAL_SUM_MAX = 2 ** 52

/** Takes the CSV of a bill piece by piece. Holds a number for each unit, 80 MB for the largest job. */
export class BillReader {
  readonly #decoder = new TextDecoder()
  #rest = ''
  #isHeader = true
  #fuels = new Float64Array(1_024)
  #units = 0
  #partialSum = 0
  #sum = 0n
  readonly #dearest: BillLine[] = []

  /** Takes the next bytes; a line may go on in the piece after them. */
  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!this.#isHeader) this.#take(line)
      this.#isHeader = false
    }
  }

  /** What it adds up to, once all of it was taken. */
  summary(): BillSummary {
    const sorted = this.#fuels.subarray(0, this.#units).sort()
    return {
      units: this.#units,
      fuel: `${this.#sum + BigInt(this.#partialSum)}`,
      unitFuelLeast: sorted[0] ?? 0,
      unitFuelMedian: sorted[(this.#units - 1) >> 1] ?? 0,
      unitFuelGreatest: sorted[this.#units - 1] ?? 0,
      dearest: this.#dearest,
    }
  }

  #take(line: string): void {
    const [unit, outcome = '', text] = line.split(',')
    const fuel = Number(text)
    if (this.#units === this.#fuels.length) {
      const larger = new Float64Array(2 * this.#units)
      larger.set(this.#fuels)
      this.#fuels = larger
    }
    this.#fuels[this.#units++] = fuel
    this.#partialSum += fuel
    if (this.#partialSum > PARTIAL_SUM_MAX) {
      this.#sum += BigInt(this.#partialSum)
      this.#partialSum = 0
    }
    this.#rank({ unit: Number(unit), outcome, fuel })
  }

  /** Of equally dear units the first ones stay. */
  #rank(line: BillLine): void {
    const dearest = this.#dearest
    if (dearest.length === DEAREST && line.fuel <= (dearest.at(-1)?.fuel ?? 0)) return
    const at = dearest.findIndex(({ fuel }) => fuel < line.fuel)
    dearest.splice(at < 0 ? dearest.length : at, 0, line)
    if (dearest.length > DEAREST) dearest.pop()
  }
}

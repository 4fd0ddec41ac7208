/** The bill of a job: what each unit came to and the fuel it burned, as CSV, and what that adds up to. */
import { type Sha256Hex, type UnitOutcome, utf8 } from '../../protocol/index.ts'
import type { BlobWriter } from '../blobs/blob-writer.ts'

/** First line of every bill. */
export const BILL_HEADER = 'unit,outcome,fuel\n'

/** Text that is written at once; a line has at most 46 characters. */
const PIECE_LENGTH = 65_536

/** A finished bill, kept as a blob. */
export interface BillEnd {
  readonly billSha256: Sha256Hex
  readonly billBytes: number
  readonly unitFuelLeast: number
  readonly unitFuelGreatest: number
}

/**
 * Takes the units of a job in ascending order and writes a line for each, so that no more than a piece of it is in memory.
 * @see spec/clauses.md [PAY-3.4] [PAY-3.7]
 */
export class BillWriter {
  readonly #writer: BlobWriter
  #text = BILL_HEADER
  #least = Number.POSITIVE_INFINITY
  #greatest = 0

  constructor(writer: BlobWriter) {
    this.#writer = writer
  }

  add(unit: number, outcome: UnitOutcome): void {
    const { fuel } = outcome
    if (fuel < this.#least) this.#least = fuel
    if (fuel > this.#greatest) this.#greatest = fuel
    this.#text += `${unit},${outcomeWord(outcome)},${fuel}\n`
    if (this.#text.length >= PIECE_LENGTH) this.#write()
  }

  /** Brings the bill so far to stable storage in the background. Throws as its writer does. */
  flush(): Promise<void> {
    this.#write()
    return this.#writer.flush()
  }

  /** Stores the bill; on stable storage when it returns. Throws as its writer does. */
  finish(): BillEnd {
    this.#write()
    const { sha256, size } = this.#writer.finish()
    return { billSha256: sha256, billBytes: size, unitFuelLeast: this.#least, unitFuelGreatest: this.#greatest }
  }

  #write(): void {
    if (this.#text === '') return
    this.#writer.write(utf8(this.#text))
    this.#text = ''
  }
}

/** What a unit came to, as a bill says it. */
function outcomeWord(outcome: UnitOutcome): string {
  switch (outcome.kind) {
    case 'trap':
      return `trap:${outcome.trap}`
    case 'exit':
      return `exit:${outcome.code}`
    default:
      return outcome.kind
  }
}

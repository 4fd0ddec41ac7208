/** The bill of a job, once more from its accepted answers. */
import { createHash } from 'node:crypto'
import type { UnitOutcome } from '../../protocol/index.ts'

/** Text that is hashed at once. */
const PIECE_LENGTH = 65_536

/** A bill, and the fuel of the cheapest and the dearest unit. */
export interface BillSums {
  /** Hexadecimal. */
  readonly sha256: string
  readonly bytes: bigint
  readonly least: bigint
  readonly greatest: bigint
}

/**
 * Takes the units of a job in ascending order.
 * @see spec/clauses.md [PAY-3.7]
 */
export class Bill {
  private readonly hash = createHash('sha256')
  private text = 'unit,outcome,fuel\n'
  private bytes = 0
  private least = Number.POSITIVE_INFINITY
  private greatest = 0

  add(unit: number, outcome: UnitOutcome): void {
    const { fuel } = outcome
    this.least = Math.min(this.least, fuel)
    this.greatest = Math.max(this.greatest, fuel)
    this.text += `${unit},${wordOf(outcome)},${fuel}\n`
    if (this.text.length >= PIECE_LENGTH) this.flush()
  }

  /** Of at least one unit. */
  finish(): BillSums {
    this.flush()
    const sha256 = this.hash.digest('hex')
    return { sha256, bytes: BigInt(this.bytes), least: BigInt(this.least), greatest: BigInt(this.greatest) }
  }

  /** All of it is ASCII. */
  private flush(): void {
    this.hash.update(this.text, 'latin1')
    this.bytes += this.text.length
    this.text = ''
  }
}

function wordOf(outcome: UnitOutcome): string {
  if (outcome.kind === 'trap') return `trap:${outcome.trap}`
  return outcome.kind === 'exit' ? `exit:${outcome.code}` : outcome.kind
}

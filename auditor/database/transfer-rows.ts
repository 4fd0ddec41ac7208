/** The transfers of a database against those of its log, in their order. */
import { type Hash, type OpeningEntry, type TransferEntry, toHex, utf8 } from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { Replay } from '../replay/replay.ts'
import { compareRow } from './compare.ts'
import type { Database, Row } from './open.ts'

const TRANSFERS =
  'SELECT t.no, t.id, t.kind, t.phase, a.id AS debit, b.id AS credit, t.amount_micro, t.purpose, t.pending, t.timeout_ms, t.at_ms ' +
  'FROM transfer t LEFT JOIN account a ON a.no = t.debit LEFT JOIN account b ON b.no = t.credit ORDER BY t.no'

interface Sums {
  debits: bigint
  credits: bigint
}

/** Walks along the rows while the log is replayed. */
export class TransferRows {
  private readonly rows: Generator<Row, undefined>
  private readonly hash: Hash
  private readonly problems: Problems
  /** What the rows of before the log add up to, less what the log has told of it. */
  private readonly before = new Map<string, Sums>()
  private no = 0n

  constructor(db: Database, hash: Hash, problems: Problems) {
    this.rows = db.each(TRANSFERS)
    this.hash = hash
    this.problems = problems
  }

  /** Replays the rows of before the log: only their sums are known to it. */
  skipBefore(count: bigint, replay: Replay): void {
    for (let i = 0n; i < count; i++) {
      const row = this.next()
      if (row === undefined) {
        this.problems.add(
          'row.meta',
          null,
          `The database has ${i} transfers, and says that ${count} are from before the log.`,
        )
        return
      }
      this.checkId(row, null)
      const purpose = String(row.purpose)
      if (!replay.transfers.addEarlier(purpose)) {
        this.problems.add('transfer.twice', null, `'${purpose}' was paid for twice before the log began.`)
      }
      const amountMicro = row.amount_micro as bigint
      this.sums(String(row.debit)).debits += amountMicro
      this.sums(String(row.credit)).credits += amountMicro
    }
  }

  /** The log tells what accounts held before it. */
  opening({ balances }: OpeningEntry, entry: number): void {
    for (const { account, debitsMicro, creditsMicro } of balances) {
      const { debits, credits } = this.sums(account)
      this.before.delete(account)
      if (debits === debitsMicro && credits === creditsMicro) continue
      const found = `${debits} out of and ${credits} into ${account}`
      const message = `The transfers before the log are ${found}, and entry ${entry} tells ${debitsMicro} and ${creditsMicro}.`
      this.problems.add('row.transfer', entry, message)
    }
  }

  transfer(entry: TransferEntry, index: number): void {
    const row = this.next()
    const { kind, phase, debit, credit, purpose, pending } = entry
    const expected: Row = {
      id: this.idOf(purpose),
      kind,
      phase,
      debit,
      credit,
      amount_micro: entry.amountMicro,
      purpose,
      pending,
      timeout_ms: entry.timeoutMs === null ? null : BigInt(entry.timeoutMs),
      at_ms: BigInt(entry.atMs),
    }
    compareRow(this.problems, 'row.transfer', `The transfer '${purpose}' of entry ${index}`, index, expected, row)
  }

  finish(): void {
    for (const [account] of this.before) {
      this.problems.add(
        'row.transfer',
        null,
        `${account} had transfers before the log, and the log does not tell what it held.`,
      )
    }
    for (let row = this.next(); row !== undefined; row = this.next()) {
      this.problems.add('row.transfer', null, `The transfer '${row.purpose}' is in the database and not in the log.`)
    }
  }

  private next(): Row | undefined {
    const { value } = this.rows.next()
    if (value === undefined) return undefined
    this.no++
    if (value.no !== this.no) {
      this.problems.add(
        'row.transfer',
        null,
        `The transfer '${value.purpose}' has the number ${value.no} instead of ${this.no}.`,
      )
      this.no = value.no as bigint
    }
    return value
  }

  private checkId(row: Row, entry: number | null): void {
    const id = this.idOf(String(row.purpose))
    if (row.id === id) return
    this.problems.add('row.transfer', entry, `The transfer '${row.purpose}' has the id ${row.id} instead of ${id}.`)
  }

  private sums(account: string): Sums {
    let sums = this.before.get(account)
    if (sums === undefined) {
      sums = { debits: 0n, credits: 0n }
      this.before.set(account, sums)
    }
    return sums
  }

  /** The first 16 bytes of the SHA-256 of the purpose. */
  private idOf(purpose: string): string {
    return toHex(this.hash(utf8(purpose)).subarray(0, 16))
  }
}

/** What a ledger in SQLite is without further thought: two balances and one transfer, in a transaction of their own. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type BenchPayment, ESCROW, ESCROW_MICRO, HOLDBACKS, perSecond } from './payments.ts'

const SCHEMA = `
  CREATE TABLE account (id TEXT PRIMARY KEY, debits INTEGER NOT NULL, credits INTEGER NOT NULL) STRICT;
  CREATE TABLE transfer (
    purpose TEXT PRIMARY KEY,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount INTEGER NOT NULL
  ) STRICT;
`

export class PlainSqlite {
  private readonly db: DatabaseSync
  private readonly statements: Readonly<Record<'begin' | 'debit' | 'credit' | 'transfer' | 'commit', StatementSync>>

  constructor(file: string) {
    const db = new DatabaseSync(file)
    // The same promises as ours: the file is this process's alone, and a commit is on stable storage.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec(SCHEMA)
    const account = db.prepare('INSERT INTO account VALUES (?, 0, ?)')
    account.run(ESCROW, ESCROW_MICRO)
    for (const id of HOLDBACKS) account.run(id, 0n)
    this.db = db
    this.statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      debit: db.prepare('UPDATE account SET debits = debits + ?1 WHERE id = ?2 AND credits - debits >= ?1'),
      credit: db.prepare('UPDATE account SET credits = credits + ? WHERE id = ?'),
      transfer: db.prepare('INSERT INTO transfer VALUES (?, ?, ?, ?)'),
      commit: db.prepare('COMMIT'),
    }
  }

  /** @returns payments a second, each on stable storage */
  book(payments: readonly BenchPayment[]): number {
    const { begin, debit, credit, transfer, commit } = this.statements
    const startMs = performance.now()
    for (const payment of payments) {
      begin.run()
      const { changes } = debit.run(payment.amountMicro, ESCROW)
      if (changes !== 1) throw new Error('The escrow is empty.')
      credit.run(payment.amountMicro, payment.credit)
      transfer.run(payment.purpose, ESCROW, payment.credit, payment.amountMicro)
      commit.run()
    }
    return perSecond(payments.length, startMs)
  }

  close(): void {
    this.db.close()
  }
}

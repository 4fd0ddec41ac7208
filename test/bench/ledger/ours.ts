/** The region's ledger, public log and database, committed as the region's shell commits them. */
import { Batch } from '../../../coordinator/batch.ts'
import { Ledger, TREASURY } from '../../../coordinator/ledger/ledger.ts'
import { Log } from '../../../coordinator/settlement/log.ts'
import { openSqliteStore, type Store } from '../../../coordinator/store/index.ts'
import { nodeSha256 } from '../../../protocol/node/index.ts'
import { type BenchPayment, ESCROW, ESCROW_MICRO, perSecond } from './payments.ts'

const DIGEST = new Uint8Array(32).fill(7)

export class OurLedger {
  private readonly store: Store
  private readonly ledger: Ledger
  private readonly log: Log
  private batch = new Batch()
  private atMs = 1_700_000_000_000

  constructor(file: string) {
    const store = openSqliteStore(file)
    this.store = store
    this.ledger = new Ledger(store.accounts(), store.transferCount(), store.holds(), purpose =>
      store.transferFor(purpose),
    )
    this.log = new Log(store, nodeSha256)
    const escrow = { kind: 'escrow', debit: TREASURY, credit: ESCROW, amountMicro: ESCROW_MICRO } as const
    this.ledger.transfer({ ...escrow, purpose: 'escrow/aaaaaaaaaaaaaaaa' }, this.atMs, this.batch)
    this.commit()
  }

  /** @returns payments a second, each on stable storage with its entry in the log */
  book(payments: readonly BenchPayment[], perCommit: number): number {
    const startMs = performance.now()
    for (const [index, { purpose, credit, amountMicro, fuel }] of payments.entries()) {
      const basis = { kind: 'run', digest: DIGEST, fuel } as const
      const request = { kind: 'pay', debit: ESCROW, credit, amountMicro, purpose, basis } as const
      const status = this.ledger.transfer(request, ++this.atMs, this.batch)
      if (status !== 'created') throw new Error(`The ledger says '${status}' to ${purpose}.`)
      if ((index + 1) % perCommit === 0) this.commit()
    }
    this.commit()
    return perSecond(payments.length, startMs)
  }

  /** What the accounts hold, to compare. */
  balances(): Map<string, bigint> {
    return new Map(this.store.accounts().map(row => [row.id, row.creditsMicro - row.debitsMicro]))
  }

  close(): void {
    this.store.close()
  }

  private commit(): void {
    const { batch } = this
    this.batch = new Batch()
    this.ledger.flush(batch)
    this.log.append(batch.entries, batch)
    this.store.commit(batch.writes)
  }
}

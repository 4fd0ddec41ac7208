import type {
  BindingRow,
  CheckpointRow,
  DisputeRow,
  DisputesFilter,
  EpochRow,
  FloorRow,
  HoldRow,
  PayoutRow,
  PeerRow,
  PriceRow,
  ReceiptRow,
} from './rows.ts'
import { blob } from './sqlite-columns.ts'
import {
  bindingRow,
  checkpointRow,
  disputeRow,
  epochRow,
  floorRow,
  holdRow,
  payoutRow,
  peerRow,
  priceRow,
  receiptRow,
} from './sqlite-settlement-rows.ts'
import type { Statements } from './statements.ts'
import { Where } from './where.ts'

const HOLDS =
  'SELECT h.*, a.id AS debit_id, b.id AS credit_id FROM hold h ' +
  'JOIN account a ON a.no = h.debit JOIN account b ON b.no = h.credit ORDER BY h.no'
const DISPUTES =
  'SELECT x.*, j.id AS job_id, c.id AS campaign_id, s.id AS sensor_id FROM dispute x LEFT JOIN job j ON j.no = x.job ' +
  'LEFT JOIN campaign c ON c.no = x.campaign LEFT JOIN sensor s ON s.no = x.sensor'

/** The read half of the store, for the public log and what is settled by it. */
export class SqliteSettlementReader {
  private readonly statements: Statements

  constructor(statements: Statements) {
    this.statements = statements
  }

  holds(): HoldRow[] {
    return this.statements.exact(HOLDS).all().map(holdRow)
  }

  entryCount(): number {
    // The index is gapless from 0, so the last one tells.
    return Number(this.statements.plain('SELECT coalesce(max(no) + 1, 0) AS n FROM entry').get()?.n)
  }

  entry(index: number): Uint8Array | null {
    const row = this.statements.plain('SELECT bytes FROM entry WHERE no = ?').get(index)
    return row === undefined ? null : blob(row, 'bytes')
  }

  entries(from: number, to: number): Uint8Array[] {
    const rows = this.statements.plain('SELECT bytes FROM entry WHERE no >= ? AND no < ? ORDER BY no').all(from, to)
    return rows.map(row => blob(row, 'bytes'))
  }

  tile(level: number, index: number): Uint8Array | null {
    const sql = 'SELECT hashes FROM tile WHERE level = ? AND tile_index = ?'
    const row = this.statements.plain(sql).get(level, index)
    return row === undefined ? null : blob(row, 'hashes')
  }

  checkpoint(): CheckpointRow | null {
    const row = this.statements.plain('SELECT * FROM checkpoint').get()
    return row === undefined ? null : checkpointRow(row)
  }

  receipts(): ReceiptRow[] {
    const sql = 'SELECT r.*, d.id AS device_id FROM receipt r JOIN device d ON d.no = r.device ORDER BY d.id'
    return this.statements.exact(sql).all().map(receiptRow)
  }

  peers(): PeerRow[] {
    return this.statements.plain('SELECT * FROM peer ORDER BY origin').all().map(peerRow)
  }

  floors(): FloorRow[] {
    const sql = 'SELECT f.*, d.id AS device_id FROM floor f JOIN device d ON d.no = f.device ORDER BY d.id'
    return this.statements.exact(sql).all().map(floorRow)
  }

  prices(): PriceRow[] {
    return this.statements.exact('SELECT * FROM price ORDER BY what').all().map(priceRow)
  }

  bindings(): BindingRow[] {
    const sql = 'SELECT b.*, d.id AS device_id FROM binding b JOIN device d ON d.no = b.device ORDER BY d.id, b.seq'
    return this.statements.plain(sql).all().map(bindingRow)
  }

  epochs(): EpochRow[] {
    return this.statements.exact('SELECT * FROM epoch ORDER BY epoch DESC').all().map(epochRow)
  }

  payouts(epoch: number): PayoutRow[] {
    return this.statements.exact('SELECT * FROM payout WHERE epoch = ? ORDER BY payee').all(epoch).map(payoutRow)
  }

  disputes({ states, job, account, limit }: DisputesFilter = {}): DisputeRow[] {
    const where = new Where()
    if (states) where.and(`x.state IN (${states.map(() => '?').join(', ')})`, ...states)
    if (job !== undefined) where.and('x.job = (SELECT no FROM job WHERE id = ?)', job)
    if (account !== undefined) where.and('x.account = ?', account)
    const sql = `${DISPUTES}${where.sql} ORDER BY x.no DESC LIMIT ?`
    return this.statements
      .exact(sql)
      .all(...where.values, limit ?? -1)
      .map(disputeRow)
  }

  dispute(id: string): DisputeRow | null {
    const row = this.statements.exact(`${DISPUTES} WHERE x.id = ?`).get(id)
    return row === undefined ? null : disputeRow(row)
  }
}

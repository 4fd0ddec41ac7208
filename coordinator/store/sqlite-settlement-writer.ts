import type { DatabaseSync } from 'node:sqlite'
import { assert } from '../../protocol/index.ts'
import { BulkInsert } from './bulk-insert.ts'
import type { AllRowNumbers } from './row-numbers.ts'
import type {
  BindingRow,
  CheckpointRow,
  DisputeRow,
  EntryRow,
  EpochRow,
  FloorRow,
  HoldRow,
  PayoutRow,
  PeerRow,
  PriceRow,
  ReceiptRow,
  TileRow,
  Write,
} from './rows.ts'
import { type ColumnsOf, insert, upsert, upsertFields } from './sqlite-upsert.ts'

const PEER: ColumnsOf<PeerRow> = {
  origin: 'origin',
  logKey: 'log_key',
  witnessKey: 'witness_key',
  url: 'url',
  size: 'size',
  root: 'root',
  addedAtMs: 'added_at_ms',
}

const PRICE: ColumnsOf<PriceRow> = { what: 'what', priceMicro: 'price_micro', epoch: 'epoch' }

const EPOCH: ColumnsOf<EpochRow> = {
  epoch: 'epoch',
  method: 'method',
  state: 'state',
  closedAtMs: 'closed_at_ms',
  root: 'root',
  payees: 'payees',
  epochMicro: 'epoch_micro',
  totalMicro: 'total_micro',
  signatures: 'signatures',
}

const ENTRY = ['no', 'bytes']
const HOLD = ['no', 'purpose', 'kind', 'debit', 'credit', 'left_micro', 'posts', 'at_ms', 'timeout_ms']
const RECEIPT = ['device', 'seq', 'entry', 'earned_micro', 'lost_micro', 'released_micro', 'paid_out_micro']
const FLOOR = ['device', 'gigafuel_micro', 'reading_micro', 'seq']
const BINDING = ['device', 'seq', 'address', 'bound_at_ms', 'effective_at_ms']
const PAYOUT = ['epoch', 'payee', 'amount_micro', 'fee_micro', 'cumulative_micro']
const CHECKPOINT = ['no', 'size', 'note', 'at_ms']
const DISPUTE = [
  'no',
  'id',
  'account',
  'deposit_micro',
  'reason',
  'state',
  'detail',
  'opened_at_ms',
  'ended_at_ms',
  'lease',
  'job',
  'campaign',
  'window_ms',
  'sensor',
]

/** The statements that change rows of the public log and of what is settled by it, within the transaction of whoever calls them. */
export class SqliteSettlementWriter {
  private readonly numbers: AllRowNumbers
  private readonly statements: ReturnType<typeof prepare>
  /** How many entries the log has; null when that has to be looked up. */
  private entryCount: number | null = null

  constructor(db: DatabaseSync, numbers: AllRowNumbers) {
    this.numbers = numbers
    this.statements = prepare(db)
  }

  epoch(row: EpochRow): void {
    this.statements.epoch(row)
  }

  dispute(row: DisputeRow): void {
    const { id, account, depositMicro, reason, state, detail, openedAtMs, endedAtMs, lease, windowMs } = row
    this.statements.dispute(
      this.numbers.give('dispute', id),
      id,
      account,
      depositMicro,
      reason,
      state,
      detail,
      openedAtMs,
      endedAtMs,
      lease,
      row.job === null ? null : this.numbers.of('job', row.job),
      row.campaign === null ? null : this.numbers.of('campaign', row.campaign),
      windowMs,
      row.sensor === null ? null : this.numbers.of('sensor', row.sensor),
    )
  }

  /** Applies a write of the tables whose rows go in their order. The others are not for it. */
  apply(write: Write): void {
    switch (write.table) {
      case 'entry':
        this.entry(write.row)
        break
      case 'tile':
        this.tile(write.row)
        break
      case 'hold':
        this.hold(write.row)
        break
      case 'hold-delete': {
        const { changes } = this.statements.holdDelete.run(write.purpose)
        assert(changes === 1, `hold ${write.purpose} is there before it is deleted`)
        this.numbers.drop('hold', write.purpose)
        break
      }
      case 'checkpoint':
        this.checkpoint(write.row)
        break
      case 'receipt':
        this.receipt(write.row)
        break
      case 'peer':
        this.statements.peer(write.row)
        break
      case 'peer-delete':
        this.statements.peerDelete.run(write.origin)
        break
      case 'floor':
        this.floor(write.row)
        break
      case 'price':
        this.statements.price(write.row)
        break
      case 'binding':
        this.binding(write.row)
        break
      case 'payout':
        this.payout(write.row)
    }
  }

  /** Writes what is still waiting: once all of a transaction has been applied. */
  flush(): void {
    this.statements.entry.flush()
  }

  /** Forgets what a failed transaction may have made. */
  forget(): void {
    this.statements.entry.forget()
    this.entryCount = null
  }

  private entry({ index, bytes }: EntryRow): void {
    this.entryCount ??= Number(this.statements.entryCount.get()?.n)
    assert(index === this.entryCount, `entry ${index} of the log is the next one, which is ${this.entryCount}`)
    this.statements.entry.add(index, bytes)
    this.entryCount++
  }

  private tile({ level, index, hashes }: TileRow): void {
    this.statements.tile(level, index, hashes)
  }

  private hold(row: HoldRow): void {
    const { purpose, kind, leftMicro, posts, atMs, timeoutMs } = row
    const no = this.numbers.give('hold', purpose)
    const debit = this.numbers.of('account', row.debit)
    const credit = this.numbers.of('account', row.credit)
    this.statements.hold(no, purpose, kind, debit, credit, leftMicro, posts, atMs, timeoutMs)
  }

  private checkpoint({ size, note, atMs }: CheckpointRow): void {
    this.statements.checkpoint(0, size, note, atMs)
  }

  private receipt(row: ReceiptRow): void {
    const { seq, entry, earnedMicro, lostMicro, releasedMicro, paidOutMicro } = row
    const device = this.numbers.of('device', row.device)
    this.statements.receipt(device, seq, entry, earnedMicro, lostMicro, releasedMicro, paidOutMicro)
  }

  private floor({ device, gigafuelMicro, readingMicro, seq }: FloorRow): void {
    this.statements.floor(this.numbers.of('device', device), gigafuelMicro, readingMicro, seq)
  }

  private binding({ device, seq, address, boundAtMs, effectiveAtMs }: BindingRow): void {
    this.statements.binding(this.numbers.of('device', device), seq, address, boundAtMs, effectiveAtMs)
  }

  private payout({ epoch, payee, amountMicro, feeMicro, cumulativeMicro }: PayoutRow): void {
    this.statements.payout(epoch, payee, amountMicro, feeMicro, cumulativeMicro)
  }
}

function prepare(db: DatabaseSync) {
  return {
    hold: upsert(db, 'hold', ['purpose'], HOLD),
    holdDelete: db.prepare('DELETE FROM hold WHERE purpose = ?'),
    entryCount: db.prepare('SELECT coalesce(max(no) + 1, 0) AS n FROM entry'),
    entry: new BulkInsert(db, 'entry', null, ENTRY),
    tile: insert(db, 'tile', ['level', 'tile_index', 'hashes']),
    checkpoint: upsert(db, 'checkpoint', ['no'], CHECKPOINT, 'WHERE excluded.size >= size'),
    receipt: upsert(db, 'receipt', ['device'], RECEIPT),
    peer: upsertFields(db, 'peer', ['origin'], PEER),
    peerDelete: db.prepare('DELETE FROM peer WHERE origin = ?'),
    floor: upsert(db, 'floor', ['device'], FLOOR),
    price: upsertFields(db, 'price', ['what'], PRICE),
    binding: upsert(db, 'binding', ['device', 'seq'], BINDING),
    epoch: upsertFields(db, 'epoch', ['epoch'], EPOCH),
    payout: insert(db, 'payout', PAYOUT),
    dispute: upsert(db, 'dispute', ['id'], DISPUTE),
  }
}

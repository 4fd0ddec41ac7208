import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AssertionError } from '../../protocol/index.ts'
import { PendingRows } from './pending-rows.ts'
import { AllRowNumbers } from './row-numbers.ts'
import type { AcceptedRow, JobRow, TransferRow, Write } from './rows.ts'
import { isConstraint } from './sqlite-failure.ts'
import { SqliteSensingWriter } from './sqlite-sensing-writer.ts'
import { SqliteSettlementWriter } from './sqlite-settlement-writer.ts'
import { prepareWrites } from './sqlite-writes.ts'

/** Turns writes into one transaction of prepared statements. */
export class SqliteWriter {
  private readonly db: DatabaseSync
  private readonly statements: ReturnType<typeof prepareWrites>
  private readonly begin: StatementSync
  private readonly end: StatementSync
  private readonly numbers: AllRowNumbers
  private readonly sensing: SqliteSensingWriter
  private readonly settlement: SqliteSettlementWriter
  private readonly pending = new PendingRows()

  constructor(db: DatabaseSync) {
    this.db = db
    this.begin = db.prepare('BEGIN IMMEDIATE')
    this.end = db.prepare('COMMIT')
    this.numbers = new AllRowNumbers(db)
    this.statements = prepareWrites(db, this.numbers)
    this.sensing = new SqliteSensingWriter(db, this.numbers)
    this.settlement = new SqliteSettlementWriter(db, this.numbers)
  }

  /**
   * Writes all or nothing, and returns once it is on stable storage.
   * @throws {AssertionError} on a row that must insert and is there already, an entry of the log that is not the next one, or a
   *   row that names one that is not there
   */
  commit(writes: readonly Write[]): void {
    if (writes.length === 0) return
    try {
      this.begin.run()
      this.applyNamed(writes)
      for (const write of writes) this.apply(write)
      for (const part of [this.statements.lease, this.statements.accepted, this.statements.transfer, this.settlement])
        part.flush()
      for (const row of this.pending.disputes.values()) this.settlement.dispute(row)
      this.end.run()
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK')
      const { lease, accepted, transfer } = this.statements
      for (const part of [this.numbers, this.sensing, this.settlement, lease, accepted, transfer]) part.forget()
      throw isConstraint(error) ? new AssertionError(`a commit keeps the rules of the schema: ${String(error)}`) : error
    } finally {
      this.pending.clear()
    }
  }

  /** Rows that others name go first, and only their last state, so the order of writes between tables does not matter. */
  private applyNamed(writes: readonly Write[]): void {
    const { pending, statements } = this
    for (const write of writes) pending.take(write)
    for (const [key, value] of pending.meta) statements.meta(key, value)
    for (const row of pending.claims.values()) statements.claim(row)
    for (const row of pending.devices.values()) statements.device(row)
    for (const row of pending.submitters.values()) statements.submitter(row)
    for (const row of pending.owners.values()) statements.owner(row)
    for (const row of pending.jobs.values()) this.job(row)
    for (const row of pending.accounts.values()) statements.account(row)
    for (const row of pending.sensors.values()) this.sensing.sensor(row)
    for (const row of pending.profiles.values()) this.sensing.profile(row)
    for (const row of pending.campaigns.values()) this.sensing.campaign(row)
    for (const row of pending.epochs.values()) this.settlement.epoch(row)
  }

  private apply(write: Write): void {
    switch (write.table) {
      case 'lease':
        this.statements.lease.write(write.row)
        break
      case 'lease-state':
        this.statements.lease.changeState(write)
        break
      case 'exclusion': {
        const { job, device, reason, atMs } = write.row
        this.statements.exclusion(this.numbers.of('job', job), this.numbers.of('device', device), reason, atMs)
        break
      }
      case 'passed-over':
        this.statements.passedOver(write.row)
        break
      case 'accepted':
        this.accepted(write.row)
        break
      case 'accepted-delete': {
        const { job, firstUnit, unitCount } = write
        this.statements.accepted.flush()
        this.statements.acceptedDelete.run(this.numbers.of('job', job), firstUnit, firstUnit + unitCount)
        break
      }
      case 'transfer':
        this.transfer(write.row)
        break
      default:
        this.sensing.apply(write)
        this.settlement.apply(write)
    }
  }

  private job(row: JobRow): void {
    const isNew = !this.numbers.has('job', row.id)
    this.statements.job(row)
    if (isNew) this.statements.jobSpec(this.numbers.of('job', row.id), row.spec)
  }

  private accepted(row: AcceptedRow): void {
    const { firstUnit, unitCount, digest, outputs, solo, fuel } = row
    this.statements.accepted.add(this.numbers.of('job', row.job), firstUnit, unitCount, digest, outputs, solo, fuel)
  }

  private transfer(row: TransferRow): void {
    const { id, kind, phase, amountMicro, purpose, pending, timeoutMs, atMs } = row
    const debit = this.numbers.of('account', row.debit)
    const credit = this.numbers.of('account', row.credit)
    this.statements.transfer.add(id, kind, debit, credit, amountMicro, purpose, atMs, phase, pending, timeoutMs)
  }
}

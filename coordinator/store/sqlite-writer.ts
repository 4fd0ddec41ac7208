import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AssertionError, assert } from '../../protocol/index.ts'
import { PendingRows } from './pending-rows.ts'
import { RowNumbers } from './row-numbers.ts'
import type { AcceptedRow, JobRow, LeaseRow, TransferRow, Write } from './rows.ts'
import { isConstraint } from './sqlite-failure.ts'
import { SqliteSensingWriter } from './sqlite-sensing-writer.ts'
import { prepareWrites } from './sqlite-writes.ts'

/** Turns writes into one transaction of prepared statements. */
export class SqliteWriter {
  private readonly db: DatabaseSync
  private readonly statements: ReturnType<typeof prepareWrites>
  private readonly begin: StatementSync
  private readonly end: StatementSync
  private readonly jobs: RowNumbers
  private readonly devices: RowNumbers
  private readonly accounts: RowNumbers
  private readonly sensing: SqliteSensingWriter
  private readonly pending = new PendingRows()

  constructor(db: DatabaseSync) {
    this.db = db
    this.statements = prepareWrites(db)
    this.begin = db.prepare('BEGIN IMMEDIATE')
    this.end = db.prepare('COMMIT')
    this.jobs = new RowNumbers(db, 'job')
    this.devices = new RowNumbers(db, 'device')
    this.accounts = new RowNumbers(db, 'account')
    this.sensing = new SqliteSensingWriter(db, this.devices)
  }

  /**
   * Writes all or nothing, and returns once it is on stable storage.
   * @throws {AssertionError} on a transfer or frame that is there already, or a row that names one that is not there
   */
  commit(writes: readonly Write[]): void {
    if (writes.length === 0) return
    try {
      this.begin.run()
      this.applyNamed(writes)
      for (const write of writes) this.apply(write)
      this.end.run()
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK')
      for (const numbers of [this.jobs, this.devices, this.accounts, this.sensing]) numbers.forget()
      throw isConstraint(error) ? new AssertionError(`a commit keeps the rules of the schema: ${String(error)}`) : error
    } finally {
      this.pending.clear()
    }
  }

  /** Rows that others name go first, and only their last state, so the order of writes between tables does not matter. */
  private applyNamed(writes: readonly Write[]): void {
    const { pending, statements } = this
    for (const write of writes) pending.take(write)
    for (const [key, value] of pending.meta) statements.meta.run(key, value)
    for (const row of pending.claims.values()) statements.claim(row)
    for (const row of pending.devices.values()) statements.device(row)
    for (const row of pending.submitters.values()) statements.submitter(row)
    for (const row of pending.jobs.values()) this.job(row)
    for (const row of pending.accounts.values()) statements.account(row)
    for (const row of pending.sensors.values()) this.sensing.sensor(row)
    for (const row of pending.profiles.values()) this.sensing.profile(row)
    for (const row of pending.campaigns.values()) this.sensing.campaign(row)
  }

  private apply(write: Write): void {
    switch (write.table) {
      case 'lease':
        this.lease(write.row)
        break
      case 'lease-state': {
        const { changes } = this.statements.leaseState.run(write.state, write.digest, write.outputs, write.id)
        assert(changes === 1, `lease ${write.id} is there before its state changes`)
        break
      }
      case 'accepted':
        this.accepted(write.row)
        break
      case 'accepted-delete': {
        const { job, firstUnit, unitCount } = write
        this.statements.acceptedDelete.run(this.jobNumber(job), firstUnit, firstUnit + unitCount)
        break
      }
      case 'transfer':
        this.transfer(write.row)
        break
      default:
        this.sensing.apply(write)
    }
  }

  private job(row: JobRow): void {
    const isNew = this.jobs.find(row.id) === null
    this.statements.job(row)
    if (isNew) this.statements.jobSpec.run(this.jobNumber(row.id), row.spec)
  }

  private lease(row: LeaseRow): void {
    const device = this.devices.find(row.device)
    assert(device !== null, `device ${row.device} is there before its lease`)
    this.statements.lease.run(
      row.id,
      this.jobNumber(row.job),
      device,
      row.firstUnit,
      row.unitCount,
      row.state,
      row.issuedAtMs,
      row.leaseMs,
      row.speculative ? 1 : 0,
      row.digest,
      row.outputs,
    )
  }

  private accepted(row: AcceptedRow): void {
    const { firstUnit, unitCount, digest, outputs, solo, fuel } = row
    this.statements.accepted.run(this.jobNumber(row.job), firstUnit, unitCount, digest, outputs, solo, fuel)
  }

  private transfer(row: TransferRow): void {
    const { id, kind, amountMicro, purpose, atMs } = row
    const debit = this.accountNumber(row.debit)
    const credit = this.accountNumber(row.credit)
    this.statements.transfer.run(id, kind, debit, credit, amountMicro, purpose, atMs)
  }

  private jobNumber(id: string): number {
    const no = this.jobs.find(id)
    assert(no !== null, `job ${id} is there before rows that name it`)
    return no
  }

  private accountNumber(id: string): number {
    const no = this.accounts.find(id)
    assert(no !== null, `account ${id} is there before its transfers`)
    return no
  }
}

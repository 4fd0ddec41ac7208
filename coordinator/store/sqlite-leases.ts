import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { assert, SUM_COLUMN } from '../../protocol/index.ts'
import { BulkInsert } from './bulk-insert.ts'
import type { AllRowNumbers } from './row-numbers.ts'
import { type Summer, summerOf } from './row-sums.ts'
import type { LeaseRow, LeaseState, Write } from './rows.ts'

/** What may change of a lease; the rest is written once. To replace that too would check its references and its index again. */
const CHANGING = ['state', 'digest', 'outputs']
const FIXED = [
  'id',
  'job',
  'device',
  'first_unit',
  'unit_count',
  'issued_at_ms',
  'lease_ms',
  'speculative',
  'placement',
]
const COLUMNS = [...FIXED, ...CHANGING]

/** Enough for all that are out at once; about 200 bytes each. */
const OPEN_MAX = 65_536

/** The statements that write leases. A lease is written whole, and then changes its state once or twice. */
export class SqliteLeases {
  private readonly numbers: AllRowNumbers
  private readonly rows: BulkInsert
  private readonly sumOf: Summer
  private readonly select: StatementSync
  private readonly updateDamaged: StatementSync
  /** What never changes of leases that are not over: the sum of a row is of all of it, and to read the rest costs more than to keep it. */
  private readonly open = new Map<number, readonly SQLInputValue[]>()

  constructor(db: DatabaseSync, numbers: AllRowNumbers) {
    this.numbers = numbers
    this.rows = new BulkInsert(db, 'lease', ['id'], COLUMNS, CHANGING)
    const sumOf = summerOf(db, 'lease', COLUMNS)
    assert(sumOf !== null, 'leases have sums')
    this.sumOf = sumOf
    this.select = db.prepare(`SELECT ${COLUMNS.join(', ')}, ${SUM_COLUMN} FROM lease WHERE id = ?`)
    this.select.setReturnArrays(true)
    this.updateDamaged = db.prepare('UPDATE lease SET state = ?, digest = ?, outputs = ? WHERE id = ?')
  }

  write(row: LeaseRow): void {
    const { id, firstUnit, unitCount, issuedAtMs, leaseMs, speculative, placement } = row
    const job = this.numbers.of('job', row.job)
    const device = this.numbers.of('device', row.device)
    const fixed = [id, job, device, firstUnit, unitCount, issuedAtMs, leaseMs, speculative ? 1 : 0, placement]
    this.rows.add(...fixed, row.state, row.digest, row.outputs)
    this.remember(id, row.state, fixed)
  }

  /** @throws {AssertionError} when the lease is not there */
  changeState({ id, state, digest, outputs }: Extract<Write, { table: 'lease-state' }>): void {
    const fixed = this.open.get(id) ?? this.read(id)
    // Its sum stays wrong, so that nobody takes the damage for what was written.
    if (fixed === null) this.updateDamaged.run(state, digest, outputs, id)
    else {
      this.rows.add(...fixed, state, digest, outputs)
      this.remember(id, state, fixed)
    }
  }

  /** Writes what is still waiting. */
  flush(): void {
    this.rows.flush()
  }

  /** Forgets what a failed transaction may have made. */
  forget(): void {
    this.rows.forget()
    this.open.clear()
  }

  /** What never changes of a lease of before; null when its row is not as it was written. */
  private read(id: number): readonly SQLInputValue[] | null {
    this.rows.flush()
    const row = this.select.get(id) as unknown as SQLInputValue[] | undefined
    assert(row !== undefined, `lease ${id} is there before its state changes`)
    const sum = row.pop()
    return sum === this.sumOf(row) ? row.slice(0, FIXED.length) : null
  }

  private remember(id: number, state: LeaseState, fixed: readonly SQLInputValue[]): void {
    if (state !== 'out' && state !== 'returned') {
      this.open.delete(id)
      return
    }
    if (this.open.size >= OPEN_MAX) this.open.clear()
    this.open.set(id, fixed)
  }
}

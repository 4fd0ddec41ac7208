import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { assert } from '../../protocol/index.ts'

/** Enough for every job, device, account or sensor in use at once; about 100 bytes each. */
const NUMBERS_MAX = 65_536

/** Tables whose rows others name by number. */
const NUMBERED_TABLES = ['job', 'device', 'account', 'sensor', 'profile', 'campaign'] as const
export type NumberedTable = (typeof NUMBERED_TABLES)[number]

/** The short numbers of every such table. */
export class AllRowNumbers {
  private readonly tables = new Map<NumberedTable, RowNumbers>()

  constructor(db: DatabaseSync) {
    for (const table of NUMBERED_TABLES) this.tables.set(table, new RowNumbers(db, table))
  }

  /** Whether the row is there. */
  has(table: NumberedTable, id: string): boolean {
    return this.find(table, id) !== null
  }

  /** The number of a row that must be there. */
  of(table: NumberedTable, id: string): number {
    const no = this.find(table, id)
    assert(no !== null, `${table} ${id} is there before rows that name it`)
    return no
  }

  /** Forgets everything: rows that a failed transaction made are gone. */
  forget(): void {
    for (const numbers of this.tables.values()) numbers.forget()
  }

  private find(table: NumberedTable, id: string): number | null {
    return this.tables.get(table)?.find(id) ?? null
  }
}

/** The short numbers by which rows of one table are named in others, remembered because every write needs them. */
class RowNumbers {
  private readonly known = new Map<string, number>()
  private readonly select: StatementSync

  constructor(db: DatabaseSync, table: NumberedTable) {
    this.select = db.prepare(`SELECT no FROM ${table} WHERE id = ?`)
  }

  /** The number of the row with this id, or null when there is none. */
  find(id: string): number | null {
    const known = this.known.get(id)
    if (known !== undefined) return known
    const row = this.select.get(id)
    if (row === undefined) return null
    const no = Number(row.no)
    if (this.known.size >= NUMBERS_MAX) this.known.clear()
    this.known.set(id, no)
    return no
  }

  forget(): void {
    this.known.clear()
  }
}

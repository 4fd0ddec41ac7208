import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { assert } from '../../protocol/index.ts'

/** Enough for every job, device, account or sensor in use at once; about 100 bytes each. */
const NUMBERS_MAX = 65_536

/** Tables whose rows have a number, with the column by which the coordinator knows them. */
const NUMBERED_TABLES = {
  job: 'id',
  device: 'id',
  account: 'id',
  sensor: 'id',
  profile: 'id',
  campaign: 'id',
  dispute: 'id',
  hold: 'purpose',
} as const
export type NumberedTable = keyof typeof NUMBERED_TABLES

/** The short numbers of every such table. */
export class AllRowNumbers {
  private readonly tables: Readonly<Record<NumberedTable, RowNumbers>>

  constructor(db: DatabaseSync) {
    const numbers = Object.entries(NUMBERED_TABLES).map(([table, key]) => [table, new RowNumbers(db, table, key)])
    this.tables = Object.fromEntries(numbers)
  }

  /** Whether the row is there. */
  has(table: NumberedTable, id: string): boolean {
    return this.tables[table].find(id) !== null
  }

  /** The number of a row that must be there. */
  of(table: NumberedTable, id: string): number {
    const no = this.tables[table].find(id)
    assert(no !== null, `${table} ${id} is there before rows that name it`)
    return no
  }

  /** The number of a row that is there or is about to be. */
  give(table: NumberedTable, id: string): number {
    return this.tables[table].find(id) ?? this.tables[table].next(id)
  }

  /** Forgets a row that is deleted. */
  drop(table: NumberedTable, id: string): void {
    this.tables[table].drop(id)
  }

  /** Forgets everything: rows that a failed transaction made are gone. */
  forget(): void {
    for (const numbers of Object.values(this.tables)) numbers.forget()
  }
}

/** The short numbers by which rows of one table are named in others, remembered because every write needs them. */
class RowNumbers {
  private readonly known = new Map<string, number>()
  private readonly select: StatementSync
  private readonly greatest: StatementSync
  /** The last number that was given out; null when that has to be looked up. */
  private last: number | null = null

  constructor(db: DatabaseSync, table: string, key: string) {
    this.select = db.prepare(`SELECT no FROM ${table} WHERE ${key} = ?`)
    this.greatest = db.prepare(`SELECT coalesce(max(no), 0) AS no FROM ${table}`)
  }

  /** The number of the row with this id, or null when there is none. */
  find(id: string): number | null {
    const known = this.known.get(id)
    if (known !== undefined) return known
    const row = this.select.get(id)
    if (row === undefined) return null
    return this.remember(id, Number(row.no))
  }

  /** The number of a row that is about to be. */
  next(id: string): number {
    this.last ??= Number(this.greatest.get()?.no)
    return this.remember(id, ++this.last)
  }

  drop(id: string): void {
    this.known.delete(id)
  }

  forget(): void {
    this.known.clear()
    this.last = null
  }

  private remember(id: string, no: number): number {
    if (this.known.size >= NUMBERS_MAX) this.known.clear()
    this.known.set(id, no)
    return no
  }
}

import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Enough for every job, device, account or sensor in use at once; about 100 bytes each. */
const NUMBERS_MAX = 65_536

/** Tables whose rows others name by number. */
export type NumberedTable = 'job' | 'device' | 'account' | 'sensor' | 'profile' | 'campaign'

/** The short numbers by which rows of one table are named in others, remembered because every write needs them. */
export class RowNumbers {
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

  /** Forgets everything: rows that a failed transaction made are gone. */
  forget(): void {
    this.known.clear()
  }
}

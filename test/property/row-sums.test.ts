/** Every byte of every column of rows that have sums: whichever is changed, the auditor names that row and no other. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../auditor/database/open.ts'
import { changedRows } from '../../auditor/database/sum-rows.ts'
import { SUMMED_TABLES } from '../../protocol/index.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import { changesOfEveryByte, type Value } from '../support/change-value.ts'
import { writeEveryTable } from '../support/every-table.ts'

type Row = Record<string, Value | null>

/** What stands in a column instead. */
interface Change {
  readonly column: string
  readonly value: SQLInputValue
}

let folder: string
const pathOf = (name: string): string => join(folder, `${name}.sqlite`)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-row-sums-'))
  writeEveryTable(pathOf('as-written'))
  copyFileSync(pathOf('as-written'), pathOf('changed'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('[LOG-9.7] a byte that is changed is seen, and its row named', () => {
  test.each(SUMMED_TABLES)(
    'in every column of %s',
    table => {
      const tampered = new Tampered(table)
      try {
        expect(tampered.named()).toEqual([])
        const tried = new Set<string>()
        for (const [index, row] of tampered.rows.entries()) {
          for (const change of tampered.changesOf(row)) {
            tried.add(change.column)
            if (!tampered.put(index, change)) continue
            expect(tampered.named(), `${change.column} of the ${tampered.keys[index]}`).toEqual([
              tampered.keyNow(index),
            ])
            tampered.restore()
          }
        }
        expect(tampered.named()).toEqual([])
        expect(tampered.rows.length).toBeGreaterThan(0)
        expect([...tried].sort()).toEqual(tampered.columns.map(({ name }) => name).sort())
      } finally {
        tampered.close()
      }
    },
    120_000,
  )
})

/** One table of a database that is changed by one who should not, beside an auditor who looks at it. */
class Tampered {
  readonly columns: readonly { name: string; type: string; isNullable: boolean }[]
  readonly rows: readonly Row[]
  readonly keys: readonly string[]
  private readonly table: string
  private readonly keyColumns: readonly string[]
  private readonly db: DatabaseSync
  private readonly auditor: Database

  constructor(table: string) {
    this.table = table
    this.db = new DatabaseSync(pathOf('changed'), { enableForeignKeyConstraints: false, readBigInts: true })
    this.db.exec(`PRAGMA synchronous = OFF; ATTACH '${pathOf('as-written')}' AS original`)
    this.auditor = new Database(pathOf('changed'))
    const columns = this.db.prepare('SELECT name, type, "notnull" AS fixed, pk FROM pragma_table_info(?)').all(table)
    this.columns = columns.map(({ name, type, fixed, pk }) => {
      return { name: String(name), type: String(type), isNullable: fixed === 0n && pk === 0n }
    })
    this.keyColumns = columns.filter(({ pk }) => pk !== 0n).map(({ name }) => String(name))
    this.rows = this.db.prepare(`SELECT * FROM ${table} ${this.order}`).all() as Row[]
    this.keys = this.keysNow()
  }

  /** What the auditor says. */
  named(): string[] {
    return [...changedRows(this.auditor, nodeSha256, this.table)]
  }

  /** Another byte for each byte of each value, NULL for a value, and a value for NULL. */
  *changesOf(row: Row): Iterable<Change> {
    for (const { name: column, type, isNullable } of this.columns) {
      const value = row[column] ?? null
      if (value === null) yield { column, value: type === 'INTEGER' ? 0n : type === 'TEXT' ? '' : new Uint8Array() }
      else for (const changed of changesOfEveryByte(value)) yield { column, value: changed }
      if (value !== null && isNullable) yield { column, value: null }
    }
  }

  /** @returns false when the database itself refuses the change, such as to a key that another row has */
  put(index: number, { column, value }: Change): boolean {
    const isText = value !== null && this.columns.some(({ name, type }) => name === column && type === 'TEXT')
    const key = this.keyColumns.join(', ')
    const sql = `UPDATE ${this.table} SET ${column} = ${isText ? 'CAST(? AS TEXT)' : '?'} WHERE (${key}) = (SELECT ${key} FROM ${this.table} ${this.order} LIMIT 1 OFFSET ?)`
    try {
      expect(this.db.prepare(sql).run(value, index).changes).toBe(1n)
      return true
    } catch (error) {
      if (String(error).includes('constraint')) return false
      throw error
    }
  }

  /** The key of a row that was changed. */
  keyNow(index: number): string {
    const others = this.keys.filter((_, other) => other !== index)
    return this.keysNow().find(key => !others.includes(key)) ?? ''
  }

  restore(): void {
    this.db.exec(`DELETE FROM ${this.table}; INSERT INTO ${this.table} SELECT * FROM original.${this.table}`)
  }

  close(): void {
    this.auditor.close()
    this.db.close()
  }

  private get order(): string {
    return `ORDER BY ${this.keyColumns.join(', ')}`
  }

  private keysNow(): string[] {
    const rows = this.db.prepare(`SELECT ${this.keyColumns.join(', ')} FROM ${this.table} ${this.order}`).all()
    return rows.map(row =>
      Object.entries(row)
        .map(([column, value]) => `${column} ${value}`)
        .join(', '),
    )
  }
}

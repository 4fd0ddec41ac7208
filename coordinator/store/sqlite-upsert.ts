import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** The column of every field of a row that is kept as it is; the compiler misses none. */
export type ColumnsOf<Row> = { readonly [Field in keyof Row]-?: string }

/** A function that inserts a row or, where its key is there, replaces the rest of it. */
export function upsert<Row>(db: DatabaseSync, table: string, key: readonly string[], columns: ColumnsOf<Row>) {
  const fields = Object.keys(columns) as (keyof Row)[]
  const names = Object.values<string>(columns)
  const statement = db.prepare(upsertSql(table, key, names))
  return (row: Row): void => {
    statement.run(...fields.map(field => row[field] as SQLInputValue))
  }
}

/** SQL that inserts a row, or so many, and takes their values in this order. */
export function insertSql(table: string, columns: readonly string[], rows = 1): string {
  const row = `(${columns.map(() => '?').join(', ')})`
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`
}

/** SQL that inserts a row, or so many, or, where its key is there, replaces the rest of it. */
export function upsertSql(table: string, key: readonly string[], columns: readonly string[], rows = 1): string {
  const sets = columns.filter(column => !key.includes(column)).map(column => `${column} = excluded.${column}`)
  return `${insertSql(table, columns, rows)} ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sets.join(', ')}`
}

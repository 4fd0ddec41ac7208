/** Statements that write whole rows. Where a table has sums, each row gets its own with it. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { SUM_COLUMN, SUMMED_TABLES } from '../../protocol/index.ts'
import type { AllRowNumbers, NumberedTable } from './row-numbers.ts'
import { summerOf } from './row-sums.ts'

/** The column of every field of a row that is kept as it is; the compiler misses none. */
export type ColumnsOf<Row> = { readonly [Field in keyof Row]-?: string }

/** Writes one row: its values in the order of the columns. */
export type WriteRow = (...values: SQLInputValue[]) => void

/** A number by which other rows name a row; it never changes. */
const NUMBER_COLUMN = 'no'

/** A function that inserts a row. */
export function insert(db: DatabaseSync, table: string, columns: readonly string[]): WriteRow {
  return writer(db, table, columns, insertSql(table, columns))
}

/**
 * A function that inserts a row or, where its key is there, replaces the rest of it.
 * @param condition - SQL that must hold for a row to be replaced
 */
export function upsert(
  db: DatabaseSync,
  table: string,
  key: readonly string[],
  columns: readonly string[],
  condition = '',
): WriteRow {
  return writer(db, table, columns, `${upsertSql(table, key, columns)} ${condition}`)
}

/** As {@link upsert}, with rows whose fields are kept as they are. */
export function upsertFields<Row>(db: DatabaseSync, table: string, key: readonly string[], columns: ColumnsOf<Row>) {
  const fields = Object.keys(columns) as (keyof Row)[]
  const write = upsert(db, table, key, Object.values<string>(columns))
  return (row: Row): void => write(...fields.map(field => row[field] as SQLInputValue))
}

/** As {@link upsertFields}, with rows that have an id and a number by which others name them. */
export function upsertNumbered<Row extends { id: string }>(
  db: DatabaseSync,
  numbers: AllRowNumbers,
  table: NumberedTable,
  columns: ColumnsOf<Row>,
) {
  const fields = Object.keys(columns) as (keyof Row)[]
  const write = upsert(db, table, ['id'], [NUMBER_COLUMN, ...Object.values<string>(columns)])
  return (row: Row): void => write(numbers.give(table, row.id), ...fields.map(field => row[field] as SQLInputValue))
}

/** SQL that inserts a row, or so many, and takes their values in this order and, where the table has sums, the sum. */
export function insertSql(table: string, columns: readonly string[], rows = 1): string {
  const all = SUMMED_TABLES.includes(table) ? [...columns, SUM_COLUMN] : columns
  const row = `(${all.map(() => '?').join(', ')})`
  return `INSERT INTO ${table} (${all.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`
}

/**
 * SQL that inserts a row, or so many, or, where its key is there, replaces the rest of it.
 * @param changing - columns that are replaced, when the others stay what they are
 */
export function upsertSql(
  table: string,
  key: readonly string[],
  columns: readonly string[],
  rows = 1,
  changing = columns,
): string {
  const rest = changing.filter(column => column !== NUMBER_COLUMN && !key.includes(column))
  if (SUMMED_TABLES.includes(table)) rest.push(SUM_COLUMN)
  const sets = rest.map(column => `${column} = excluded.${column}`)
  return `${insertSql(table, columns, rows)} ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sets.join(', ')}`
}

function writer(db: DatabaseSync, table: string, columns: readonly string[], sql: string): WriteRow {
  const statement: StatementSync = db.prepare(sql)
  const sumOf = summerOf(db, table, columns)
  if (sumOf === null) return (...values) => void statement.run(...values)
  return (...values) => void statement.run(...values, sumOf(values))
}

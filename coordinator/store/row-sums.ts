/** The sums of rows, where they are made and where they are looked at; `protocol/row-sum.ts` is how. */
import { hash } from 'node:crypto'
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { assert, type RowValue, rowBytes, SUM_COLUMN, SUM_DIGITS, SUMMED_TABLES } from '../../protocol/index.ts'
import { damaged } from './sqlite-failure.ts'

/** Rows that are in memory at once while they are given sums. */
const PAGE_ROWS = 500

const RUNNING_JOBS = "(SELECT no FROM job WHERE state IN ('running', 'aggregating'))"

/** Of tables that grow for ever, the rows that a coordinator reads when it starts; of the others it reads all. */
const READ_AT_START: Readonly<Record<string, string>> = {
  accepted: `job IN ${RUNNING_JOBS}`,
  campaign: "state IN ('running', 'settling')",
  dispute: "state = 'open'",
  exclusion: 'FALSE',
  frame: 'FALSE',
  job: "state IN ('running', 'aggregating')",
  judgement: 'FALSE',
  passed_over: 'FALSE',
  lease: `job IN ${RUNNING_JOBS} AND state IN ('out', 'returned')`,
}

/** Makes the sum of the values that a statement takes in the order of its columns. */
export type Summer = (values: readonly SQLInputValue[]) => string

/** The sums of a table whose rows are written with these columns, which are all it has; null for a table without sums. */
export function summerOf(db: DatabaseSync, table: string, columns: readonly string[]): Summer | null {
  if (!SUMMED_TABLES.includes(table)) return null
  const places = namesOf(db, table, `name <> '${SUM_COLUMN}'`).map(column => {
    const place = columns.indexOf(column)
    assert(place >= 0, `a row of ${table} is written whole, its ${column} too`)
    return place
  })
  return values => {
    const inOrder = places.map(place => values[place] as RowValue)
    return sumOf(table, inOrder)
  }
}

/** The sum of a row, its values in the order of the table. */
export function sumOf(table: string, values: readonly RowValue[]): string {
  return hash('sha256', rowBytes(table, values), 'hex').slice(0, SUM_DIGITS)
}

/**
 * Refuses a database in which a row is not as it was written.
 * @param all - looks at every row, rather than at those that a coordinator is about to read
 * @throws {ConfigError} `damaged`
 */
export function refuseDamagedRows(db: DatabaseSync, path: string, all: boolean): void {
  for (const { table, columns, key } of tablesWithSums(db)) {
    const where = `${rowsOf(table, all)} AND ${SUM_COLUMN} <> ''`
    const rows = exactly(db, `SELECT ${columns.join(', ')}, ${SUM_COLUMN} FROM ${table} WHERE ${where}`)
    for (const row of rows.iterate() as Iterable<unknown> as Iterable<RowValue[]>) {
      const sum = row.pop()
      if (sum === sumOf(table, row)) continue
      const names = key.map(column => `${column} ${row[columns.indexOf(column)]}`)
      throw damaged(path, `the row of ${table} with the ${names.join(', ')} is not as it was written`)
    }
  }
}

/**
 * Gives a sum to rows that have none: those of before there were sums, and those from which somebody took it.
 * @param all - as of {@link refuseDamagedRows}
 */
export function sumRowsWithout(db: DatabaseSync, all: boolean): void {
  for (const shape of tablesWithSums(db)) {
    const { table, columns, key } = shape
    const places = key.map(column => columns.indexOf(column))
    const isRow = key.map(column => `${column} = ?`).join(' AND ')
    const update = db.prepare(`UPDATE ${table} SET ${SUM_COLUMN} = ? WHERE ${isRow}`)
    for (const row of rowsInPages(db, shape, `${rowsOf(table, all)} AND ${SUM_COLUMN} = ''`)) {
      update.run(sumOf(table, row), ...places.map(place => row[place] as RowValue))
    }
  }
}

interface Shape {
  readonly table: string
  /** All but the sum, in their order. */
  readonly columns: readonly string[]
  readonly key: readonly string[]
}

/** Rows by their key, some at a time, so that whoever takes them may change them. */
function* rowsInPages(db: DatabaseSync, { table, columns, key }: Shape, where: string): Iterable<RowValue[]> {
  const names = key.join(', ')
  const select = (after: string) =>
    `SELECT ${columns.join(', ')} FROM ${table} WHERE ${where}${after} ORDER BY ${names} LIMIT ${PAGE_ROWS}`
  const next = exactly(db, select(` AND (${names}) > (${key.map(() => '?').join(', ')})`))
  let page = exactly(db, select('')).all() as unknown[] as RowValue[][]
  for (;;) {
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE_ROWS) return
    page = next.all(...key.map(column => last[columns.indexOf(column)] as RowValue)) as unknown[] as RowValue[][]
  }
}

function rowsOf(table: string, all: boolean): string {
  return all ? 'TRUE' : `(${READ_AT_START[table] ?? 'TRUE'})`
}

/** An older database has none yet. */
function tablesWithSums(db: DatabaseSync): Shape[] {
  const shapes = SUMMED_TABLES.map(table => ({ table, columns: namesOf(db, table), key: namesOf(db, table, 'pk > 0') }))
  return shapes
    .filter(({ columns }) => columns.includes(SUM_COLUMN))
    .map(shape => ({ ...shape, columns: shape.columns.filter(column => column !== SUM_COLUMN) }))
}

function namesOf(db: DatabaseSync, table: string, which = 'TRUE'): string[] {
  const rows = db.prepare(`SELECT name FROM pragma_table_info(?) WHERE ${which} ORDER BY cid`).all(table)
  return rows.map(({ name }) => String(name))
}

/** A statement whose rows are lists of values, integers as `bigint`. */
function exactly(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  return statement
}

/** A coordinator's database, opened only to read it. */
import { existsSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { ConfigError, messageOf } from '../../protocol/index.ts'

/** The letters "hrow" in the header of a coordinator's database. */
const APPLICATION_ID = 0x68_72_6f_77
/** The first form of the database that has a log. */
const LOG_FORM = 4
/** Columns that older forms do not have yet, with the value that every row of before is given. */
const LATER_COLUMNS = [
  { table: 'account', column: 'remainder', value: '0' },
  { table: 'job', column: 'rounded_nano', value: '0' },
] as const
/** Primary result codes of SQLite. */
const BUSY = 5
const LOCKED = 6

/** One value of a row; integers are `bigint`. */
export type Value = bigint | string | Uint8Array | null
export type Row = Record<string, Value>

/** A database that is only read. */
export class Database {
  readonly path: string
  /** Which steps of its schema it has had. */
  readonly form: number
  private readonly db: DatabaseSync

  /** @throws {ConfigError} `not_found`, `in_use` or `damaged` */
  constructor(path: string) {
    this.path = path
    if (!existsSync(path)) {
      throw new ConfigError(
        { code: 'not_found', path },
        `There is no file ${path}: name a ledger.sqlite or an exported folder.`,
      )
    }
    this.db = this.guard(() => new DatabaseSync(path, { readOnly: true, timeout: 0 }))
    try {
      this.form = this.check()
      this.addLaterColumns()
    } catch (error) {
      this.db.close()
      throw error
    }
  }

  all(sql: string, ...values: (bigint | number | string)[]): Row[] {
    return this.guard(() => this.prepare(sql).all(...values)) as Row[]
  }

  get(sql: string, ...values: (bigint | number | string)[]): Row | undefined {
    return this.guard(() => this.prepare(sql).get(...values)) as Row | undefined
  }

  /** A question that is asked often: its first row. */
  asking(sql: string): (...values: (bigint | number | string)[]) => Row | undefined {
    const statement = this.guard(() => this.prepare(sql))
    return (...values) => this.guard(() => statement.get(...values)) as Row | undefined
  }

  /** The rows one at a time. */
  each(sql: string, ...values: (bigint | number | string)[]): Generator<Row, undefined> {
    return this.take(this.guard(() => this.prepare(sql).iterate(...values)) as Iterator<unknown> as Iterator<Row>)
  }

  /** The rows one at a time, as lists of their values; a number is of a column of reals. */
  *lists(sql: string): Iterable<(Value | number)[]> {
    const statement = this.guard(() => this.prepare(sql))
    statement.setReturnArrays(true)
    yield* this.take(this.guard(() => statement.iterate()) as Iterator<unknown> as Iterator<(Value | number)[]>)
  }

  /** A statement that is run often, its integers as `bigint`. */
  prepare(sql: string): StatementSync {
    const statement = this.db.prepare(sql)
    statement.setReadBigInts(true)
    return statement
  }

  close(): void {
    this.db.close()
  }

  private *take<Item>(rows: Iterator<Item>): Generator<Item, undefined> {
    for (;;) {
      const next = this.guard(() => rows.next())
      if (next.done) return undefined
      yield next.value
    }
  }

  private check(): number {
    const applicationId = Number(this.get('PRAGMA application_id')?.application_id)
    if (applicationId !== APPLICATION_ID) throw this.damaged('it is the database of another program')
    const form = Number(this.get('PRAGMA user_version')?.user_version)
    if (form < LOG_FORM) throw this.damaged('it is of a version that kept no public log; start its coordinator once')
    return form
  }

  /** Covers tables with views that have them, so that a database is audited before it is brought forward. */
  private addLaterColumns(): void {
    for (const { table, column, value } of LATER_COLUMNS) {
      if (this.get('SELECT 1 FROM pragma_table_info(?) WHERE name = ?', table, column) !== undefined) continue
      this.guard(() => this.db.exec(`CREATE TEMP VIEW ${table} AS SELECT *, ${value} AS ${column} FROM main.${table}`))
    }
  }

  private guard<Result>(use: () => Result): Result {
    try {
      return use()
    } catch (error) {
      if (error instanceof ConfigError || !(error instanceof Error) || !('errcode' in error)) throw error
      const code = Number(error.errcode) & 0xff
      if (code === BUSY || code === LOCKED) throw this.inUse(error)
      throw this.damaged(messageOf(error), error)
    }
  }

  private inUse(cause: unknown): ConfigError {
    const { path } = this
    const help = 'stop the coordinator first, or audit the running one with --url'
    return new ConfigError(
      { code: 'in_use', path },
      `A coordinator is using ${path}, which it keeps to itself: ${help}.`,
      { cause },
    )
  }

  private damaged(reason: string, cause?: unknown): ConfigError {
    const { path } = this
    return new ConfigError({ code: 'damaged', path, reason }, `The database ${path} cannot be audited: ${reason}.`, {
      cause,
    })
  }
}

import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Prepared statements by their SQL, each made once. */
export class Statements {
  private readonly db: DatabaseSync
  private readonly prepared = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.db = db
  }

  /** A statement whose integers arrive as numbers. */
  plain(sql: string): StatementSync {
    let statement = this.prepared.get(sql)
    if (!statement) {
      statement = this.db.prepare(sql)
      this.prepared.set(sql, statement)
    }
    return statement
  }

  /** A statement whose integers arrive as bigint, so that no amount passes through a float. */
  exact(sql: string): StatementSync {
    const statement = this.plain(sql)
    statement.setReadBigInts(true)
    return statement
  }
}

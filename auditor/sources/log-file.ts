/** A log by its path: the database of a coordinator, or the folder of an export. */
import { statSync } from 'node:fs'
import { ConfigError, type Hash, type NoteKey } from '../../protocol/index.ts'
import { Database } from '../database/open.ts'
import { DatabaseChecks, peerKeys } from '../database/row-checks.ts'
import { createSqliteSource } from '../database/sqlite-source.ts'
import type { LogSource, RowChecks } from '../source.ts'
import { createFolderSource } from './folder-source.ts'

/** A log with what stands beside it. */
export interface OpenedLog {
  readonly source: LogSource
  /** Null where there are none, and before the log has begun. */
  readonly rows: RowChecks | null
  /** Witnesses whose keys stand beside the log. */
  readonly knownWitnesses: readonly NoteKey[]
}

/** @throws {ConfigError} `not_found`, `in_use` or `damaged` */
export function openLogFile(path: string, hash: Hash): OpenedLog {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) {
    const message = `There is nothing at ${path}: name the ledger.sqlite of a coordinator, or the folder of an export.`
    throw new ConfigError({ code: 'not_found', path }, message)
  }
  if (stat.isDirectory()) return { source: createFolderSource(path), rows: null, knownWitnesses: [] }
  const db = new Database(path)
  const hasBegun = db.get('SELECT 1 AS one FROM entry LIMIT 1') !== undefined
  return {
    source: createSqliteSource(db),
    rows: hasBegun ? new DatabaseChecks(db, hash) : null,
    knownWitnesses: peerKeys(db),
  }
}

import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../../protocol/index.ts'
import { refuseDamagedRows, sumRowsWithout } from './row-sums.ts'
import { APPLICATION_ID, SCHEMA_STEPS } from './schema.ts'
import { damaged, fileFailure, storeFailure } from './sqlite-failure.ts'

const PAGE_BYTES = 4_096

/** Pages in the write-ahead log at which a commit copies them back: 16 MiB, so recovery after a kill stays short. */
const CHECKPOINT_PAGES = 4_000

/** What the log file may keep on disk once copied back. */
const LOG_BYTES_KEPT = 32 * 1_024 * 1_024

/** What is read at most before asking the disk again. */
const CACHE_KIB = 32 * 1_024

/**
 * Opens a database for one coordinator alone, checks it, and brings its schema to this version.
 *
 * The exclusive lock is the operating system's and dies with the process, so a kill leaves none behind. Nothing else in this
 * process may open and close the file: POSIX drops every lock of the process with any descriptor it closes.
 * @param bytesMax - the file's largest size; a commit beyond it fails as on a full disk
 * @throws {ConfigError} `in_use`, `no_space`, `newer_data`, `damaged`, or `bad_option` when it cannot be written
 */
export function openDatabase(path: string, bytesMax: number | null): DatabaseSync {
  createPrivately(path)
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
    configure(db, bytesMax)
    check(db, path)
    migrate(db, path)
    return db
  } catch (error) {
    db?.close()
    throw storeFailure(error, path)
  }
}

/** Tokens' hashes and claims are nobody else's business: the file, and the log beside it, are the owner's alone. */
function createPrivately(path: string): void {
  const folder = dirname(path)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    // SQLite would report a file it may only read as a failing disk.
    accessSync(path, constants.R_OK | constants.W_OK)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw fileFailure(cause, path)
  }
}

function configure(db: DatabaseSync, bytesMax: number | null): void {
  db.exec('PRAGMA locking_mode = EXCLUSIVE')
  db.exec('PRAGMA journal_mode = WAL')
  // Takes the write lock now rather than with the first commit.
  db.exec('BEGIN IMMEDIATE; COMMIT')
  db.exec('PRAGMA synchronous = FULL')
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  db.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}`)
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
  if (bytesMax !== null) db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(bytesMax / PAGE_BYTES))}`)
}

function check(db: DatabaseSync, path: string): void {
  const applicationId = pragma(db, 'application_id')
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n)
  if (tables > 0 && applicationId !== APPLICATION_ID) throw damaged(path, 'it is the database of another program')
  const verdict = String(db.prepare('PRAGMA quick_check(1)').get()?.quick_check)
  if (verdict !== 'ok') throw damaged(path, verdict)
}

function migrate(db: DatabaseSync, path: string): void {
  const found = pragma(db, 'user_version')
  const known = SCHEMA_STEPS.length
  if (found > known) {
    const message = `The database ${path} was written by a newer version of Hedgerow (${found}, known ${known}): upgrade this one.`
    throw new ConfigError({ code: 'newer_data', path, found, known }, message)
  }
  const isOld = found < known
  refuseDamagedRows(db, path, isOld)
  db.exec('BEGIN IMMEDIATE')
  if (isOld) {
    for (const step of SCHEMA_STEPS.slice(found)) db.exec(step)
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    db.exec(`PRAGMA user_version = ${known}`)
  }
  sumRowsWithout(db, isOld)
  db.exec('COMMIT')
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name])
}

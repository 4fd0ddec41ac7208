/** One updater at a time in a folder. The system lets go of the lock when the process is gone, however it went. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../../protocol/index.ts'

/** Another run that only looks has ended by then. */
const WAIT_MS = 60_000

/**
 * Takes the lock of a folder, after the run that has it.
 * @param waitMs - how long to wait for it, without doing anything else
 * @returns gives it back; the lock lasts no longer than this is kept
 * @throws {ConfigError} `in_use`
 */
export function lockFolder(path: string, waitMs = WAIT_MS): () => void {
  const db = new DatabaseSync(join(path, 'update.lock'))
  try {
    db.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE`)
    return () => db.close()
  } catch (cause) {
    db.close()
    const message = `Another update is under way in ${path}: wait until it has ended.`
    throw new ConfigError({ code: 'in_use', path }, message, { cause })
  }
}

import { ConfigError } from '../../protocol/index.ts'

/** SQLite's primary result codes (sqlite.org/rescode.html); the extended ones repeat them in their low byte. */
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

/** The sentence for what SQLite reports, with what to do about it. Anything else is handed back as it is. */
export function storeFailure(path: string, thrown: unknown): unknown {
  const cause = { cause: thrown }
  switch (sqliteCode(thrown)) {
    case BUSY:
    case LOCKED:
      return new ConfigError(
        { code: 'in_use', path },
        `${path} is in use: another device process runs on this folder. Stop it, or give this one a folder of its own.`,
        cause,
      )
    case FULL:
      return new ConfigError(
        { code: 'no_space', path },
        `The disk of ${path} is full: make room and start again.`,
        cause,
      )
    case CORRUPT:
    case NOTADB:
      return damagedStore(path, 'it is not a sound database', thrown)
    case READONLY:
    case CANTOPEN:
    case IOERR:
      return new ConfigError(
        { code: 'bad_option', path, reason: 'not writable' },
        `${path} cannot be written: check that the folder exists, belongs to this user and is not on a read-only disk.`,
        cause,
      )
    default:
      return thrown
  }
}

/** Whether SQLite found no room on the disk. */
export function isDiskFull(thrown: unknown): boolean {
  return sqliteCode(thrown) === FULL
}

/** The failure of a file that can no longer be trusted. */
export function damagedStore(path: string, reason: string, cause?: unknown): ConfigError {
  const message =
    `${path} is damaged: ${reason}. Move it away and start with a new claim; ` +
    'the device keeps its identity, results not yet acknowledged are lost.'
  return new ConfigError({ code: 'damaged', path, reason }, message, cause === undefined ? undefined : { cause })
}

function sqliteCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return null
  return thrown.errcode & 0xff
}

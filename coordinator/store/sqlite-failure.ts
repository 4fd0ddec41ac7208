import { ConfigError, messageOf } from '../../protocol/index.ts'

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const CONSTRAINT = 19
const NOTADB = 26

/** The primary result code of what node:sqlite threw, or null when it was thrown by something else. */
function resultCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return null
  return thrown.errcode & 0xff
}

/** Whether a row broke a rule of the schema, such as an id that must be new. */
export function isConstraint(thrown: unknown): boolean {
  return resultCode(thrown) === CONSTRAINT
}

/**
 * The failure to throw for what node:sqlite threw, in one sentence that says what to do. What is no failure of the disk,
 * the file or a second coordinator is a bug and comes back unchanged.
 */
export function storeFailure(cause: unknown, path: string): unknown {
  switch (resultCode(cause)) {
    case BUSY:
    case LOCKED:
      return new ConfigError(
        { code: 'in_use', path },
        `Another coordinator is using ${path}: stop it, or give this one a folder of its own.`,
        { cause },
      )
    case FULL:
      return noSpace(path, cause)
    case READONLY:
    case CANTOPEN:
      return notWritable(path, cause)
    case CORRUPT:
    case NOTADB:
      return damaged(path, messageOf(cause), cause)
    case IOERR:
      return new ConfigError(
        { code: 'damaged', path, reason: 'disk' },
        `The disk failed while using ${path} (${messageOf(cause)}): check it, then start again.`,
        { cause },
      )
    default:
      return cause
  }
}

/** The failure for a file whose content cannot be trusted. */
export function damaged(path: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError(
    { code: 'damaged', path, reason },
    `The database ${path} cannot be used: ${reason}. Restore it from a backup; it was left as it is.`,
    { cause },
  )
}

/** The failure for what `node:fs` threw when it looked at the file or its folder. */
export function fileFailure(cause: unknown, path: string): ConfigError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  return code === 'ENOSPC' || code === 'EDQUOT' ? noSpace(path, cause) : notWritable(path, cause)
}

function noSpace(path: string, cause: unknown): ConfigError {
  const message = `There is no space left to write ${path}: free some or move the folder to a larger disk, then start again.`
  return new ConfigError({ code: 'no_space', path }, message, { cause })
}

function notWritable(path: string, cause: unknown): ConfigError {
  const message = `The database ${path} cannot be written: give this user write access to the file and its folder.`
  return new ConfigError({ code: 'bad_option', path, reason: 'not_writable' }, message, { cause })
}

import { ConfigError, type Sha256Hex } from '../../protocol/index.ts'

/** The failure to throw for what `node:fs` threw, in one sentence that says what to do; anything else unchanged. */
export function blobFailure(cause: unknown, path: string): unknown {
  switch (codeOf(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG': {
      const message = `There is no space left to write blobs to ${path}: free some, or move the folder to a larger disk.`
      return new ConfigError({ code: 'no_space', path }, message, { cause })
    }
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
    case 'ENOTDIR':
    case 'EEXIST': {
      const message = `Blobs cannot be written to ${path}: choose a folder this user may write to.`
      return new ConfigError({ code: 'bad_option', path, reason: 'not_writable' }, message, { cause })
    }
    case 'EIO': {
      const message = `The disk failed while using ${path}: check it, then start again.`
      return new ConfigError({ code: 'damaged', path, reason: 'disk' }, message, { cause })
    }
    default:
      return cause
  }
}

/** The failure for a blob that does not fit the quota. */
export function noRoom(path: string, quotaBytes: number): ConfigError {
  const message = `The blobs in ${path} would take more than the ${quotaBytes} bytes they may: raise the quota or delete some.`
  return new ConfigError({ code: 'no_space', path }, message)
}

/** The failure for a blob that would leave the disk too full for the books beside it. */
export function noDisk(path: string, reserveBytes: number): ConfigError {
  const message = `The disk of ${path} would have less than ${reserveBytes} bytes left: free some, or move the folder to a larger disk.`
  return new ConfigError({ code: 'no_space', path }, message)
}

/** The failure for a blob that ends before the part that was asked for. */
export function shortBlob(path: string, bytes: number): ConfigError {
  const message = `The blob ${path} ends after ${bytes} bytes, before the part that is needed: delete the file and put it again.`
  return new ConfigError({ code: 'damaged', path, reason: 'short' }, message)
}

/** The failure to throw for what came up while a blob was read; a blob that is not there is told by its name. */
export function readFailure(cause: unknown, path: string, hash: Sha256Hex): unknown {
  if (codeOf(cause) !== 'ENOENT') return blobFailure(cause, path)
  return new ConfigError({ code: 'not_found', path: hash }, `There is no blob ${hash} here: put it first.`)
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null
}

import { ConfigError } from '../../protocol/index.ts'

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

/** Whether a file was not there. */
export function isMissing(thrown: unknown): boolean {
  return codeOf(thrown) === 'ENOENT'
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null
}

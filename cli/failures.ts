/** Turns anything thrown into one plain sentence for people, a code for programs and an exit code. */
import { AssertionError, HedgerowError } from '../protocol/index.ts'
import { UsageError } from './args.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'

/** A failure as the command reports it. */
export interface Failure {
  readonly exit: ExitCode
  readonly code: string
  /** One sentence or two: what happened, where, what to do. */
  readonly message: string
  /** Lines for a report about a bug; null for everything expected. */
  readonly stack: string | null
}

/** What Node's system errors mean, as the end of a sentence whose subject is the path or address. */
const SYSTEM_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be used by this user: change its owner or permissions',
  EPERM: 'may not be used by this user: change its owner or permissions',
  EISDIR: 'is a folder, and a file is needed',
  ENOTDIR: 'is not a folder, and a folder is needed',
  EEXIST: 'exists already',
  ENOSPC: 'cannot grow: the disk is full',
  EROFS: 'is on a read-only disk',
  EMFILE: 'cannot be opened: too many files are open',
  EADDRINUSE: 'is taken by another program: choose another port',
  EADDRNOTAVAIL: 'is not an address of this machine',
}

/** Sorts anything thrown: usage, a typed failure, the system, or a bug. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof UsageError) return { exit: EXIT.usage, code: 'usage', message: thrown.message, stack: null }
  if (thrown instanceof HedgerowError) {
    const code = String(thrown.code)
    return { exit: exitOf(code), code, message: thrown.message, stack: null }
  }
  if (thrown instanceof AssertionError) return bug(thrown)
  return systemFailure(thrown) ?? bug(thrown)
}

function exitOf(code: string): ExitCode {
  if (code === 'job_ended') return EXIT.jobFailed
  return code === 'unreachable' || code === 'timeout' || code === 'closed' ? EXIT.unreachable : EXIT.failure
}

function systemFailure(thrown: unknown): Failure | null {
  if (!(thrown instanceof Error)) return null
  const { code, path, address, port } = thrown as NodeJS.ErrnoException & { address?: string; port?: number }
  const meaning = code === undefined ? undefined : SYSTEM_FAILURES[code]
  if (code === undefined || meaning === undefined) return null
  const subject = path ?? (address === undefined ? 'Something that is needed' : `${address}:${port}`)
  return { exit: EXIT.failure, code, message: `${subject} ${meaning}.`, stack: null }
}

function bug(thrown: unknown): Failure {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return {
    exit: EXIT.failure,
    code: 'bug',
    message: `This should not have happened (${message}): please report it with the lines below.`,
    stack: thrown instanceof Error && thrown.stack !== undefined ? thrown.stack : message,
  }
}

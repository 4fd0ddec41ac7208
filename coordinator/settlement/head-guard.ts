/**
 * What the region has signed last, kept in a file of its own beside the database: a database that was taken back to an earlier day does
 * not hold what this file names, and is found out before it signs a second history.
 */
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError, fromBase64, messageOf, type TreeHead, toBase64 } from '../../protocol/index.ts'

export interface HeadGuard {
  readonly path: string
  /**
   * The last state that was signed, or may have been; null when there is no file.
   * @throws {ConfigError} `damaged` when the file is not what was written, `bad_option` when it cannot be read
   */
  read(): TreeHead | null
  /**
   * Keeps a state that is about to be signed; on stable storage when it resolves. One call at a time.
   * @throws {ConfigError} `no_space` or `bad_option`
   */
  write(head: TreeHead): Promise<void>
}

const ROOT_BYTES = 32

/** The guard in this file. */
export function openHeadGuard(path: string): HeadGuard {
  return {
    path,
    read: () => {
      const text = readText(path)
      return text === null ? null : parseHead(text, path)
    },
    write: async head => {
      const draft = `${path}.new`
      try {
        await writeSynced(draft, headText(head))
        await rename(draft, path)
        await syncFolder(dirname(path))
      } catch (cause) {
        throw fileFailure(path, cause)
      }
    },
  }
}

/** The file's content for a state. */
export function headText({ size, root }: TreeHead): string {
  return `${JSON.stringify({ size, root: toBase64(root) })}\n`
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null
    throw fileFailure(path, cause)
  }
}

function parseHead(text: string, path: string): TreeHead {
  try {
    const { size, root: encoded } = JSON.parse(text) as { size: unknown; root: unknown }
    const root = fromBase64(String(encoded))
    if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 && root.length === ROOT_BYTES) {
      return { size, root }
    }
  } catch {
    // What is wrong with it is of no use to anybody.
  }
  const message =
    `The file ${path}, which says how far the log has been signed, is damaged. ` +
    'Restore it from the newest backup that is not older than ledger.sqlite.'
  throw new ConfigError({ code: 'damaged', path, reason: 'it is not a size and a root' }, message)
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function fileFailure(path: string, cause: unknown): ConfigError {
  const code = codeOf(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `There is no space left to write ${path}: free some or move the folder to a larger disk, then start again.`
    return new ConfigError({ code: 'no_space', path }, message, { cause })
  }
  const message = `The file ${path} cannot be used (${messageOf(cause)}): give this user access to it and its folder, then start again.`
  return new ConfigError({ code: 'bad_option', path, reason: 'not_usable' }, message, { cause })
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null
}

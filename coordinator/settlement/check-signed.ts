/** Does the database still hold what the region has signed? A log that goes on from an older state would be two logs. */
import {
  ConfigError,
  equalBytes,
  type NoteKey,
  openCheckpoint,
  ProtocolError,
  type TreeHead,
  type Verifier,
} from '../../protocol/index.ts'
import type { CheckpointRow, Store } from '../store/rows.ts'
import { type HeadGuard, headText } from './head-guard.ts'
import type { LogReader } from './log-reader.ts'

/** A state of the log, with the note that was signed over it. */
export interface Checkpoint extends TreeHead {
  /** The note as text, cosignatures included. */
  readonly note: string
}

export interface SignedComponents {
  reader: LogReader
  store: Pick<Store, 'checkpoint'>
  guard: HeadGuard
  verifier: Verifier
}

/** What was signed before this start. */
export interface Signed {
  /** Whatever is signed next holds this: the same root for as many entries, and never fewer. */
  readonly floor: TreeHead | null
  /** The newest that was published. */
  readonly checkpoint: Checkpoint | null
}

/**
 * Compares the tree in the database with the head guard and with the database's own newest checkpoint.
 * @throws {ConfigError} `damaged` when the tree does not begin with them, or the guard is gone: nothing may be signed then
 * @see spec/clauses.md [LOG-8.2]
 */
export function checkSigned(components: SignedComponents, logKey: NoteKey): Signed {
  const { reader, store, guard, verifier } = components
  const row = store.checkpoint()
  const head = guard.read()
  const checkpoint = row === null ? null : openOwn(row, logKey, verifier, guard.path)
  if (checkpoint !== null && head === null) throw guardMissing(guard.path, checkpoint)
  for (const signed of [checkpoint, head]) {
    if (signed === null) continue
    const difference = differenceFrom(reader, signed)
    if (difference !== null) throw forked(guard.path, `the region has signed ${difference}`)
  }
  const isAhead = head !== null && (checkpoint === null || head.size > checkpoint.size)
  return { floor: isAhead ? head : checkpoint, checkpoint }
}

/** How a signed state contradicts the tree, to follow "has signed"; null when the tree begins with it. */
export function differenceFrom(reader: LogReader, { size, root }: TreeHead): string | null {
  if (size > reader.size) return `a log of ${size} entries, and the database holds ${reader.size}`
  if (!equalBytes(reader.rootAt(size), root)) return `other first ${size} entries than the database holds`
  return null
}

/** The failure of a region that would sign a second history. */
export function forked(path: string, reason: string, options?: ErrorOptions): ConfigError {
  const message =
    `The log does not go on from what was signed: ${reason}. It looks as if ledger.sqlite was restored from a backup. Signing on would ` +
    'fork the log, which its witnesses can prove to anybody, so nothing was signed. Put the newest ledger.sqlite back; if it is lost, ' +
    'begin a new region in an empty folder.'
  return new ConfigError({ code: 'damaged', path, reason }, message, options)
}

function guardMissing(path: string, { size, root }: TreeHead): ConfigError {
  const message =
    `The file ${path} is missing, so nobody can tell whether ledger.sqlite is the newest, and nothing was signed. Put it back. Only if ` +
    `ledger.sqlite was never restored from a backup, write this line into it: ${headText({ size, root }).trim()}`
  return new ConfigError({ code: 'damaged', path, reason: 'it is missing' }, message)
}

function openOwn(row: CheckpointRow, key: NoteKey, verifier: Verifier, path: string): Checkpoint {
  try {
    const { size, root } = openCheckpoint(row.note, key, verifier)
    return { size, root, note: row.note }
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    const message =
      'The newest checkpoint in ledger.sqlite was not signed with region.key, so nothing was signed: the two files are of different ' +
      'regions, or one is damaged. Put back those that belong together.'
    throw new ConfigError({ code: 'damaged', path, reason: 'the checkpoint is of another key' }, message, { cause })
  }
}

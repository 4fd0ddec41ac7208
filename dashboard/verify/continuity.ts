/** Whether a log still begins as this browser saw it begin: a region that shows two different pasts is found out by whoever remembers. */
import {
  type Checkpoint,
  consistencyPath,
  fromHex,
  type Hash,
  messageOf,
  toHex,
  verifyConsistency,
} from '../../protocol/index.ts'
import { nodesOf, type TileSource } from './tiles.ts'

/** A checkpoint that this browser verified before. */
export interface RememberedCheckpoint {
  readonly logKey: string
  readonly size: number
  readonly rootHex: string
  /** When it was seen, by this browser's clock. */
  readonly seenMs: number
}

/** How the newest checkpoint stands to the remembered one. */
export type Continuity =
  /** Nothing is remembered. */
  | { readonly kind: 'first' }
  /** Proved: what was seen is the beginning of what is shown now. */
  | { readonly kind: 'grown' | 'same'; readonly seen: RememberedCheckpoint }
  /** The log is shorter than it was: a backup was restored, or somebody hides its end. */
  | { readonly kind: 'shrunk'; readonly seen: RememberedCheckpoint }
  /** Proved to be another past than the one that was seen. */
  | { readonly kind: 'forked'; readonly seen: RememberedCheckpoint; readonly reason: string }
  /** Signed with another key than before. */
  | { readonly kind: 'other-key'; readonly seen: RememberedCheckpoint }

/**
 * Compares a checkpoint with the one that was seen last, by a consistency proof made from the log's tiles.
 * @param logKey - with which `checkpoint` is signed, as text
 * @throws whatever keeps the tiles from being read
 */
export async function continuityOf(
  hash: Hash,
  source: TileSource,
  logKey: string,
  checkpoint: Checkpoint,
  seen: RememberedCheckpoint | null,
): Promise<Continuity> {
  if (seen === null) return { kind: 'first' }
  if (seen.logKey !== logKey) return { kind: 'other-key', seen }
  if (seen.size > checkpoint.size) return { kind: 'shrunk', seen }
  if (seen.size === checkpoint.size) {
    if (seen.rootHex === toHex(checkpoint.root)) return { kind: 'same', seen }
    const reason = 'Two checkpoints of the same size have different roots.'
    return { kind: 'forked', seen, reason }
  }
  if (seen.size === 0) return { kind: 'grown', seen }
  const path = await nodesOf(hash, source, checkpoint.size, read =>
    consistencyPath(hash, read, seen.size, checkpoint.size),
  )
  try {
    verifyConsistency(hash, { first: { size: seen.size, root: fromHex(seen.rootHex) }, second: checkpoint, path })
    return { kind: 'grown', seen }
  } catch (thrown) {
    return { kind: 'forked', seen, reason: messageOf(thrown) }
  }
}

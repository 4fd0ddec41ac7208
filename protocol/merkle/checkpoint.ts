/** Checkpoints (C2SP tlog-checkpoint): signed notes that say how large a log is and what its root is. */
import { toBase64 } from '../bytes.ts'
import type { Signer, Verifier } from '../cose/sign1.ts'
import type { RegionId } from '../ids.ts'
import { HASH_BYTES, type TreeHead } from './hash.ts'
import { badNote, exactBase64, type NoteKey, openNote, signNote } from './note.ts'

/** A tree head and whose log it is of. */
export interface Checkpoint extends TreeHead {
  /** Names the log. */
  readonly origin: string
}

/**
 * The origin of a region's log.
 * @see spec/clauses.md [LOG-3.2]
 */
export function logOrigin(region: RegionId): string {
  return `hedgerow/log/${region}`
}

/** The text that is signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/**
 * Reads the text of a checkpoint. Further lines are allowed and say nothing.
 * @throws {ProtocolError} `bad_note`
 * @see spec/clauses.md [LOG-3.2]
 */
export function parseCheckpoint(body: string): Checkpoint {
  const lines = body.split('\n')
  const [origin = '', count = '', encoded = '', ...more] = lines
  if (origin === '' || more.pop() !== '' || more.includes('')) throw badNote('a checkpoint is three lines or more')
  const size = parseSize(count)
  const root = exactBase64(encoded)
  if (root.length !== HASH_BYTES) throw badNote(`the root of a checkpoint does not have ${HASH_BYTES} bytes`)
  return { origin, size, root }
}

/**
 * A number of entries as it is written in notes: decimal, without zeros before it, up to 2^53-1.
 * @throws {ProtocolError} `bad_note`
 */
export function parseSize(text: string): number {
  const size = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(size)) throw badNote('a size is not a whole number below 2^53')
  return size
}

/** The whole note of a checkpoint, signed by its log. */
export function signCheckpoint({ size, root }: TreeHead, origin: string, signer: Signer): string {
  return signNote(formatCheckpoint({ origin, size, root }), origin, signer)
}

/**
 * Verifies a log's signature and gives what it says.
 * @param key - of the log; its name is the origin that the checkpoint must have
 * @throws {ProtocolError} `bad_note` or `bad_signature`
 * @see spec/clauses.md [LOG-3.2]
 */
export function openCheckpoint(note: string, key: NoteKey, verifier: Verifier): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, key, verifier))
  if (checkpoint.origin !== key.name) throw badNote(`it is of another log than ${key.name}`)
  return checkpoint
}

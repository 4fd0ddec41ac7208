/** What a log asks a witness (C2SP tlog-witness): to cosign a checkpoint that continues the last one it cosigned. */
import { toBase64 } from '../bytes.ts'
import { LIMITS } from '../limits.ts'
import { parseSize } from './checkpoint.ts'
import { HASH_BYTES } from './hash.ts'
import { badNote, exactBase64, parseNote } from './note.ts'

/** A request to cosign. */
export interface AddCheckpoint {
  /** Size of the checkpoint that the witness cosigned last, as far as the log knows; 0 for none. */
  readonly oldSize: number
  /** Proof of consistency from there, at most 63 hashes. */
  readonly path: readonly Uint8Array[]
  readonly note: string
}

/** The media type of the answer 409, which holds the witness's size in decimal and a newline. */
export const TLOG_SIZE_TYPE = 'text/x.tlog.size'

const PATH_MAX = 63
/** The first line, the proof and the empty line, each hash as 44 characters and a newline. */
const HEAD_LENGTH_MAX = 32 + PATH_MAX * 45

/** Characters of the longest request. */
export const ADD_CHECKPOINT_LENGTH_MAX: number = HEAD_LENGTH_MAX + LIMITS.noteBytesMax

/** The body of the request. */
export function formatAddCheckpoint({ oldSize, path, note }: AddCheckpoint): string {
  return `old ${oldSize}\n${path.map(node => `${toBase64(node)}\n`).join('')}\n${note}`
}

/**
 * Reads the body of a request. The note in it is a note; whether it is a checkpoint and whose is not looked at.
 * @throws {ProtocolError} `bad_note`
 * @see spec/clauses.md [LOG-6.2]
 */
export function parseAddCheckpoint(text: string): AddCheckpoint {
  if (text.length > ADD_CHECKPOINT_LENGTH_MAX) throw badNote('a request to cosign is too long')
  const end = text.indexOf('\n\n')
  const [old = '', ...hashes] = text.slice(0, Math.max(0, end)).split('\n')
  if (!old.startsWith('old ')) throw badNote("a request to cosign begins with 'old' and a size")
  if (hashes.length > PATH_MAX) throw badNote(`a request to cosign has at most ${PATH_MAX} hashes`)
  const oldSize = parseSize(old.slice('old '.length))
  const path = hashes.map(exactBase64)
  if (path.some(({ length }) => length !== HASH_BYTES)) throw badNote(`a hash does not have ${HASH_BYTES} bytes`)
  const note = text.slice(end + 2)
  parseNote(note)
  return { oldSize, path, note }
}

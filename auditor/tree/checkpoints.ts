/** What is signed: the log's own signature, and those of witnesses. */
import {
  type Checkpoint,
  equalBytes,
  type GenesisEntry,
  logKeyOf,
  logOrigin,
  messageOf,
  type NoteKey,
  type NoteSignature,
  openCheckpoint,
  ProtocolError,
  parseCheckpoint,
  parseNote,
  type Verifier,
  verifyCosignature,
} from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { AuditedCheckpoint, Cosignature } from '../report.ts'

/** Which keys are known from elsewhere. */
export interface TrustedKeys {
  /** The log's; null to take the one that its first entry names. */
  readonly log: NoteKey | null
  /** Witnesses that must have cosigned. */
  readonly witnesses: readonly NoteKey[]
  /** Witnesses whose line must be right where there is one. */
  readonly known: readonly NoteKey[]
}

const TIME_BYTES = 8
const COSIGNATURE_BYTES = 72

/**
 * Reads a checkpoint without believing it.
 * @throws {ProtocolError} `bad_note`
 */
export function readCheckpoint(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).body)
}

/**
 * Checks who signed a checkpoint.
 * @param genesis - the log's first entry; null when there is none
 */
export function checkSignature(
  note: string,
  genesis: GenesisEntry | null,
  keys: TrustedKeys,
  verifier: Verifier,
  problems: Problems,
): void {
  const own = genesis === null ? null : logKeyOf(logOrigin(genesis.regionId), genesis.publicKey)
  if (keys.log !== null && own !== null && !isSameKey(keys.log, own)) {
    const message = `The log is that of ${own.name} with the key of its first entry, and not that of ${keys.log.name} with the key that was given.`
    problems.add('checkpoint.key', 0, message)
  }
  const key = keys.log ?? own
  if (key === null) return
  try {
    openCheckpoint(note, key, verifier)
  } catch (error) {
    const isSigned = error instanceof ProtocolError && error.code === 'bad_signature'
    const rule = isSigned ? 'checkpoint.signature' : 'checkpoint.origin'
    problems.add(rule, null, `The checkpoint is not one of ${key.name}: ${messageOf(error)}`)
  }
}

/** Checks the cosignatures that can be checked, and lists them all. */
export function auditCheckpoint(
  note: string,
  checkpoint: Checkpoint,
  keys: TrustedKeys,
  verifier: Verifier,
  problems: Problems,
): AuditedCheckpoint {
  const times = new Map<NoteKey, number | null>()
  for (const key of [...keys.witnesses, ...keys.known]) times.set(key, verifyCosignature(note, key, verifier))
  for (const key of keys.witnesses) {
    if (times.get(key) !== null) continue
    problems.add('checkpoint.witness', null, `The checkpoint has no valid cosignature of ${key.name}.`)
  }
  const { signatures } = parseNote(note)
  const cosignatures: Cosignature[] = []
  for (const line of signatures.filter(({ name }) => name !== checkpoint.origin)) {
    const key = [...times.keys()].find(known => isLineOf(line, known))
    const verified = key === undefined ? false : (times.get(key) ?? null) !== null
    if (key !== undefined && !verified && !keys.witnesses.includes(key)) {
      problems.add('checkpoint.cosignature', null, `The cosignature of ${line.name} under the checkpoint is not valid.`)
    }
    cosignatures.push({ name: line.name, timeS: timeOf(line), verified })
  }
  return { ...checkpoint, cosignatures }
}

function timeOf({ bytes }: NoteSignature): number | null {
  if (bytes.length !== COSIGNATURE_BYTES) return null
  return Number(new DataView(bytes.buffer, bytes.byteOffset, TIME_BYTES).getBigUint64(0))
}

const isLineOf = (line: NoteSignature, key: NoteKey): boolean =>
  line.name === key.name && equalBytes(line.keyId, key.keyId)

const isSameKey = (a: NoteKey, b: NoteKey): boolean => a.name === b.name && equalBytes(a.publicKey, b.publicKey)

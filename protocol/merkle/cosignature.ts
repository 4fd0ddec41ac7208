/** Cosignatures (C2SP tlog-cosignature, v1 with Ed25519): a witness says at what time a checkpoint was the newest that it saw. */
import { concatBytes, equalBytes, utf8 } from '../bytes.ts'
import type { Signer, Verifier } from '../cose/sign1.ts'
import { assert } from '../errors.ts'
import type { RegionId } from '../ids.ts'
import {
  badNote,
  formatSignatureLine,
  NOTE_TYPE_WITNESS,
  type NoteKey,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
  signaturesOf,
  witnessKeyOf,
} from './note.ts'

const TIME_BYTES = 8
const SIGNATURE_BYTES = 64

/**
 * The name of a region as a witness of others.
 * @see spec/clauses.md [LOG-6.1]
 */
export function witnessName(region: RegionId): string {
  return `hedgerow/witness/${region}`
}

/**
 * A cosignature of a checkpoint, as a line with its newline.
 * @param body - the note's text, see `parseNote`
 * @param timeS - seconds since 1970
 * @param key - the witness's, never the key of a log
 * @see spec/clauses.md [LOG-6.1]
 */
export function cosign(body: string, timeS: number, key: { readonly name: string; readonly signer: Signer }): string {
  assert(Number.isSafeInteger(timeS) && timeS >= 0, 'a cosignature is of whole seconds')
  const { name, keyId } = witnessKeyOf(key.name, key.signer.publicKey)
  const time = new Uint8Array(TIME_BYTES)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeS))
  return formatSignatureLine({ name, keyId, bytes: concatBytes(time, key.signer.sign(cosignedBytes(body, timeS))) })
}

/**
 * When a witness cosigned a note, in seconds since 1970, or null when it did not or when a signature that claims to be its is not.
 * @param key - of type {@link NOTE_TYPE_WITNESS}
 * @throws {ProtocolError} `bad_note` when the text is no note
 * @see spec/clauses.md [LOG-6.1]
 */
export function verifyCosignature(note: string, key: NoteKey, verifier: Verifier): number | null {
  const parts = parseNote(note)
  if (key.type !== NOTE_TYPE_WITNESS) return null
  let newest: number | null = null
  for (const { bytes } of signaturesOf(parts, key)) {
    const timeS = cosignedAt(parts.body, bytes, key.publicKey, verifier)
    if (timeS === null) return null
    newest = Math.max(newest ?? 0, timeS)
  }
  return newest
}

function cosignedAt(body: string, bytes: Uint8Array, publicKey: Uint8Array, verifier: Verifier): number | null {
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return null
  const timeS = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  if (!Number.isSafeInteger(timeS)) return null
  return verifier.verify(publicKey, cosignedBytes(body, timeS), bytes.subarray(TIME_BYTES)) ? timeS : null
}

function cosignedBytes(body: string, timeS: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timeS}\n${body}`)
}

/**
 * A note with further lines of signatures; a line of a key that has signed already takes the place of its older line.
 * @param lines - as witnesses answer: one line or several, each with its newline
 * @throws {ProtocolError} `bad_note` when either is malformed
 */
export function addSignatureLines(note: string, lines: string): string {
  const { body, signatures } = parseNote(note)
  const added = parseSignatureLines(lines)
  const kept = [...signatures, ...added].filter(
    (line, i, all) => !all.slice(i + 1).some(later => isSameKey(line, later)),
  )
  const signed = `${body}\n${kept.map(formatSignatureLine).join('')}`
  parseNote(signed)
  return signed
}

/**
 * What a witness answers: lines of signatures, at least one.
 * @throws {ProtocolError} `bad_note`
 */
export function parseSignatureLines(lines: string): NoteSignature[] {
  if (!lines.endsWith('\n')) throw badNote('a line of signature ends with a newline')
  return lines.slice(0, -1).split('\n').map(parseSignatureLine)
}

function isSameKey(a: NoteSignature, b: NoteSignature): boolean {
  return a.name === b.name && equalBytes(a.keyId, b.keyId)
}

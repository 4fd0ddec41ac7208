/** Signed notes (C2SP signed-note): a text and lines of signatures below it. */
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '../bytes.ts'
import { assertStrictKey } from '../cose/key.ts'
import type { Signer, Verifier } from '../cose/sign1.ts'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { portableSha256 } from './hash.ts'

/** Signature types: Ed25519 over the note's text, and a witness's over the text and a time. */
export const NOTE_TYPE_LOG = 0x01
export const NOTE_TYPE_WITNESS = 0x04

/** A key that notes are checked with. */
export interface NoteKey {
  readonly name: string
  readonly type: number
  /** 4 bytes: with the name it says which signature is the key's. */
  readonly keyId: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

/** A line of signature. */
export interface NoteSignature {
  readonly name: string
  readonly keyId: Uint8Array
  /** What follows the key's id. */
  readonly bytes: Uint8Array
}

/** A note taken apart. */
export interface Note {
  /** What is signed, with the newline that ends it. */
  readonly body: string
  readonly signatures: readonly NoteSignature[]
}

const KEY_ID_BYTES = 4
/** Unicode spaces and the plus sign would end a name too early. */
const NAME = /^[^\s+\p{Cc}\p{Z}]+$/u
const CONTROL = /(?!\n)\p{Cc}/u

/** The key of a log, which is named by its origin. */
export function logKeyOf(origin: string, publicKey: Uint8Array): NoteKey {
  return noteKey(origin, NOTE_TYPE_LOG, publicKey)
}

/** The key of a witness. */
export function witnessKeyOf(name: string, publicKey: Uint8Array): NoteKey {
  return noteKey(name, NOTE_TYPE_WITNESS, publicKey)
}

function noteKey(name: string, type: number, publicKey: Uint8Array): NoteKey {
  if (!isName(name)) throw badNote('the name of a key is empty, too long, or holds a space or a plus sign')
  const keyId = portableSha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, KEY_ID_BYTES)
  return { name, type, keyId, publicKey }
}

function isName(name: string): boolean {
  return NAME.test(name) && name.isWellFormed() && utf8(name).length <= LIMITS.noteNameBytesMax
}

/** A key as text: its name, the hexadecimal id, and base64 of type and key, with plus signs between. */
export function formatVerifierKey({ name, type, keyId, publicKey }: NoteKey): string {
  return `${name}+${toHex(keyId)}+${toBase64(concatBytes(Uint8Array.of(type), publicKey))}`
}

/**
 * Reads the text of a key.
 * @throws {ProtocolError} `bad_note` for another form, an id that is not the key's, or a type that is neither a log's nor a
 *   witness's Ed25519; `bad_key` for a key that is refused everywhere
 */
export function parseVerifierKey(text: string): NoteKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text)
  if (match === null || text.length > LIMITS.noteBytesMax) throw badNote('a verifier key has the form name+id+key')
  const [, name = '', id = '', encoded = ''] = match
  const material = exactBase64(encoded)
  const type = material[0] ?? 0
  if (type !== NOTE_TYPE_LOG && type !== NOTE_TYPE_WITNESS)
    throw badNote('a verifier key is of a type that is not known')
  const publicKey = material.slice(1)
  assertStrictKey(publicKey)
  const key = noteKey(name, type, publicKey)
  if (!equalBytes(key.keyId, fromHex(id))) throw badNote('the id in a verifier key is not the id of the key')
  return key
}

/**
 * Takes a note apart, without verifying anything.
 * @throws {ProtocolError} `bad_note`
 * @see spec/clauses.md [LOG-3.1]
 */
export function parseNote(text: string): Note {
  if (text.length > LIMITS.noteBytesMax) throw badNote(`a note has at most ${LIMITS.noteBytesMax} bytes`)
  if (!text.isWellFormed() || CONTROL.test(text)) throw badNote('a note is plain text of lines')
  const end = text.lastIndexOf('\n\n')
  if (end < 1 || !text.endsWith('\n')) throw badNote('a note is a text, an empty line, and lines of signatures')
  const lines = text.slice(end + 2, -1).split('\n')
  if (lines.length > LIMITS.noteSignaturesMax)
    throw badNote(`a note has at most ${LIMITS.noteSignaturesMax} signatures`)
  return { body: text.slice(0, end + 1), signatures: lines.map(parseSignatureLine) }
}

/**
 * A line of signature taken apart.
 * @param line - without the newline that ends it
 * @throws {ProtocolError} `bad_note`
 */
export function parseSignatureLine(line: string): NoteSignature {
  const match = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line)
  const [, name = '', encoded = ''] = match ?? []
  if (match === null || !isName(name)) throw badNote('a line of signature is a dash, a name and base64')
  const bytes = exactBase64(encoded)
  if (bytes.length <= KEY_ID_BYTES) throw badNote('a signature is cut short')
  return { name, keyId: bytes.slice(0, KEY_ID_BYTES), bytes: bytes.slice(KEY_ID_BYTES) }
}

/** A line of signature, with its newline. */
export function formatSignatureLine({ name, keyId, bytes }: NoteSignature): string {
  return `\u2014 ${name} ${toBase64(concatBytes(keyId, bytes))}\n`
}

/**
 * Signs a text as a note of one signature.
 * @param body - ends with a newline
 */
export function signNote(body: string, name: string, signer: Signer): string {
  const { keyId } = logKeyOf(name, signer.publicKey)
  const note = `${body}\n${formatSignatureLine({ name, keyId, bytes: signer.sign(utf8(body)) })}`
  if (parseNote(note).body !== body) throw badNote('a text that is signed ends with a newline')
  return note
}

/**
 * The note's signatures that claim to be the key's, at least one.
 * @throws {ProtocolError} `bad_note` when there is none
 */
export function signaturesOf({ signatures }: Note, key: NoteKey): NoteSignature[] {
  return signatures.filter(({ name, keyId }) => name === key.name && equalBytes(keyId, key.keyId))
}

/**
 * Verifies a note and gives its text.
 * @param key - of type {@link NOTE_TYPE_LOG}
 * @throws {ProtocolError} `bad_note` when the text is no note or has no signature of the key, `bad_signature` when a signature that
 *   claims to be the key's is not
 * @see spec/clauses.md [LOG-3.1]
 */
export function openNote(text: string, key: NoteKey, verifier: Verifier): string {
  const note = parseNote(text)
  const signatures = signaturesOf(note, key)
  if (key.type !== NOTE_TYPE_LOG || signatures.length === 0) throw badNote(`it has no signature of ${key.name}`)
  const message = utf8(note.body)
  if (!signatures.every(({ bytes }) => verifier.verify(key.publicKey, message, bytes))) {
    throw new ProtocolError({ code: 'bad_signature' }, `The signature of ${key.name} on the note is not valid.`)
  }
  return note.body
}

/** Base64 that is written in the one way there is. */
export function exactBase64(text: string): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = fromBase64(text)
  } catch (cause) {
    throw badNote('base64 is damaged', cause)
  }
  if (toBase64(bytes) !== text) throw badNote('base64 is not written in its one form')
  return bytes
}

/** The failure of a text that is no note, checkpoint or message of witnesses. */
export function badNote(reason: string, cause?: unknown): ProtocolError {
  const options = cause === undefined ? undefined : { cause }
  return new ProtocolError({ code: 'bad_note', reason }, `The note is refused: ${reason}.`, options)
}

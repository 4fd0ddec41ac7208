/** Untagged COSE_Sign1 (RFC 9052 §4.2) with Ed25519 (RFC 9864, alg -19) and the one header that this protocol uses. */
import { equalBytes, utf8 } from '../bytes.ts'
import { byteStringBytes, decode, writeByteString } from '../cbor/index.ts'
import { CborScanner } from '../cbor/skim.ts'
import { ProtocolError } from '../errors.ts'

/** Signs with one key. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** @returns 64 bytes, the same for the same message */
  sign(message: Uint8Array): Uint8Array
}

/**
 * Decides whether a signature is valid. All implementations give the same verdict: the key passes {@link assertStrictKey}, S < L, R
 * is not the identity, and the encoding of S·B − k·A equals R byte for byte.
 */
export interface Verifier {
  /** Never throws: whatever is malformed is invalid. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** The same as {@link Verifier}, on another thread. */
export interface BackgroundVerifier {
  /** Calls `done` once, later; calls may be answered in another order than they came. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, done: (isValid: boolean) => void): void
}

/** A COSE_Sign1 taken apart. All are views of the frame. */
export interface Sign1Parts {
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/** {1: -19}. */
const PROTECTED = Uint8Array.of(0xa1, 0x01, 0x32)
const ARRAY_OF_4 = 0x84
const EMPTY_MAP = 0xa0
const SIGNATURE_BYTES = 64
const STRUCTURE_HEAD = Uint8Array.of(ARRAY_OF_4, 0x6a, ...utf8('Signature1'))

/** The bytes that a signature covers: Sig_structure of RFC 9052 §4.4. */
export function sigStructure(protectedHeader: Uint8Array, aad: Uint8Array, payload: Uint8Array): Uint8Array {
  const strings = [protectedHeader, aad, payload]
  let size = STRUCTURE_HEAD.length
  for (const string of strings) size += byteStringBytes(string.length)
  const bytes = new Uint8Array(size)
  bytes.set(STRUCTURE_HEAD)
  let at = STRUCTURE_HEAD.length
  for (const string of strings) at = writeByteString(bytes, at, string)
  return bytes
}

/**
 * Signs a payload.
 * @param payload - deterministic CBOR, carried as it is
 * @param aad - what the frame is bound to beside its bytes, see {@link frameAad}
 * @returns the frame: payload and 74 to 78 bytes around it
 */
export function sign1(payload: Uint8Array, aad: Uint8Array, signer: Signer): Uint8Array {
  const signature = signer.sign(sigStructure(PROTECTED, aad, payload))
  const size =
    2 + byteStringBytes(PROTECTED.length) + byteStringBytes(payload.length) + byteStringBytes(SIGNATURE_BYTES)
  const frame = new Uint8Array(size)
  frame[0] = ARRAY_OF_4
  let at = writeByteString(frame, 1, PROTECTED)
  frame[at++] = EMPTY_MAP
  at = writeByteString(frame, at, payload)
  writeByteString(frame, at, signature)
  return frame
}

/**
 * Verifies a frame and gives its payload, as received and not yet looked at.
 * @throws {ProtocolError} `bad_frame` when it is no COSE_Sign1 of this protocol, `bad_algorithm` when its header names another
 *   algorithm, `bad_signature` when the key did not sign these bytes for this place
 */
export function openSign1(frame: Uint8Array, aad: Uint8Array, publicKey: Uint8Array, verifier: Verifier): Uint8Array {
  const { payload, message, signature } = takeSign1(frame, aad)
  if (!verifier.verify(publicKey, message, signature)) {
    const text = 'The signature of the frame is not valid for this key and this topic.'
    throw new ProtocolError({ code: 'bad_signature' }, text)
  }
  return payload
}

/**
 * Takes a frame apart for somebody who verifies it later: its payload counts only once `signature` is valid for `message`.
 * @throws {ProtocolError} `bad_frame` or `bad_algorithm`
 */
export function takeSign1(frame: Uint8Array, aad: Uint8Array): Sign1Parts & { readonly message: Uint8Array } {
  const { payload, signature } = peekSign1(frame)
  return { payload, signature, message: sigStructure(PROTECTED, aad, payload) }
}

/**
 * Takes a frame apart without verifying it: for CONNECT, which carries the key that it is signed with.
 * @throws {ProtocolError} `bad_frame` or `bad_algorithm`
 */
export function peekSign1(frame: Uint8Array): Sign1Parts {
  const scanner = new CborScanner(frame, 4)
  if (!scanner.literal(ARRAY_OF_4)) refuseFrame('it is not an untagged array of four')
  const header = nextString(scanner, 'protected header')
  if (!equalBytes(header, PROTECTED)) refuseHeader(header)
  if (!scanner.literal(EMPTY_MAP)) refuseFrame('its unprotected header is not the empty map')
  const payload = nextString(scanner, 'payload')
  const signature = nextString(scanner, 'signature')
  if (signature.length !== SIGNATURE_BYTES) refuseFrame('its signature does not have 64 bytes')
  if (scanner.at !== frame.length) refuseFrame('bytes follow it')
  return { payload, signature }
}

function nextString(scanner: CborScanner, what: string): Uint8Array {
  try {
    return scanner.byteString()
  } catch (cause) {
    return refuseFrame(`its ${what} is not a byte string`, cause)
  }
}

function refuseHeader(header: Uint8Array): never {
  let decoded: unknown
  try {
    decoded = decode(header)
  } catch (cause) {
    return refuseFrame('its protected header is not CBOR', cause)
  }
  if (decoded instanceof Map && decoded.size === 1 && decoded.has(1)) {
    throw new ProtocolError({ code: 'bad_algorithm' }, 'The frame names another algorithm than Ed25519 (-19).')
  }
  return refuseFrame('its protected header holds more or less than the algorithm')
}

function refuseFrame(reason: string, cause?: unknown): never {
  const message = `The bytes are not a frame of this protocol: ${reason}.`
  throw new ProtocolError({ code: 'bad_frame', reason }, message, cause === undefined ? undefined : { cause })
}

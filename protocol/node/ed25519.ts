/** Ed25519 through Node's OpenSSL, about ten times as fast as the portable path and with the same verdicts. */
import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { concatBytes, fromHex } from '../bytes.ts'
import { strictKeyPoint } from '../cose/key.ts'
import { isIdentity } from '../cose/portable.ts'
import type { Signer, Verifier } from '../cose/sign1.ts'
import { assert } from '../errors.ts'
import type { Random } from '../random.ts'

const SEED_BYTES = 32
/** Head of a public key's DER form, up to its 32 bytes (RFC 8410 §4). */
export const SPKI_HEAD = fromHex('302a300506032b6570032100')
/** The same for a secret seed (RFC 8410 §7). */
const PKCS8_HEAD = fromHex('302e020100300506032b657004220420')
/** Two for each device of a large region, so that a reconnecting fleet does not push its own keys out. */
export const KEYS_MAX = 20_000

interface CachedKey {
  readonly object: KeyObject
  /** Whether the key passed the strict check; unknown until a first signature verifies under it. */
  strict: boolean | undefined
}

/** A new secret seed. */
export function generateSeed(random: Random): Uint8Array {
  return random.bytes(SEED_BYTES)
}

/** A signer made of a 32-byte secret seed (RFC 8032 §5.1.5). */
export function nodeSigner(seed: Uint8Array): Signer {
  assert(seed.length === SEED_BYTES, 'an Ed25519 seed has 32 bytes')
  const der = Buffer.from(concatBytes(PKCS8_HEAD, seed))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const publicKey = Uint8Array.from(spki.subarray(SPKI_HEAD.length))
  return { publicKey, sign: message => plain(signBytes(null, message, key)) }
}

/**
 * The strict rule of {@link Verifier}. OpenSSL itself compares R bytewise and refuses S ≥ L, but accepts keys with a torsion
 * part and, before 3.5, of small order; those are refused here, once per key, and only after OpenSSL found the signature good, since
 * checking a key costs several times as much and strangers may send any number of keys.
 * @param keysMax - keys remembered, the least recently used go first
 */
export function nodeVerifier(keysMax: number = KEYS_MAX): Verifier {
  const keys = new Map<string, CachedKey>()
  return {
    verify(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64 || isIdentity(signature)) return false
      const key = lookUp(keys, keysMax, publicKey)
      if (key.strict === false || !verifyBytes(null, message, key.object, signature)) return false
      key.strict ??= strictKeyPoint(publicKey) !== null
      return key.strict
    },
  }
}

function lookUp(keys: Map<string, CachedKey>, keysMax: number, publicKey: Uint8Array): CachedKey {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength).toString('latin1')
  const known = keys.get(name)
  if (known !== undefined) {
    keys.delete(name)
    keys.set(name, known)
    return known
  }
  const [oldest] = keys.size < keysMax ? [] : keys.keys()
  if (oldest !== undefined) keys.delete(oldest)
  const key = { object: importKey(publicKey), strict: undefined }
  keys.set(name, key)
  return key
}

/** OpenSSL takes any 32 bytes here; those that are no point make every verification fail. */
function importKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(concatBytes(SPKI_HEAD, publicKey)), format: 'der', type: 'spki' })
}

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

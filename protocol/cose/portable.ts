/** Ed25519 in plain JavaScript: for browsers, and to check that Node's OpenSSL gives the same verdicts. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes, toHex } from '../bytes.ts'
import { type KeyPoint, strictKeyPoint } from './key.ts'
import type { Signer, Verifier } from './sign1.ts'

const { BASE, Fn } = ed25519.Point
const GROUP_ORDER = Fn.ORDER
const KEYS_MAX = 1_024

/**
 * A signer made of a 32-byte secret seed (RFC 8032 §5.1.5).
 * @throws when the seed does not have 32 bytes
 */
export function portableSigner(seed: Uint8Array): Signer {
  const secret = Uint8Array.from(seed)
  return { publicKey: ed25519.getPublicKey(secret), sign: message => ed25519.sign(message, secret) }
}

/** The strict rule of {@link Verifier}. Remembers the keys used last, since checking a key costs as much as a signature. */
export function portableVerifier(): Verifier {
  const keys = new Map<string, KeyPoint | null>()
  const pointOf = (publicKey: Uint8Array): KeyPoint | null => {
    const name = toHex(publicKey)
    const known = keys.get(name)
    if (known !== undefined) return known
    if (keys.size >= KEYS_MAX) keys.clear()
    const point = strictKeyPoint(publicKey)
    keys.set(name, point)
    return point
  }
  return {
    verify(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      const s = littleEndian(signature.subarray(32))
      const r = signature.subarray(0, 32)
      if (s >= GROUP_ORDER || isIdentity(r)) return false
      const point = pointOf(publicKey)
      if (point === null) return false
      const k = littleEndian(sha512(concatBytes(r, publicKey, message))) % GROUP_ORDER
      const expected = BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k))
      return equalBytes(expected.toBytes(), r)
    },
  }
}

/** Whether R encodes the neutral point. Such a signature gives its secret away, and other verifiers refuse it. */
export function isIdentity(r: Uint8Array): boolean {
  if (r[0] !== 1) return false
  for (let i = 1; i < 32; i++) if (r[i] !== 0) return false
  return true
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`)
}

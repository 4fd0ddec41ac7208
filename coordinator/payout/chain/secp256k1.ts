/** The signatures of Ethereum. The one file that knows the library for them. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { concatBytes } from '../../../protocol/index.ts'
import { addressOfBytes } from './address.ts'
import { keccak256 } from './keccak.ts'

const RAW = { prehash: false } as const
/** What Ethereum adds to the recovery bit in the last byte of a signature. */
const V_BASE = 27

/** Whether 32 bytes are a secret key: from 1 to below the order of the curve, which all but one seed in 2^127 are. */
export function isSecretKey(seed: Uint8Array): boolean {
  return secp256k1.utils.isValidSecretKey(seed)
}

/** The address of a secret key: the last 20 bytes of the hash of its public key. */
export function addressOfKey(secretKey: Uint8Array): string {
  return addressOfPublicKey(secp256k1.getPublicKey(secretKey, false))
}

/** Signs a 32-byte digest: r, s and v, 65 bytes, s in its lower half. The same digest always gives the same (RFC 6979). */
export function signDigest(digest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const signature = secp256k1.sign(digest, secretKey, { ...RAW, lowS: true, format: 'recovered' })
  return concatBytes(signature.subarray(1), Uint8Array.of(V_BASE + (signature[0] ?? 0)))
}

/** The address whose key made a signature; null when none did, or when its s is the high one, which the contract refuses. */
export function signerOf(digest: Uint8Array, signature: Uint8Array): string | null {
  const recovery = (signature[64] ?? 0) - V_BASE
  if (signature.length !== 65 || (recovery !== 0 && recovery !== 1)) return null
  try {
    const parts = concatBytes(Uint8Array.of(recovery), signature.subarray(0, 64))
    if (secp256k1.Signature.fromBytes(parts, 'recovered').hasHighS()) return null
    const point = secp256k1.Point.fromBytes(secp256k1.recoverPublicKey(parts, digest, RAW))
    return addressOfPublicKey(point.toBytes(false))
  } catch {
    // The library says in many ways that there is no such key.
    return null
  }
}

/** @param publicKey - uncompressed: a byte that says so, and 64 of the point */
function addressOfPublicKey(publicKey: Uint8Array): string {
  return addressOfBytes(keccak256(publicKey.subarray(1)).subarray(12))
}

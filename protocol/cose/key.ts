/** Ed25519 public keys: which are acceptable, and the names derived from them. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, fromHex, toBase32 } from '../bytes.ts'
import { ProtocolError } from '../errors.ts'
import { type DeviceId, deviceId, type RegionId, regionId } from '../ids.ts'

/** A point of the curve, as the library holds it. */
export type KeyPoint = ReturnType<typeof ed25519.Point.fromBytes>

/** The deterministic COSE_Key {1: 1, -1: 6, -2: <32 bytes>} up to the key itself. */
const COSE_KEY_HEAD = fromHex('a301012006215820')
const MULTICODEC_ED25519 = Uint8Array.of(0xed, 0x01)
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const ID_BYTES = 16

/**
 * States that bytes are a key that fits exactly one secret: canonical, not of small order, without a torsion part. With any
 * other key one signature can fit many messages, or fit for one verifier and not for another.
 * Costs about a millisecond: do it once per key.
 * @returns the key's point
 * @throws {ProtocolError} `bad_key`
 */
export function assertStrictKey(publicKey: Uint8Array): KeyPoint {
  if (publicKey.length !== 32) refuse('length', 'it must have 32 bytes')
  let point: KeyPoint
  try {
    point = ed25519.Point.fromBytes(publicKey, false)
  } catch {
    return refuse('non_canonical', 'it is not the canonical encoding of a point of the curve')
  }
  if (point.isSmallOrder()) refuse('small_order', 'its order is small, so signatures under it prove nothing')
  if (!point.isTorsionFree()) refuse('torsion', 'it has a torsion part, on which verifiers disagree')
  return point
}

/** The key's point, or null for a key that {@link assertStrictKey} refuses. */
export function strictKeyPoint(publicKey: Uint8Array): KeyPoint | null {
  try {
    return assertStrictKey(publicKey)
  } catch {
    return null
  }
}

function refuse(reason: 'length' | 'non_canonical' | 'small_order' | 'torsion', why: string): never {
  throw new ProtocolError({ code: 'bad_key', reason }, `The Ed25519 public key is refused: ${why}.`)
}

/** SHA-256 thumbprint of the key's COSE_Key (RFC 9679), 32 bytes. The key is taken as it is: check it where it enters. */
export function keyThumbprint(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== 32) refuse('length', 'it must have 32 bytes')
  return sha256(concatBytes(COSE_KEY_HEAD, publicKey))
}

/** The device's id: base32 of the first 16 bytes of {@link keyThumbprint}. */
export function deviceIdOf(publicKey: Uint8Array): DeviceId {
  return deviceId(toBase32(keyThumbprint(publicKey).subarray(0, ID_BYTES)))
}

/** The region's id, made as a device's is. */
export function regionIdOf(publicKey: Uint8Array): RegionId {
  return regionId(toBase32(keyThumbprint(publicKey).subarray(0, ID_BYTES)))
}

/** The `did:key` of the key, for display (W3C did:key: multicodec 0xed, base58btc). */
export function didKey(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) refuse('length', 'it must have 32 bytes')
  let value = 0n
  for (const byte of concatBytes(MULTICODEC_ED25519, publicKey)) value = value * 256n + BigInt(byte)
  let digits = ''
  for (; value > 0n; value /= 58n) digits = BASE58.charAt(Number(value % 58n)) + digits
  return `did:key:z${digits}`
}

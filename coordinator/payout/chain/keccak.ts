/** The hash of Ethereum. The one file that knows the library for it. */
import { keccak_256 } from '@noble/hashes/sha3.js'

/** Keccak-256, 32 bytes: SHA-3 before it was standardised, with another padding. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes)
}

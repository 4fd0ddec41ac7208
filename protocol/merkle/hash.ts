/** The hashes of an RFC 9162 tree, and the hash function that they are made with. */
import { sha256 } from '@noble/hashes/sha2.js'
import { ProtocolError } from '../errors.ts'

/** SHA-256: 32 bytes of any bytes. */
export type Hash = (bytes: Uint8Array) => Uint8Array

/** SHA-256 in plain JavaScript, for browsers. Node's own is several times as fast. */
export const portableSha256: Hash = bytes => sha256(bytes)

/** Bytes of every hash in a tree. */
export const HASH_BYTES = 32

/** A tree of so many entries, by its root. */
export interface TreeHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/**
 * The hash of an entry, which no inner node can have.
 * @see spec/clauses.md [LOG-2.1]
 */
export function leafHash(hash: Hash, entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length)
  bytes.set(entry, 1)
  return hash(bytes)
}

/**
 * The hash of an inner node.
 * @param left - 32 bytes, as is `right`
 * @see spec/clauses.md [LOG-2.1]
 */
export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 1 + HASH_BYTES)
  return hash(bytes)
}

/** The root of the tree without entries. */
export function emptyRoot(hash: Hash): Uint8Array {
  return hash(new Uint8Array())
}

/** The failure of a proof that does not prove what it is for. */
export function badProof(reason: string): ProtocolError {
  return new ProtocolError({ code: 'bad_proof', reason }, `The proof is refused: ${reason}.`)
}

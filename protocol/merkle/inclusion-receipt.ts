/**
 * Receipts of inclusion (RFC 9942 with RFC9162_SHA256): a signature over the root of a log, and the way there from one of its entries.
 * The root itself does not travel, so whoever checks a receipt has to find it.
 */
import { equalBytes } from '../bytes.ts'
import { type CborKey, type CborValue, decode, encode } from '../cbor/index.ts'
import { type Signer, sigStructure, type Verifier } from '../cose/sign1.ts'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { badProof, HASH_BYTES, type Hash, type TreeHead } from './hash.ts'
import { type Inclusion, rootOfInclusion } from './proofs.ts'

/** Which entry a receipt is of, and the tree it is in. */
export interface InclusionReceipt extends TreeHead {
  readonly index: number
}

/** {1: -19, 395: 1}: Ed25519, and the tree of RFC 9162 with SHA-256. */
const PROTECTED = Uint8Array.of(0xa2, 0x01, 0x32, 0x19, 0x01, 0x8b, 0x01)
const PROOFS = 396
const INCLUSION = -1
const SIGNATURE_BYTES = 64
/** One for each level of a tree of 2^53 entries. */
const PATH_MAX = 53
const NO_AAD = new Uint8Array()

/**
 * Signs a receipt with the key that signs the log's checkpoints.
 * @see spec/clauses.md [LOG-5.1]
 */
export function encodeInclusionReceipt(
  { root, size, index, path }: Omit<Inclusion, 'leaf'>,
  signer: Signer,
): Uint8Array {
  const proof = encode([size, index, [...path]])
  const signature = signer.sign(sigStructure(PROTECTED, NO_AAD, root))
  const proofs = new Map<CborKey, CborValue>([[INCLUSION, [proof]]])
  return encode([PROTECTED, new Map<CborKey, CborValue>([[PROOFS, proofs]]), null, signature])
}

/**
 * Checks that the key signed the root of a tree that holds the entry.
 * @param leaf - the entry's leaf hash
 * @throws {ProtocolError} `bad_cbor` or `bad_proof` when the bytes are no receipt or lead nowhere, `bad_signature` when the key
 *   did not sign the root to which they lead
 * @see spec/clauses.md [LOG-5.1]
 */
export function openInclusionReceipt(
  bytes: Uint8Array,
  leaf: Uint8Array,
  publicKey: Uint8Array,
  verifier: Verifier,
  hash: Hash,
): InclusionReceipt {
  const { size, index, path, signature } = readReceipt(bytes)
  const root = rootOfInclusion(hash, { index, size, leaf, path })
  if (!verifier.verify(publicKey, sigStructure(PROTECTED, NO_AAD, root), signature)) {
    const message = 'The signature of the receipt is not valid: the entry is not in a tree that this key signed.'
    throw new ProtocolError({ code: 'bad_signature' }, message)
  }
  return { size, index, root }
}

function readReceipt(bytes: Uint8Array): Pick<Inclusion, 'size' | 'index' | 'path'> & { signature: Uint8Array } {
  const parts = listOf(decode(bytes, { maxBytes: LIMITS.receiptProofBytesMax }), 4, 'it is not an array of four')
  const [header, proofs, payload, signature] = parts
  if (!(header instanceof Uint8Array) || !equalBytes(header, PROTECTED))
    throw badProof('its protected header is another')
  if (payload !== null) throw badProof('it carries a payload')
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    throw badProof(`its signature does not have ${SIGNATURE_BYTES} bytes`)
  }
  const [proof] = listOf(only(only(proofs, PROOFS), INCLUSION), 1, 'it does not hold one proof of inclusion')
  if (!(proof instanceof Uint8Array)) throw badProof('its proof is not a byte string')
  return { ...readProof(decode(proof)), signature }
}

function readProof(value: CborValue): Pick<Inclusion, 'size' | 'index' | 'path'> {
  const [size, index, path] = listOf(value, 3, 'its proof is not an array of three')
  if (typeof size !== 'number' || typeof index !== 'number') throw badProof('its proof has no size or no index')
  if (!Array.isArray(path) || path.length > PATH_MAX)
    throw badProof(`its path is not a list of at most ${PATH_MAX} hashes`)
  const hashes: readonly CborValue[] = path
  return { size, index, path: hashes.map(hashOf) }
}

function hashOf(value: CborValue): Uint8Array {
  if (value instanceof Uint8Array && value.length === HASH_BYTES) return value
  throw badProof(`a hash of its path does not have ${HASH_BYTES} bytes`)
}

function listOf(value: CborValue | undefined, length: number, reason: string): readonly CborValue[] {
  if (Array.isArray(value) && value.length === length) return value
  throw badProof(reason)
}

/** The value of a map with one entry. */
function only(value: CborValue | undefined, key: number): CborValue | undefined {
  if (value instanceof Map && value.size === 1) {
    const map: ReadonlyMap<CborKey, CborValue> = value
    return map.get(key)
  }
  throw badProof('its unprotected header holds more or less than the proof')
}

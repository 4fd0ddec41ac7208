/** A receipt that has been checked, and what two of them say about each other. */
import {
  type DeviceId,
  decodeEntry,
  encode,
  equalBytes,
  type Hash,
  leafHash,
  openInclusionReceipt,
  ProtocolError,
  type ReceiptEntry,
  type TreeHead,
  type Verifier,
} from '../../protocol/index.ts'

/** A receipt as its bytes: the entry of the log and the proof that it is there. */
export interface ReceiptBytes {
  readonly entry: Uint8Array
  readonly proof: Uint8Array
}

/** A receipt that the region signed and that is in a tree whose root the region signed. */
export interface KeptReceipt {
  readonly bytes: ReceiptBytes
  readonly says: ReceiptEntry
  /** Where the entry is, and in which tree. */
  readonly index: number
  readonly head: TreeHead
}

/** What receipts are checked with. */
export interface ReceiptTrust {
  readonly device: DeviceId
  readonly regionKey: Uint8Array
  readonly verifier: Verifier
  readonly hash: Hash
}

/** How a second receipt cannot be true beside a first. */
export type Contradiction =
  /** A later one has a lower total. */
  | 'total_fell'
  /** Two of one number say different things. */
  | 'two_of_one_number'
  /** Two trees of one size have different roots. */
  | 'two_trees'

const TOTALS = ['earnedMicro', 'lostMicro', 'releasedMicro', 'paidOutMicro'] as const

/**
 * Checks that a receipt is this device's and that the region signed it.
 * @throws {ProtocolError} `bad_cbor`, `bad_message`, `bad_proof` or `bad_signature`
 * @see spec/clauses.md [LOG-5.2]
 */
export function openReceipt({ entry, proof }: ReceiptBytes, trust: ReceiptTrust): KeptReceipt {
  const { device, regionKey, verifier, hash } = trust
  const says = decodeEntry(entry)
  if (says.type !== 'receipt') throw refused('entry', 'must be a receipt')
  if (says.device !== device) throw refused('device', 'must be this device')
  const { size, index, root } = openInclusionReceipt(proof, leafHash(hash, entry), regionKey, verifier, hash)
  return { bytes: { entry: entry.slice(), proof: proof.slice() }, says, index, head: { size, root } }
}

/**
 * What is wrong between two receipts of one device, or null. The order does not matter.
 * @see spec/clauses.md [LOG-5.3]
 */
export function contradictionOf(one: KeptReceipt, other: KeptReceipt): Contradiction | null {
  if (one.head.size === other.head.size && !equalBytes(one.head.root, other.head.root)) return 'two_trees'
  const [first, second] = one.says.seq <= other.says.seq ? [one.says, other.says] : [other.says, one.says]
  if (first.seq === second.seq) return TOTALS.some(name => first[name] !== second[name]) ? 'two_of_one_number' : null
  return TOTALS.some(name => first[name] > second[name]) ? 'total_fell' : null
}

/** Two receipts that contradict each other as one piece of CBOR, which proves it to anybody who has the region's key. */
export function encodeEvidence(one: ReceiptBytes, other: ReceiptBytes): Uint8Array {
  return encode([
    [one.entry, one.proof],
    [other.entry, other.proof],
  ])
}

function refused(field: string, reason: string): ProtocolError {
  const message = `The receipt is refused: its ${field} ${reason}.`
  return new ProtocolError({ code: 'bad_message', message: 'receipt', field, reason }, message)
}

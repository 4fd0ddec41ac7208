/** All that a device has ever had, as an entry of the public log and the proof that it is there. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'

export interface Receipt {
  session: number
  /** A `receipt` entry as its bytes, see `decodeEntry`. */
  entry: Uint8Array
  /** An inclusion receipt, see `openInclusionReceipt`. */
  proof: Uint8Array
}

/** The payload of a receipt. */
export function encodeReceipt({ session, entry, proof }: Receipt): Uint8Array {
  return encode([session, entry, proof])
}

/**
 * Reads a receipt. Entry and proof are views of `bytes`, and not looked into.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [LOG-5.2]
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const read = Reader.open('receipt', bytes, 3)
  return {
    session: read.uint('session'),
    entry: read.bytesUpTo('entry', LIMITS.receiptEntryBytesMax, 1),
    proof: read.bytesUpTo('proof', LIMITS.receiptProofBytesMax, 1),
  }
}

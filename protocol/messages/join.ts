/** A stranger's request to be enrolled, carrying the proof that it holds a claim. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'
import { clipText } from './text.ts'

export interface Join {
  /** The counter of the CONNECT this connection was opened with. */
  session: number
  /** 8 bytes that name the claim; see `claimId`. */
  claimId: Uint8Array
  /** 32 bytes that only a holder of the claim's secret can make; see `claimProof`. */
  proof: Uint8Array
  /** The owner's name for the device. */
  label: string
}

/** The payload of a join. A label too long for the wire is cut. */
export function encodeJoin(join: Join): Uint8Array {
  return encode([join.session, join.claimId, join.proof, clipText(join.label, LIMITS.labelBytesMax)])
}

/**
 * Reads a join.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [JOIN-1.1]
 */
export function decodeJoin(bytes: Uint8Array): Join {
  const read = Reader.open('join', bytes, 4)
  return {
    session: read.uint('session'),
    claimId: read.bytes('claimId', 8),
    proof: read.bytes('proof', 32),
    label: read.text('label', LIMITS.labelBytesMax),
  }
}

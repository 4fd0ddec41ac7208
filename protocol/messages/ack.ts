/** The receipt a device may forget by: what these result frames carried is on the coordinator's stable storage. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'

export interface Ack {
  session: number
  /** The `seq` of each result frame, accepted or not. */
  seqs: readonly number[]
}

/** The payload of an ack. */
export function encodeAck(ack: Ack): Uint8Array {
  return encode([ack.session, ack.seqs])
}

/**
 * Reads an ack.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [RESULT-3.1]
 */
export function decodeAck(bytes: Uint8Array): Ack {
  const read = Reader.open('ack', bytes, 2)
  return { session: read.uint('session'), seqs: read.uints('seqs', LIMITS.ackSeqsMax) }
}

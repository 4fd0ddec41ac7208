/** Leases whose results nobody needs any more. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'

export interface Cancel {
  session: number
  leaseIds: readonly number[]
}

/** The payload of a cancel. */
export function encodeCancel(cancel: Cancel): Uint8Array {
  return encode([cancel.session, cancel.leaseIds])
}

/**
 * Reads a cancel.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 */
export function decodeCancel(bytes: Uint8Array): Cancel {
  const read = Reader.open('cancel', bytes, 2)
  return { session: read.uint('session'), leaseIds: read.uints('leaseIds', LIMITS.grantsPerFrameMax) }
}

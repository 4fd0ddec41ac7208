/** A device's heartbeat: how much work it wants, how much it has, and why it takes none. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'
import { clipText } from './text.ts'

export interface Status {
  session: number
  seq: number
  /** Leases it wants to hold, running or waiting; 0 takes no work. */
  creditLeases: number
  runningLeases: number
  /** Why it takes no work; empty while it works. */
  reason: string
}

/** The payload of a status. A reason too long for the wire is cut. */
export function encodeStatus(status: Status): Uint8Array {
  const reason = clipText(status.reason, LIMITS.reasonBytesMax)
  return encode([status.session, status.seq, status.creditLeases, status.runningLeases, reason])
}

/**
 * Reads a status.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [SESSION-2.1]
 */
export function decodeStatus(bytes: Uint8Array): Status {
  const read = Reader.open('status', bytes, 5)
  return {
    session: read.uint('session'),
    seq: read.uint('seq'),
    creditLeases: read.uint('creditLeases', 0, LIMITS.creditLeasesMax),
    runningLeases: read.uint('runningLeases', 0, LIMITS.creditLeasesMax),
    reason: read.text('reason', LIMITS.reasonBytesMax),
  }
}

/** The coordinator's answer to a join or a hello. */
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'
import { clipText } from './text.ts'

/** How a device stands with a region. Only `joined` gets work. */
export type Standing =
  | 'joined'
  | 'claim_unknown'
  | 'claim_used'
  | 'claim_expired'
  | 'not_enrolled'
  | 'revoked'
  | 'caught'
  | 'region_full'

/** Standings by their number on the wire. */
export const STANDINGS: readonly Standing[] = [
  'joined',
  'claim_unknown',
  'claim_used',
  'claim_expired',
  'not_enrolled',
  'revoked',
  'caught',
  'region_full',
]

export interface Welcome {
  session: number
  /** The coordinator's wall clock; a hint for devices without one, never used for ordering. */
  coordinatorWallMs: number
  /** The region's Ed25519 key. Its thumbprint must be the one the claim pinned. */
  regionKey: Uint8Array
  standing: Standing
  /** Where blobs are fetched from and put to. */
  blobUrl: string
  /** Interval at which the device is to send its status. */
  heartbeatMs: number
  /** Why the standing is what it is; empty when joined. */
  reason: string
}

/** The payload of a welcome. A reason too long for the wire is cut. */
export function encodeWelcome(welcome: Welcome): Uint8Array {
  const { session, coordinatorWallMs, regionKey, standing, blobUrl, heartbeatMs } = welcome
  const reason = clipText(welcome.reason, LIMITS.reasonBytesMax)
  return encode([session, coordinatorWallMs, regionKey, STANDINGS.indexOf(standing), blobUrl, heartbeatMs, reason])
}

/**
 * Reads a welcome.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [JOIN-2.1]
 */
export function decodeWelcome(bytes: Uint8Array): Welcome {
  const read = Reader.open('welcome', bytes, 7)
  return {
    session: read.uint('session'),
    coordinatorWallMs: read.uint('coordinatorWallMs'),
    regionKey: read.bytes('regionKey', 32),
    standing: read.choice('standing', STANDINGS),
    blobUrl: read.text('blobUrl', LIMITS.urlBytesMax),
    heartbeatMs: read.uint('heartbeatMs', 1),
    reason: read.text('reason', LIMITS.reasonBytesMax),
  }
}

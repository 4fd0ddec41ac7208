/** What a device states apart from its connection, by its signature alone. */
import { type CborValue, encode } from '../cbor/index.ts'
import { type CampaignId, campaignId } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from '../messages/read.ts'
import { clipText } from '../messages/text.ts'
import { READING_ID_BYTES, readingIdBytes, sensorIdFromBytes } from '../readings/ids.ts'
import type { SensorId } from '../readings/types.ts'

/** A statement. Its `seq` is larger than in every statement of the device before, so none is taken twice. */
export type Statement =
  /** My earnings go to this address of 20 bytes. */
  | { readonly kind: 'payout-address'; readonly seq: number; readonly address: Uint8Array }
  /** What was decided about this lease of mine is wrong. */
  | { readonly kind: 'dispute-lease'; readonly seq: number; readonly lease: number; readonly reason: string }
  /** What was decided about readings of my sensor is wrong. */
  | {
      readonly kind: 'dispute-verdict'
      readonly seq: number
      readonly campaign: CampaignId
      readonly windowMs: number
      readonly sensor: SensorId
      readonly reason: string
    }
  /** I work for no less: for 10^9 fuel, and for an accepted reading. */
  | {
      readonly kind: 'price-floor'
      readonly seq: number
      readonly gigafuelMicro: bigint
      readonly readingMicro: bigint
    }

const KINDS = ['payout-address', 'dispute-lease', 'dispute-verdict', 'price-floor'] as const
const LENGTHS = [3, 4, 6, 4]
const ADDRESS_BYTES = 20

/** The payload of a statement; its frame is of class `statement`. A reason too long for the wire is cut. */
export function encodeStatement(statement: Statement): Uint8Array {
  return encode([KINDS.indexOf(statement.kind), statement.seq, ...fieldsOf(statement)])
}

function fieldsOf(statement: Statement): CborValue[] {
  switch (statement.kind) {
    case 'payout-address':
      return [statement.address]
    case 'dispute-lease':
      return [statement.lease, clipText(statement.reason, LIMITS.reasonBytesMax)]
    case 'dispute-verdict': {
      const { campaign, windowMs, sensor, reason } = statement
      return [campaign, windowMs, readingIdBytes(sensor), clipText(reason, LIMITS.reasonBytesMax)]
    }
    case 'price-floor':
      return [statement.gigafuelMicro, statement.readingMicro]
  }
}

/**
 * Reads a statement.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [LOG-7.1]
 */
export function decodeStatement(bytes: Uint8Array): Statement {
  const [number, read] = Reader.openVariant('statement', bytes, LENGTHS)
  const seq = read.uint('seq', 1)
  const kind = KINDS[number] as Statement['kind']
  switch (kind) {
    case 'payout-address':
      return { kind, seq, address: read.bytes('address', ADDRESS_BYTES) }
    case 'dispute-lease':
      return { kind, seq, lease: read.uint('lease'), reason: read.text('reason', LIMITS.reasonBytesMax) }
    case 'dispute-verdict':
      return {
        kind,
        seq,
        campaign: read.named('campaign', campaignId),
        windowMs: read.uint('windowMs', 0, LIMITS.regionTimeMsMax),
        sensor: sensorIdFromBytes(read.bytes('sensor', READING_ID_BYTES)),
        reason: read.text('reason', LIMITS.reasonBytesMax),
      }
    case 'price-floor':
      return {
        kind,
        seq,
        gigafuelMicro: read.micro('gigafuelMicro', 0n, LIMITS.gigafuelPriceMicroMax),
        readingMicro: read.micro('readingMicro'),
      }
  }
}

/** What came of leases: the digest of their outputs and, when small enough, the outputs themselves. */
import type { CborValue } from '../cbor/index.ts'
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from './read.ts'
import { clipText } from './text.ts'

/** What came of one lease. */
export interface LeaseResult {
  leaseId: number
  /** `none`: the units did not all finish, which says nothing about them (a timeout, a lost sandbox, a cancel). */
  outcome: 'done' | 'none'
  /** SHA-256 of the outputs bytes; null when there are none. */
  digest: Uint8Array | null
  /** The outputs bytes (see `encodeOutputs`); null when there are none, or when they are the blob named by the digest. */
  outputs: Uint8Array | null
  elapsedMs: number
  /** Why there is no result; for people. */
  detail: string
  /** Version of the metering rules that counted the fuel, also when there is no result: 1 to 255. */
  metering: number
}

export interface ResultMessage {
  /** The session it was made in; a resend after a reconnect keeps its bytes. */
  session: number
  /** Unique in the device's life; what an ack names. */
  seq: number
  results: readonly LeaseResult[]
}

const OUTCOMES: readonly LeaseResult['outcome'][] = ['done', 'none']

/** The payload of a result. A detail too long for the wire is cut. */
export function encodeResult(message: ResultMessage): Uint8Array {
  return encode([message.session, message.seq, message.results.map(resultFields)])
}

/**
 * Reads a result. Digests and outputs are views of `bytes`, not copies. Whether a digest fits its outputs is not
 * looked at here: that costs a hash, which only a message that matters should.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [RESULT-1.1] [RESULT-1.4]
 */
export function decodeResult(bytes: Uint8Array): ResultMessage {
  const read = Reader.open('result', bytes, 3)
  return {
    session: read.uint('session'),
    seq: read.uint('seq'),
    results: read.records('results', LIMITS.resultsPerFrameMax, 7, readResult),
  }
}

function resultFields(result: LeaseResult): CborValue {
  const { leaseId, outcome, digest, outputs, elapsedMs, metering } = result
  const detail = clipText(result.detail, LIMITS.reasonBytesMax)
  return [leaseId, OUTCOMES.indexOf(outcome), digest, outputs, elapsedMs, detail, metering]
}

function readResult(read: Reader): LeaseResult {
  const leaseId = read.uint('leaseId')
  const outcome = read.choice('outcome', OUTCOMES)
  const done = outcome === 'done'
  const digest = done ? read.bytes('digest', 32) : read.nothing('digest', 'must be null without a result')
  const outputs = done
    ? read.nullable('outputs', field => read.bytesUpTo(field, LIMITS.resultOutputsInlineBytesMax, 1))
    : read.nothing('outputs', 'must be null without a result')
  const elapsedMs = read.uint('elapsedMs')
  const detail = read.text('detail', LIMITS.reasonBytesMax)
  const metering = read.uint('metering', 1, LIMITS.meteringVersionMax)
  return { leaseId, outcome, digest, outputs, elapsedMs, detail, metering }
}

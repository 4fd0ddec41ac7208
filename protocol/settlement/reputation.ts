/** What a region says of a device's or an owner's past, for other regions to judge. */
import { encode } from '../cbor/index.ts'
import type { Subject } from '../cose/index.ts'
import { type DeviceId, deviceId, type OwnerName, ownerName, type RegionId, regionId } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from '../messages/read.ts'

export interface Reputation {
  /** Who says so. */
  readonly region: RegionId
  readonly subject:
    | { readonly kind: 'device'; readonly id: DeviceId }
    | { readonly kind: 'owner'; readonly name: OwnerName }
  /** Checks of its answers that were right in a row. */
  readonly checksPassed: number
  readonly unitsAccepted: number
  readonly unitsRejected: number
  /** The time that this is about. */
  readonly sinceMs: number
  readonly atMs: number
}

const VERSION = 1
const SUBJECT_KINDS = ['device', 'owner'] as const

/** The payload of a reputation; its frame is of class `reputation`, from the region, and bound to {@link subjectOf}. */
export function encodeReputation(reputation: Reputation): Uint8Array {
  const { region, subject, checksPassed, unitsAccepted, unitsRejected, sinceMs, atMs } = reputation
  const name = subject.kind === 'device' ? subject.id : subject.name
  const kind = SUBJECT_KINDS.indexOf(subject.kind)
  return encode([VERSION, region, kind, name, checksPassed, unitsAccepted, unitsRejected, sinceMs, atMs])
}

/**
 * Reads a reputation.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [REP-1.1]
 */
export function decodeReputation(bytes: Uint8Array): Reputation {
  const read = Reader.open('reputation', bytes, 9)
  read.uint('version', VERSION, VERSION)
  const region = read.named('region', regionId)
  const kind = read.choice('subjectKind', SUBJECT_KINDS)
  const subject =
    kind === 'device'
      ? ({ kind, id: read.named('subject', deviceId) } as const)
      : ({ kind, name: read.named('subject', ownerName) } as const)
  const checksPassed = read.uint('checksPassed')
  const unitsAccepted = read.uint('unitsAccepted')
  const unitsRejected = read.uint('unitsRejected')
  const sinceMs = read.uint('sinceMs', 0, LIMITS.regionTimeMsMax)
  const atMs = read.uint('atMs', sinceMs, LIMITS.regionTimeMsMax)
  return { region, subject, checksPassed, unitsAccepted, unitsRejected, sinceMs, atMs }
}

/** What the frame of a reputation is bound to. */
export function subjectOf({ subject }: Reputation): Subject {
  return subject.kind === 'device' ? subject.id : `owner:${subject.name}`
}

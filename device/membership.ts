/** Which region a device belongs to, or is about to join, and what it trusts of it. */
import {
  type ClaimCode,
  ConfigError,
  type DeviceId,
  equalBytes,
  keyThumbprint,
  type RegionId,
  type RegionName,
  regionId,
  toBase32,
} from '../protocol/index.ts'
import type { Enrolment } from './store/index.ts'

export interface Membership {
  readonly mqttUrl: string
  /** SHA-256 of the SubjectPublicKeyInfo of the region's TLS authority; null where it is none of its own. */
  readonly caKeySha256: Uint8Array | null
  readonly region: RegionName
  /** SHA-256 thumbprint of the region's key: what everything it says is checked against. */
  readonly regionThumbprint: Uint8Array
  /** The front half of the thumbprint; frames are bound to it. */
  readonly regionId: RegionId
  /** Null until the region has enrolled this device. */
  readonly enrolment: Enrolment | null
  /** To join with, when there is no enrolment or the region has forgotten it. */
  readonly claim: ClaimCode | null
}

/**
 * Chooses between what is stored and a claim given at start. A stored enrolment needs no claim; a newer claim of the same
 * region may tell that it has moved.
 * @throws {ConfigError} `not_found` with neither; `bad_option` when the claim is of another region
 */
export function chooseMembership(enrolment: Enrolment | null, claim: ClaimCode | null, folder: string): Membership {
  const stored = enrolment === null ? null : keyThumbprint(enrolment.regionKey)
  if (stored !== null && claim !== null && !equalBytes(stored, claim.regionKeyThumbprint)) {
    const other = claim.region === enrolment?.region ? 'another region of that name' : `the region '${claim.region}'`
    const reason = `the folder ${folder} belongs to the region '${enrolment?.region}', the claim is for ${other}`
    const message = `The claim cannot be used here: ${reason}. Use another folder for another region.`
    throw new ConfigError({ code: 'bad_option', path: 'claim', reason }, message)
  }
  const origin = claim ?? enrolment
  const regionThumbprint = stored ?? claim?.regionKeyThumbprint
  if (origin === null || regionThumbprint === undefined) {
    const message = 'This device belongs to no region yet: start it with a claim code of the region it shall join.'
    throw new ConfigError({ code: 'not_found', path: folder }, message)
  }
  const { mqttUrl, region, caKeySha256 = null } = origin
  const id = regionId(toBase32(regionThumbprint.subarray(0, 16)))
  return { mqttUrl, caKeySha256, region, regionThumbprint, regionId: id, enrolment, claim }
}

/** What the downlink gate needs to know of a membership. */
export interface Trust {
  readonly device: DeviceId
  readonly regionId: RegionId
  readonly regionThumbprint: Uint8Array
  /** Null until a welcome has shown it. */
  readonly regionKey: Uint8Array | null
}

/** Statements about a past as they travel: signed by the key of the region that makes them. */
import {
  decodeReputation,
  encodeReputation,
  frameAad,
  openSign1,
  peekSign1,
  type RegionId,
  type Reputation,
  type Signer,
  sign1,
  subjectOf,
  type Verifier,
} from '../../protocol/index.ts'

const aadOf = (reputation: Reputation): Uint8Array =>
  frameAad({ regionId: reputation.region, direction: 'dn', device: subjectOf(reputation), class: 'reputation' })

export function signReputation(reputation: Reputation, signer: Signer): Uint8Array {
  return sign1(encodeReputation(reputation), aadOf(reputation), signer)
}

/**
 * Reads a statement and checks that the region it names made it.
 * @param keyOf - the key of a trusted region; null for others
 * @returns null when the region is not trusted, so that nothing can be said of the signature
 * @throws {ProtocolError} when it is no statement, or its signature is another's
 * @see spec/clauses.md [REP-2.1]
 */
export function openReputation(
  frame: Uint8Array,
  keyOf: (region: RegionId) => Uint8Array | null,
  verifier: Verifier,
): { readonly region: RegionId; readonly reputation: Reputation | null } {
  const claimed = decodeReputation(peekSign1(frame).payload)
  const key = keyOf(claimed.region)
  if (key === null) return { region: claimed.region, reputation: null }
  return { region: claimed.region, reputation: decodeReputation(openSign1(frame, aadOf(claimed), key, verifier)) }
}

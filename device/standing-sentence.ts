import type { Standing } from '../protocol/index.ts'

const SENTENCES: Record<Standing, string> = {
  joined: 'The region has enrolled this device.',
  claim_unknown:
    'The region does not know this claim: it may have been mistyped, or made by another region. Get a new one.',
  claim_used: 'This claim has been used by another device: each is good for one. Get a new one.',
  claim_expired: 'This claim has expired. Get a new one.',
  not_enrolled: 'The region does not know this device any more. Start it with a new claim.',
  revoked: "The region's operator has revoked this device.",
  caught: 'The region gives this device no work because a result of it was found wrong; its operator can reinstate it.',
  region_full: 'The region enrols no more devices at the moment.',
}

/** What a standing means for the owner, with the region's own words where it has some. */
export function standingSentence(standing: Standing, reason: string): string {
  const sentence = SENTENCES[standing]
  return reason === '' ? sentence : `${sentence} It says: ${reason}`
}

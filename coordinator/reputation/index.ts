/** What is known of devices' and owners' pasts, here and elsewhere. */
export { decayedChecks, HALF_LIFE_MS } from './decay.ts'
export { recordOfDevice, recordOfOwner, type Standing } from './record.ts'
export { parseRegionKey, type RegionKey } from './region-key.ts'
export {
  type ImportOutcome,
  openReputations,
  type ReputationPorts,
  Reputations,
  type TrustedRegion,
} from './reputations.ts'
export { openReputation, signReputation } from './signed.ts'
export { checksToBeBelieved, startOf } from './start.ts'

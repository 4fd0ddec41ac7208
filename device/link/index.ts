/** How a device reaches its region and stays connected. `mqtt-link.ts` is imported by the entry point alone. */
export { type BackoffBounds, LINK_BACKOFF, retryDelayMs } from './backoff.ts'
export { type ClockEvidence, clockEvidence, SYNCHRONIZED_FILE } from './clock-evidence.ts'
export type { Connection, Link, LinkHandlers, LinkTarget } from './link.ts'
export { LinkKeeper, type LinkKeeperEvents, type LinkState } from './link-keeper.ts'
export { KNOWN_AUTHORITIES, openSecure, type RegionTrust } from './secure-socket.ts'

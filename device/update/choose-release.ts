/** Which release a device takes, of those that are signed. */
import type { DeviceId, RegionName } from '../../protocol/index.ts'
import { compareVersions, rolloutBucket, rolloutPercent } from '../../protocol/releases/index.ts'
import type { TrustedRelease } from './trust.ts'

/** What decides. */
export interface Taker {
  /** Null before it has joined: it then takes what everybody takes. */
  readonly device: DeviceId | null
  readonly region: RegionName | null
  /** The good version here; only newer ones are taken. */
  readonly version: string
  /** This Node's version. */
  readonly node: string
  /** Whether a version proved bad here. */
  isBarred(version: string): boolean
}

/** The release to take, or why there is none. */
export interface ReleaseChoice {
  readonly release: TrustedRelease | null
  /** A sentence about the newest release. */
  readonly says: string
}

/** The newest release that this device may have. */
export function chooseRelease(releases: readonly TrustedRelease[], taker: Taker): ReleaseChoice {
  const newer = releases
    .filter(({ facts }) => compareVersions(facts.version, taker.version) > 0)
    .sort((a, b) => compareVersions(b.facts.version, a.facts.version))
  let says = ''
  for (const release of newer) {
    const obstacle = obstacleOf(release, taker)
    if (obstacle === null) return { release, says: `Version ${release.facts.version} is for this device.` }
    says ||= `Version ${release.facts.version} is not installed: ${obstacle}.`
  }
  return { release: null, says: says || `Version ${taker.version} is the newest there is.` }
}

function obstacleOf({ facts }: TrustedRelease, { device, region, node, isBarred }: Taker): string | null {
  const { version, nodeMin, rollout } = facts
  if (isBarred(version)) return 'it was tried on this device and was not well'
  if (compareVersions(nodeMin, node) > 0) return `it needs Node ${nodeMin} and this is ${node}`
  const percent = rolloutPercent(rollout, region)
  const place = device === null ? 99 : rolloutBucket(device, version)
  if (place < percent) return null
  const where = region === null ? 'a device without a region' : `the region '${region}'`
  return `it is for ${percent} of 100 devices of ${where} so far, and this one is number ${place + 1}`
}

/** What the outputs read: sensors and places as the region knows them, and stored frames and verdicts. */
import {
  assert,
  type CampaignId,
  type DeviceId,
  decodeProfile,
  type Profile,
  type ProfileId,
  parseStoredCampaign,
  type RegionName,
} from '../../protocol/index.ts'
import type { Registry } from '../sensing/registry.ts'
import type { CampaignRow, Store } from '../store/rows.ts'

/** A campaign as far as its verdicts concern the outputs. */
export interface CampaignWindows {
  readonly id: CampaignId
  readonly quantity: string
  /** Windows begin at `startMs` and every `windowMs` after it, until `endMs`. */
  readonly startMs: number
  readonly endMs: number
  readonly windowMs: number
}

/** Everything the outputs read, and nothing they could change. */
export interface SensingSource {
  readonly region: RegionName
  readonly registry: Pick<Registry, 'all' | 'sensor' | 'place' | 'ofDevice'>
  /** What the owner calls the device; empty when it has no name. */
  labelOf(device: DeviceId): string
  /** The profile that a stored frame names. */
  profile(id: ProfileId): Profile
  frames: Store['frames']
  judgements: Store['judgements']
  /** Campaigns of a quantity, newest first. */
  campaignsOf(quantity: string): readonly CampaignWindows[]
}

export interface SensingSourceComponents {
  store: Pick<Store, 'profile' | 'frames' | 'judgements' | 'campaigns'>
  registry: SensingSource['registry']
  labelOf(device: DeviceId): string
}

/** Profiles kept decoded; a region's devices have a few each. The others are read again. */
const PROFILES_MAX = 4_096

/** Campaigns whose verdicts are looked for: more than a region runs at once. Readings of older ones read as not judged. */
const CAMPAIGNS_MAX = 1_000

/** The source of a running coordinator. */
export function createSensingSource(components: SensingSourceComponents, region: RegionName): SensingSource {
  const { store, registry, labelOf } = components
  const profiles = new Map<ProfileId, Profile>()
  const windows = new Map<CampaignId, CampaignWindows>()
  return {
    region,
    registry,
    labelOf,
    profile(id) {
      const known = profiles.get(id)
      if (known !== undefined) return known
      const row = store.profile(id)
      assert(row !== null, 'a stored frame has a stored profile')
      const profile = decodeProfile(row.bytes)
      if (profiles.size >= PROFILES_MAX) profiles.clear()
      profiles.set(id, profile)
      return profile
    },
    frames: filter => store.frames(filter),
    judgements: filter => store.judgements(filter),
    campaignsOf(quantity) {
      const rows = store.campaigns({ limit: CAMPAIGNS_MAX })
      if (windows.size > CAMPAIGNS_MAX) windows.clear()
      for (const row of rows) if (!windows.has(row.id)) windows.set(row.id, windowsOf(row))
      return rows.flatMap(({ id }) => {
        const campaign = windows.get(id)
        return campaign?.quantity === quantity ? [campaign] : []
      })
    },
  }
}

function windowsOf({ id, spec, startMs, endMs }: CampaignRow): CampaignWindows {
  const { quantity, windowMs } = parseStoredCampaign(spec)
  return { id, quantity, startMs, endMs, windowMs }
}

/** Keeps why sensors are not asked for a campaign that they could measure for. */
import type { CampaignId, SensorId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { Tallies } from '../scheduling/index.ts'
import type { PassedOverRow } from '../store/rows.ts'

/** Every way in which a sensor that measures what a campaign wants is not asked. */
export const SENSOR_PASSES = ['standing', 'price', 'stranger', 'no_place', 'outside', 'cell_full', 'twins'] as const
export type SensorPass = (typeof SENSOR_PASSES)[number]

/** Why a sensor that measures the quantity is not asked. */
export interface NotAsked {
  readonly sensor: SensorId
  readonly kind: SensorPass
  /** The end of a sentence about the sensor. */
  readonly reason: string
}

/** Sensors of which a campaign keeps the reason; the others are counted. */
const SENSORS_MAX = 256

export const campaignScope = (campaign: CampaignId): string => `campaign/${campaign}`
/** How the kind of a row begins that is about one sensor. */
export const SENSOR = 'sensor/'

interface CampaignPasses {
  readonly tallies: Tallies
  /** Why each sensor is not asked at present. */
  readonly kinds: Map<SensorId, SensorPass>
  sensors: number
}

export class SensorPassBook {
  private readonly read: (scope: string) => readonly PassedOverRow[]
  private readonly campaigns = new Map<CampaignId, CampaignPasses>()

  /** @param read - what is stored of a scope; asked once for each campaign */
  constructor(read: (scope: string) => readonly PassedOverRow[] = () => []) {
    this.read = read
  }

  /** Sensors were chosen again: what is new about those that were not is written, and nothing else. */
  note(campaign: CampaignId, excluded: readonly NotAsked[], wallMs: number, batch: Batch): void {
    const passes = this.of(campaign)
    const { tallies, kinds } = passes
    const before = new Set(kinds.keys())
    for (const { sensor, kind, reason } of excluded) {
      before.delete(sensor)
      if (kinds.get(sensor) === kind) continue
      kinds.set(sensor, kind)
      const known = tallies.of(`${SENSOR}${sensor}`)
      // So it was when the coordinator ended.
      if (known?.untilMs === null && known.reason === reason) continue
      tallies.add(kind, reason, false, wallMs, batch)
      if (known === undefined && ++passes.sensors > SENSORS_MAX) continue
      tallies.add(`${SENSOR}${sensor}`, reason, true, wallMs, batch)
    }
    for (const sensor of before) {
      kinds.delete(sensor)
      tallies.end(`${SENSOR}${sensor}`, wallMs, batch)
    }
    tallies.keep(wallMs, 0, batch)
  }

  /** A campaign is over. */
  forget(campaign: CampaignId): void {
    this.campaigns.delete(campaign)
  }

  private of(campaign: CampaignId): CampaignPasses {
    let passes = this.campaigns.get(campaign)
    if (passes === undefined) {
      const scope = campaignScope(campaign)
      const rows = this.read(scope)
      const sensors = rows.filter(({ kind }) => kind.startsWith(SENSOR)).length
      passes = { tallies: new Tallies(scope, rows), kinds: new Map(), sensors }
      this.campaigns.set(campaign, passes)
    }
    return passes
  }
}

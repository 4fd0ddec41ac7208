/** A sensing campaign as a submitter states it: what to measure, where, how often, how good, and for how much. */
import type { QualityRules } from '../quality/types.ts'

/** Where a campaign measures. Exactly one kind. */
export type CampaignArea =
  /** H3 cells, all of one resolution. 1..1 000 */
  | { readonly cells: readonly string[] }
  /** Degrees: south, west, north, east. */
  | { readonly box: readonly [south: number, west: number, north: number, east: number] }
  /** Labels of devices, exactly as their owners named them. 1..1 000 */
  | { readonly labels: readonly string[] }

/** How the accepted readings of a cell in a window become one value. */
export const WINDOW_AGGREGATES = ['mean', 'median', 'min', 'max', 'sum'] as const
export type WindowAggregate = (typeof WINDOW_AGGREGATES)[number]

/** A checked campaign, every default filled in. Times in milliseconds. */
export interface CampaignSpec {
  /** For people; may be empty. */
  readonly name: string
  /** One of QUANTITIES. */
  readonly quantity: string
  readonly area: CampaignArea
  /** H3 resolution of the cells that results are for, 0..15, default 8 (about 0.7 km²). With `cells` it is theirs. */
  readonly resolution: number
  /** 1..86 400 000, default 60 000. */
  readonly periodMs: number
  /** A multiple of the period, at most a day; default 15 periods. */
  readonly windowMs: number
  /** Mean, least, greatest and number of samples every `sampleMs` instead of single values; null for single values. */
  readonly sampleMs: number | null
  /** Default 15, at most 4 096. */
  readonly readingsPerFrame: number
  /** Default 'median'. */
  readonly aggregate: WindowAggregate
  /** Per accepted reading of a paid sensor, region's fee included. A submission may leave it to the region, see {@link parseCampaignSpec}. */
  readonly priceMicro: bigint
  /** Sensors paid in each cell, best first. 1..100, default 3. */
  readonly paidPerCell: number
  /** Null: the price of a day's readings of every cell... at most a quarter of the account, as for jobs. */
  readonly budgetMicro: bigint | null
  /** Region time of the first window; null is the moment of acceptance. May lie in the past, for readings that devices have kept. */
  readonly startMs: number | null
  /** 1 window..366 days, default one day. */
  readonly durationMs: number
  /** A window is judged when every assigned device has reported past it, or this long after its end. Default a minute more than a frame takes to fill. */
  readonly latenessMs: number
  /** Late readings change and are paid in a window for this long after its end. Default 7 days. */
  readonly correctionMs: number
  /** A sensor that was moved earns nothing for this long. Default 7 days. */
  readonly relocationHoldMs: number
  /** The complete rules, defaults of the quantity with the submitter's changes. */
  readonly quality: QualityRules
}

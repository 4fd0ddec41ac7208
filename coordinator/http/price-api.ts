/** The part of the administration that is about base prices. */
import type { Explanation } from './admin-api.ts'

/** One base price and the band it moves in. */
export interface BasePrice {
  /** `gigafuel`, for 10^9 fuel, or a quantity, for an accepted reading of it. */
  what: string
  priceMicro: string
  /** What it was to begin with. */
  startMicro: string
  /** What owners ask, the middle of it; the starting price where they ask nothing. */
  medianMicro: string
  groundMicro: string
  ceilingMicro: string
  /** Devices that ask something. */
  floors: number
  /** Part of what is on offer that has been at work in the epoch so far, 0..1; null when nobody was there. */
  utilisation: number | null
}

/** A move of a price when an epoch ended. */
export interface PriceMove {
  what: string
  epoch: number
  atMs: number
  beforeMicro: string
  afterMicro: string
  /** Of the epoch that ended, 0..1. */
  utilisation: number | null
  ceilingMicro: string
  /** What held it back; null when nothing did. */
  bound: 'ceiling' | 'ground' | null
}

/** Base prices now, and how they came about, newest first. */
export interface Prices {
  epoch: number
  epochMs: number
  /** When prices move next. */
  nextMs: number
  targetUtilisation: number
  /** 0 when prices do not move. */
  priceStepMax: number
  prices: BasePrice[]
  moves: PriceMove[]
}

/** Each method names its route, as in {@link AdminApi}. */
export interface PriceAdminApi {
  /** `GET /api/prices`; submitters may ask too. */
  priceList(): Promise<Prices>
  /** `GET /api/prices/:what/explain`, of `gigafuel` or of a quantity; submitters may ask too. */
  priceExplain(what: string): Promise<Explanation>
}

/** Markets without a cartel: what the price does when demand is steady, and when it changes. */
import { elasticDemand, Market } from './market.ts'

export const START_MICRO = 8_000n
const DEVICES = 40
const OWNERS = 8

/** What owners ask. `spread` is 6 000 to 12 000, `equal` 8 000, and `none` nothing. */
export type FloorKind = 'spread' | 'equal' | 'none'

const FLOOR: Record<FloorKind, (index: number) => bigint> = {
  spread: index => BigInt(6_000 + 150 * index),
  equal: () => START_MICRO,
  none: () => 0n,
}

export interface SteadyOptions {
  readonly seed: string
  readonly floors: FloorKind
  readonly elasticity: number
  /** Slots that are wanted at the starting price, of 40. */
  readonly slots: number | ((minute: number) => number)
  readonly priceStepMax?: number
  readonly startMicro?: bigint
}

/** Forty slots of eight owners. */
export function openMarket({ seed, floors, elasticity, slots, priceStepMax = 0.1, startMicro }: SteadyOptions): Market {
  const demand = elasticDemand(slots, START_MICRO, elasticity, 2)
  const market = new Market({ seed, priceStepMax, startMicro: startMicro ?? START_MICRO, demand })
  for (let index = 0; index < DEVICES; index++) market.add(`owner-${index % OWNERS}`, FLOOR[floors](index))
  return market
}

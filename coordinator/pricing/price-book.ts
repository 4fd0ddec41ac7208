/** The prices in force and what devices ask, as other departments see them. */
import type { DeviceId } from '../../protocol/index.ts'

/** What a device asks at least, the region's fee included, as prices are stated. 0 is as good as saying nothing. */
export interface Floor {
  /** For 10^9 fuel. */
  readonly gigafuelMicro: bigint
  /** For one accepted reading. */
  readonly readingMicro: bigint
}

/** Read-only; cheap enough for every decision of the scheduler. */
export interface PriceBook {
  /** For 10^9 fuel, of jobs that are submitted now. At least 1. */
  gigafuelPriceMicro(): bigint
  /** For one accepted reading of a quantity, of campaigns that name no price. At least 1. */
  readingPriceMicro(quantity: string): bigint
  /** Below this price of 10^9 fuel a device takes no lease; 0 when it takes any. */
  gigafuelFloorMicro(device: DeviceId): bigint
  /** Below this price of a reading a device's sensors are not asked; 0 when they always are. */
  readingFloorMicro(device: DeviceId): bigint
}

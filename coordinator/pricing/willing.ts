/** Whether a device is content with a price, in words for people. */
import { type DeviceId, formatCredits } from '../../protocol/index.ts'
import type { PriceBook } from './price-book.ts'

/**
 * Why a device does not work at a job's price, as the end of a sentence about it; null when it does.
 * @see spec/clauses.md [PRICE-2.1]
 */
export function whyNotForFuel(
  prices: Pick<PriceBook, 'gigafuelFloorMicro'>,
  device: DeviceId,
  gigafuelPriceMicro: bigint,
): string | null {
  const floorMicro = prices.gigafuelFloorMicro(device)
  if (gigafuelPriceMicro >= floorMicro) return null
  return `its owner asks ${formatCredits(floorMicro)} credits for 10^9 fuel and the job pays ${formatCredits(gigafuelPriceMicro)}`
}

/**
 * Why a device's sensors are not asked at a campaign's price, as the end of a sentence about them; null when they are.
 * @see spec/clauses.md [PRICE-2.4]
 */
export function whyNotForReadings(
  prices: Pick<PriceBook, 'readingFloorMicro'>,
  device: DeviceId,
  priceMicro: bigint,
): string | null {
  const floorMicro = prices.readingFloorMicro(device)
  if (priceMicro >= floorMicro) return null
  return `its owner asks ${formatCredits(floorMicro)} credits for a reading and the campaign pays ${formatCredits(priceMicro)}`
}

import { describe, expect, test } from 'vitest'
import { whyNotForFuel, whyNotForReadings } from '../../../../coordinator/pricing/index.ts'
import { DEVICES } from '../../../support/rows.ts'

const [device] = DEVICES
const prices = { gigafuelFloorMicro: () => 5_000n, readingFloorMicro: () => 30n }

describe('a device', () => {
  test('works for its floor and more, and says why not for less [PRICE-2.1]', () => {
    expect(whyNotForFuel(prices, device, 5_000n)).toBeNull()
    expect(whyNotForFuel(prices, device, 4_999n)).toBe(
      'its owner asks 0.005 credits for 10^9 fuel and the job pays 0.004999',
    )
  })

  test('measures for its floor and more, and says why not for less [PRICE-2.4]', () => {
    expect(whyNotForReadings(prices, device, 30n)).toBeNull()
    expect(whyNotForReadings(prices, device, 0n)).toBe(
      'its owner asks 0.00003 credits for a reading and the campaign pays 0',
    )
  })

  test('without a floor works for anything', () => {
    const none = { gigafuelFloorMicro: () => 0n, readingFloorMicro: () => 0n }
    expect(whyNotForFuel(none, device, 0n)).toBeNull()
    expect(whyNotForReadings(none, device, 0n)).toBeNull()
  })
})

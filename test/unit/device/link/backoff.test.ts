import { describe, expect, it } from 'vitest'
import { LINK_BACKOFF, retryDelayMs } from '../../../../device/link/backoff.ts'
import { seededRandom } from '../../../../protocol/index.ts'

const highest = { bytes: (count: number) => new Uint8Array(count), uniform: () => 0.999_999 }

describe('retryDelayMs', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [7, 64_000],
    [8, 120_000],
    [5_000, 120_000],
  ])('waits after %i failures at most %i ms', (failures, bound) => {
    expect(retryDelayMs(failures, LINK_BACKOFF, highest)).toBe(bound - 1)
  })

  it('spreads a fleet evenly over the whole bound', () => {
    const random = seededRandom('fleet')
    const delays = Array.from({ length: 4_000 }, () => retryDelayMs(8, LINK_BACKOFF, random))
    const quarters = [0, 0, 0, 0]
    for (const delay of delays) quarters[Math.floor(delay / 30_000)] = (quarters[Math.floor(delay / 30_000)] ?? 0) + 1
    for (const count of quarters) expect(count).toBeGreaterThan(900)
  })
})

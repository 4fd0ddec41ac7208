import { describe, expect, test } from 'vitest'
import { openSynthetic } from '../../../../hardware/drivers/synthetic.ts'
import { SYNTHETIC_QUANTITIES, syntheticValue } from '../../../../hardware/drivers/synthetic-curves.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const HOUR_MS = 3_600_000
const NOON_MS = Math.floor(1_700_000_000_000 / (24 * HOUR_MS)) * 24 * HOUR_MS + 12 * HOUR_MS

describe('synthetic', () => {
  test('measures the same with the same seed at the same time, and differs a little with another', async () => {
    const clock = new VirtualClock()
    const values = async (seed: string, noise?: number) =>
      (
        await openSynthetic(
          { clock },
          { quantities: SYNTHETIC_QUANTITIES, seed, ...(noise === undefined ? {} : { noise }) },
        ).sample()
      ).values
    expect(await values('a')).toEqual(await values('a'))
    expect(await values('a')).not.toEqual(await values('b'))
    expect(await values('a', 0)).toEqual(await values('b', 0))
    const before = await values('a')
    await clock.advance(60_000)
    expect(await values('a')).not.toEqual(before)
  })

  test('has a value for everything it can imitate, over a year', () => {
    for (const quantity of SYNTHETIC_QUANTITIES) {
      for (let hour = 0; hour < 8_760; hour += 7) {
        const value = syntheticValue(quantity, 'a', 1, NOON_MS + hour * HOUR_MS)
        expect(Number.isFinite(value)).toBe(true)
        if (quantity !== 'temperature') expect(value).toBeGreaterThanOrEqual(0)
      }
    }
  })

  test('is warmer by day than by night, and as bright', () => {
    const mean = (quantity: string, hour: number) => {
      let sum = 0
      for (let day = 0; day < 30; day++)
        sum += syntheticValue(quantity, 'a', 1, NOON_MS + (day * 24 + hour - 12) * HOUR_MS)
      return sum / 30
    }
    expect(mean('temperature', 14) - mean('temperature', 2)).toBeGreaterThan(8)
    expect(mean('light', 12)).toBeGreaterThan(20_000)
    expect(mean('light', 0)).toBeLessThan(100)
  })

  test('neighbours agree: what differs is noise', () => {
    for (let minute = 0; minute < 1_000; minute++) {
      const at = NOON_MS + minute * 60_000
      expect(
        Math.abs(syntheticValue('temperature', 'a', 1, at) - syntheticValue('temperature', 'b', 1, at)),
      ).toBeLessThan(0.5)
    }
  })

  test('has no identity but its place', () => {
    const sensor = openSynthetic({ clock: new VirtualClock() }, { quantities: ['co2'], seed: 'a' })
    expect(sensor).toMatchObject({ model: 'synthetic', serial: null, channels: [{ quantity: 'co2', unit: 'ppm' }] })
  })
})

/** Prices under demand: they settle, they do not swing, and they follow. The production department in a market on virtual time. */
import { describe, expect, test } from 'vitest'
import { CEILING_BASIS_POINTS } from '../../coordinator/pricing/next-price.ts'
import { EPOCH_MINUTES, type Market } from './pricing/market.ts'
import { middle, spread, turns } from './pricing/path.ts'
import { type FloorKind, openMarket, START_MICRO, type SteadyOptions } from './pricing/scenarios.ts'

/** Epochs until a price is expected to have found its place, and epochs it is watched after that. */
const SETTLING = 40
const WATCHED = 40

function settled(options: SteadyOptions): { market: Market; tail: readonly bigint[] } {
  const market = openMarket(options)
  market.run(SETTLING + WATCHED)
  return { market, tail: market.path.slice(SETTLING) }
}

const FLOORS: readonly FloorKind[] = ['spread', 'equal', 'none']
const cases = FLOORS.flatMap(floors =>
  [0.5, 1, 2, 3].flatMap(elasticity => [16, 24].map(slots => [floors, elasticity, slots] as const)),
)

describe('under steady demand [PRICE-1.1]', () => {
  test.each(cases)(
    'with floors %s, elasticity %d and %d of 40 slots wanted, the price stays within 8 percent',
    (floors, elasticity, slots) => {
      const { tail } = settled({ seed: `steady/${floors}/${elasticity}/${slots}`, floors, elasticity, slots })
      expect(spread(tail)).toBeLessThan(0.08)
      // A price that swings turns every other epoch.
      expect(turns(tail)).toBeLessThan(WATCHED / 8)
    },
  )

  test.each([0.02, 0.2, 0.4])('a step of %d settles as well, if not as calmly', priceStepMax => {
    const { tail } = settled({ seed: `step/${priceStepMax}`, floors: 'none', elasticity: 2, slots: 24, priceStepMax })
    expect(spread(tail)).toBeLessThan(0.15)
    expect(turns(tail)).toBeLessThan(WATCHED / 4)
  })

  test('it ends at the same place from wherever it started', () => {
    const places = [6_000n, 8_000n, 9_500n].map(startMicro => {
      const market = openMarket({ seed: 'places', floors: 'equal', elasticity: 2, slots: 24, startMicro })
      market.run(SETTLING + WATCHED)
      return Number(middle(market.path.slice(SETTLING)))
    })
    expect(Math.max(...places) / Math.min(...places)).toBeLessThan(1.08)
  })

  test('a price that does not move is what the policy says [PRICE-1.4]', () => {
    const { market, tail } = settled({ seed: 'off', floors: 'none', elasticity: 1, slots: 40, priceStepMax: 0 })
    expect(new Set(tail)).toEqual(new Set([START_MICRO]))
    expect(market.entries).toHaveLength(1)
  })
})

describe('when demand changes', () => {
  const before = SETTLING
  const during = 30

  /** A few slots wanted, then nearly three times as many, then few again. */
  function stepped(seed: string): Market {
    const slots = (minute: number) => {
      const epoch = minute / EPOCH_MINUTES
      return epoch >= before && epoch < before + during ? 34 : 12
    }
    const market = openMarket({ seed, floors: 'none', elasticity: 1.5, slots })
    market.run(before + during + during)
    return market
  }

  test.each(['a', 'b', 'c'])('the price follows within ten epochs, up and down (%s)', seed => {
    const { path } = stepped(seed)
    const low = Number(middle(path.slice(before - 10, before)))
    const high = Number(middle(path.slice(before + 10, before + during)))
    const again = Number(middle(path.slice(before + during + 20)))
    expect(high / low).toBeGreaterThan(1.4)
    expect(Math.abs(again - low) / low).toBeLessThan(0.1)
  })

  test.each(['a', 'b', 'c'])('no epoch moves it by more than the step, whatever happens [PRICE-1.2] (%s)', seed => {
    const { path } = stepped(seed)
    for (const [index, price] of path.entries()) {
      const last = path[index - 1] ?? START_MICRO
      expect(price <= last + last / 10n && price >= last - last / 10n).toBe(true)
    }
  })

  test('demand without end lifts it to 120 % of what owners ask, and no further [PRICE-1.3]', () => {
    const floors: readonly FloorKind[] = ['equal', 'none']
    for (const kind of floors) {
      const { tail } = settled({ seed: `flood/${kind}`, floors: kind, elasticity: 0.5, slots: 200 })
      expect(new Set(tail)).toEqual(new Set([(START_MICRO * CEILING_BASIS_POINTS) / 10_000n]))
    }
  })

  test('without demand it does not fall below what somebody works for', () => {
    const { tail } = settled({ seed: 'calm', floors: 'spread', elasticity: 1, slots: 0 })
    expect(tail.at(-1)).toBe(6_000n)
  })
})

test('every change is an entry of the log, and the entries tell the whole path [PRICE-1.5]', () => {
  const { market } = settled({ seed: 'entries', floors: 'spread', elasticity: 2, slots: 20 })
  const changes = market.path.filter((price, index) => price !== (market.path[index - 1] ?? START_MICRO))
  // The first entry says what the price is to begin with.
  expect(market.entries.map(({ gigafuelPriceMicro }) => gigafuelPriceMicro)).toEqual([START_MICRO, ...changes])
  expect(market.entries.every(({ utilisationBasisPoints: use }) => use >= 0 && use <= 10_000)).toBe(true)
})

/** Prices with the real jobs department, ledger and log: what was shown in the market holds where leases are given and paid. */
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../protocol/index.ts'
import { DepartmentMarket } from './pricing/department-market.ts'

const START_MICRO = 8_000n
const OWNERS = ['ann', 'ann', 'bob', 'bob', 'cat', 'cat', 'mob', 'mob', 'mob', 'mob']
const HONEST_DEVICES = 6
const BOUND = (START_MICRO * 12n) / 10n

/** Jobs that take the ten devices two ticks each; `load` of 1 is one every two ticks. */
function run(seed: string, epochs: number, load: number, each: (market: DepartmentMarket, epoch: number) => void) {
  const market = new DepartmentMarket(seed, OWNERS, START_MICRO)
  const random = seededRandom(seed)
  market.run(epochs, (tick, epoch) => {
    if (tick === 0) each(market, epoch)
    if (random.uniform() >= load / 2) return
    const maxMicro = BigInt(Math.round(Number(START_MICRO) * (0.5 + 3 * random.uniform())))
    market.submit({ units: 5_000, maxMicro })
  })
  return market
}

const idsOf = (market: DepartmentMarket) => [...market.world.devices.keys()]

/** Undercuts for a few epochs, then asks much more, and submits jobs to itself besides. */
function cartel(market: DepartmentMarket, epoch: number): void {
  for (const id of idsOf(market).slice(HONEST_DEVICES)) market.ask(id, epoch < 5 ? 1n : 5n * START_MICRO)
  market.submit({ units: 5_000, maxMicro: 10n ** 12n })
}

describe.each(['a', 'b'])('seed %s', seed => {
  test('a cartel of four of ten devices gets no more than a fifth above the others, and nobody works below his floor [PRICE-1.3] [PRICE-2.1]', () => {
    const market = run(seed, 16, 1, (market, epoch) => {
      if (epoch === 0) for (const id of idsOf(market).slice(0, HONEST_DEVICES)) market.ask(id, START_MICRO)
      cartel(market, epoch)
    })
    expect(market.path.every(price => price <= BOUND)).toBe(true)
    expect(market.path.at(-1)).toBe(BOUND)
    expect(market.granted.length).toBeGreaterThan(100)
    expect(market.granted.filter(({ priceMicro, floorMicro }) => priceMicro < floorMicro)).toEqual([])
    expect(market.world.audit()).toMatchObject({ ok: true })
  })

  test('the price falls while little is wanted and rises again with demand; the log says each change [PRICE-1.5]', () => {
    const calm = run(seed, 10, 0.1, () => {})
    expect(calm.path.at(-1)).toBeLessThan(START_MICRO)
    const busy = run(seed, 10, 1, () => {})
    expect(busy.path.at(-1)).toBeGreaterThan(START_MICRO)
    for (const { entries, path } of [calm, busy]) {
      const said = entries.filter(entry => entry.type === 'price').map(entry => entry.gigafuelPriceMicro)
      const changes = path.filter((price, index) => price !== (path[index - 1] ?? START_MICRO))
      expect(said).toEqual([START_MICRO, ...changes])
    }
  })
})

test('a restart in the middle keeps prices, floors and what devices have proven', () => {
  const market = run('restart', 6, 1, (market, epoch) => {
    if (epoch === 0) for (const id of idsOf(market)) market.ask(id, START_MICRO)
  })
  const before = market.pricing
  const [id] = idsOf(market)
  market.world.restart()
  market.world.connectAll()
  market.listen()
  expect(market.pricing).not.toBe(before)
  expect(market.pricing.gigafuelPriceMicro()).toBe(before.gigafuelPriceMicro())
  expect(market.pricing.gigafuelFloorMicro(id as NonNullable<typeof id>)).toBe(START_MICRO)
  expect(market.pricing.history.all()).toEqual(before.history.all())
  // A cartel of most that are there now does not speak for those who are away.
  for (const device of idsOf(market).slice(0, HONEST_DEVICES)) market.world.disconnect(device)
  market.run(4, (tick, epoch) => tick === 0 && cartel(market, epoch + 5))
  expect(market.path.every(price => price <= BOUND)).toBe(true)
})

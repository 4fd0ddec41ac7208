import { describe, expect, test } from 'vitest'
import { createPriceAdmin } from '../../../../coordinator/admin/price-admin.ts'
import type { RegionPolicy } from '../../../../coordinator/config.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest, TIGHT } from '../../../support/department-world.ts'

const EPOCH_MS = 100_000

/** A region at the beginning of an epoch, with an owner that asks something and one that does not. */
function open(policy: Partial<RegionPolicy> = {}, floorMicro = 0n) {
  const world = new DepartmentWorld({ policy: { epochMs: EPOCH_MS, ...policy } })
  const [ann] = world.join(['ann', honest], ['bob', honest])
  if (floorMicro > 0n) {
    const floor = { gigafuelMicro: floorMicro, readingMicro: 0n }
    world.step((_now, batch) => world.pricing.stateFloor(ann as DeviceId, floor, 1, batch))
  }
  const clock = { wallMs: () => world.now.wallMs }
  const admin = createPriceAdmin({ pricing: world.pricing, policy: world.policy, clock })
  return { world, admin }
}

/** An epoch goes by in seconds; with work, both devices hold leases all the time. */
function pass({ world }: ReturnType<typeof open>, busy: boolean): void {
  if (busy) world.submit({ split: { kind: 'range', from: 0, to: 1_000, chunk: 1 }, verify: 'trust', ...TIGHT })
  const endMs = (Math.floor(world.now.wallMs / EPOCH_MS) + 1) * EPOCH_MS
  while (world.now.wallMs < endMs) {
    // Prices alone: nobody answers, and no lease is late yet.
    world.now = { wallMs: world.now.wallMs + 1_000, monotonicMs: world.now.monotonicMs + 1_000 }
    world.step((now, batch) => world.pricing.tick(now, batch))
  }
}

describe('the list of prices', () => {
  test('before anything has moved', async () => {
    const { admin } = open()
    expect(await admin.priceList()).toEqual({
      epoch: 10,
      epochMs: EPOCH_MS,
      nextMs: 11 * EPOCH_MS,
      targetUtilisation: 0.7,
      priceStepMax: 0.1,
      prices: [
        {
          what: 'gigafuel',
          priceMicro: '10000',
          startMicro: '10000',
          medianMicro: '10000',
          groundMicro: '1',
          ceilingMicro: '12000',
          floors: 0,
          utilisation: null,
        },
      ],
      moves: [],
    })
  })

  test('has the moves, newest first', async () => {
    const region = open()
    pass(region, true)
    pass(region, false)
    const { prices, moves } = await region.admin.priceList()
    expect(prices[0]).toMatchObject({ priceMicro: '12000' })
    expect(moves.map(({ epoch, beforeMicro, afterMicro, bound }) => [epoch, beforeMicro, afterMicro, bound])).toEqual([
      [12, '11000', '12000', 'ceiling'],
      [11, '10000', '11000', null],
    ])
  })
})

describe('an explanation', () => {
  const reasonsOf = async ({ admin }: ReturnType<typeof open>) =>
    (await admin.priceExplain('gigafuel')).reasons.join('\n')

  test('of a price that has not moved', async () => {
    const { admin } = open()
    const { summary, reasons, facts } = await admin.priceExplain('gigafuel')
    expect(summary).toBe("10^9 fuel cost 0.01 credits now, the region's fee included.")
    expect(reasons).toEqual([
      "It is the region's starting price: it has not moved yet.",
      'It moves between 0.000001 credits and 0.012 credits: no owner asks anything, so the end is 120 % of the starting price of 0.01 credits.',
      'Each device counts by the work it was paid for and as one device, whichever makes the price lower: what devices can do has not been checked lately.',
      'It moves next at 1970-01-01T00:18:20.000Z, by 10 % at most. In this epoch so far no device has been there; the aim is 70 %.',
    ])
    expect(facts).toMatchObject({ priceMicro: '10000', utilisation: -1, moves: 0 })
  })

  test('of one that rose', async () => {
    const region = open()
    pass(region, true)
    expect(await reasonsOf(region)).toContain(
      'It rose from 0.01 credits to 0.011 credits when epoch 11 began, at 1970-01-01T00:18:20.000Z: 100 % of what was on offer was at work in the epoch before, and the region aims at 70 %.',
    )
  })

  test('of one that fell, and stopped at what somebody asks', async () => {
    const region = open({}, 9_500n)
    const [, bob] = [...region.world.devices.keys()]
    region.world.disconnect(bob as DeviceId)
    pass(region, false)
    expect(await reasonsOf(region)).toContain('It stopped at the lowest floor that the work still needs.')
    pass(region, false)
    expect(await reasonsOf(region)).toContain('0 % of what was on offer was at work, but at less too few would work.')
  })

  test('of one that is as high as floors allow', async () => {
    const region = open({}, 9_000n)
    pass(region, true)
    expect(await reasonsOf(region)).toContain('It stopped at the most that owners')
    pass(region, false)
    const text = await reasonsOf(region)
    expect(text).toContain("but it is as high as owners' floors allow.")
    expect(text).toContain('1 device asks something, the others count with 0.01 credits')
  })

  test('of one that came down, since owners ask less', async () => {
    const region = open({ gigafuelPriceMicro: 10_000n })
    pass(region, true)
    for (const [index, id] of [...region.world.devices.keys()].entries()) {
      const floor = { gigafuelMicro: 1_000n, readingMicro: 0n }
      region.world.step((_now, batch) => region.world.pricing.stateFloor(id, floor, index + 1, batch))
    }
    pass(region, false)
    expect(await reasonsOf(region)).toContain('owners ask less than before, so it may be 0.0012 credits at most.')
  })

  test('of one that rests near the aim, of an epoch that was not seen, and of nobody there', async () => {
    const region = open({ targetUtilisation: 0.95 })
    pass(region, true)
    expect(await reasonsOf(region)).toContain('which is near the aim of 95 %')
    const late = open()
    late.world.now = { wallMs: late.world.now.wallMs + 60_000, monotonicMs: 60_000 }
    pass(late, true)
    expect(await reasonsOf(late)).toContain('since the coordinator had seen less than half of the epoch')
    const alone = open()
    for (const id of alone.world.devices.keys()) alone.world.disconnect(id)
    pass(alone, false)
    expect(await reasonsOf(alone)).toContain('since no device was there')
  })

  test('of prices that do not move', async () => {
    const region = open({ priceStepMax: 0 })
    pass(region, true)
    expect(await reasonsOf(region)).toContain('Prices do not move here')
  })

  test('of a reading, and of nothing', async () => {
    const { admin } = open()
    expect((await admin.priceExplain('co2')).summary).toBe(
      "An accepted reading of co2 costs 0.0001 credits now, the region's fee included.",
    )
    await expect(admin.priceExplain('gold')).rejects.toThrow("There is no price of 'gold'")
  })
})

import { describe, expect, test } from 'vitest'
import { FEE, REGION_SUBMITTER } from '../../../../coordinator/ledger/ledger.ts'
import { type UnitOutcome, utf8 } from '../../../../protocol/index.ts'
import { CheckWorld, EPOCH_MS, type Machine, WINDOW_MS } from '../../../support/check-world.ts'
import { type Behaviour, honest, liar, TIGHT, UNIT_FUEL } from '../../../support/department-world.ts'

const machine = (owner: string, speed: number, more: Partial<Machine> = {}): Machine => ({
  owner,
  behaviour: honest,
  speed,
  ...more,
})

const checkJobs = ({ world }: CheckWorld) => world.store.jobs({ submitter: REGION_SUBMITTER })

/** Right once in so many units. */
const mostly =
  (every: number): Behaviour =>
  unit =>
    (unit % every === 0 ? honest : liar)(unit)

describe('a check of what devices can do [PRICE-4.1]', () => {
  test('finds how fast they are, whatever they say of themselves', () => {
    const region = new CheckWorld([
      machine('ann', 0.2),
      machine('bob', 0.4),
      machine('cat', 0.1, { slots: 64 }),
      machine('dan', 0.8, { slots: 4 }),
    ])
    region.until(() => region.hasChecked)
    const [ann = 0, ...others] = region.found()
    expect(ann).toBeGreaterThan(0)
    const ratios = others.map(found => found / ann)
    for (const [index, ratio] of [2, 0.5, 4].entries()) {
      expect(Math.abs((ratios[index] ?? 0) / ratio - 1)).toBeLessThan(0.2)
    }
    expect(region.world.audit()).toMatchObject({ ok: true })
  })

  test('gives those who are asked nothing else while it lasts, and then everything again', () => {
    const region = new CheckWorld([machine('ann', 1), machine('bob', 1)])
    const split = { kind: 'range', from: 0, to: 1_000_000, chunk: 1 }
    const { id } = region.world.submit({ ...TIGHT, split, verify: 'trust' })
    region.until(() => region.checks.isRunning)
    region.run(WINDOW_MS / 2)
    const out = () => [...(region.world.jobs.active(id)?.leases.values() ?? [])].length
    expect([out(), region.checks.isRunning]).toEqual([0, true])
    region.until(() => !region.checks.isRunning)
    region.run(1_000)
    expect(out()).toBeGreaterThan(0)
  })

  test('is made once an epoch, at another moment each time', () => {
    const region = new CheckWorld([machine('ann', 0.1), machine('bob', 0.1)])
    const moments: number[] = []
    for (let epoch = 0; epoch < 4; epoch++) {
      region.until(() => region.checks.isRunning, 2 * EPOCH_MS)
      moments.push(region.world.now.wallMs)
      region.until(() => !region.checks.isRunning)
    }
    expect(new Set(moments.map(ms => Math.floor(ms / EPOCH_MS))).size).toBe(4)
    expect(new Set(moments.map(ms => ms % EPOCH_MS)).size).toBe(4)
  })

  test('asks nobody who takes no work, and not where all devices are of one owner', () => {
    const closed = new CheckWorld([machine('ann', 1), machine('bob', 1, { creditLeases: 0 }), machine('cat', 1)])
    closed.until(() => closed.hasChecked)
    expect(closed.found().map(found => found > 0)).toEqual([true, false, true])
    const alone = new CheckWorld([machine('ann', 1), machine('ann', 1)])
    alone.run(2 * EPOCH_MS)
    expect(checkJobs(alone)).toEqual([])
  })

  test('is broken off by a restart, gives its money back and counts for nothing', () => {
    const region = new CheckWorld([machine('ann', 1), machine('bob', 1)])
    const { world } = region
    const before = world.balanceMicro(FEE)
    region.until(() => region.checks.isRunning)
    expect(world.balanceMicro(FEE)).toBeLessThan(before)
    world.restart()
    world.connectAll()
    region.open()
    expect(checkJobs(region).map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'the coordinator was restarted'],
    ])
    expect(world.balanceMicro(FEE)).toBeLessThanOrEqual(before)
    expect(world.pricing.lastCheck).toBe(null)
    region.until(() => region.hasChecked)
    expect(world.audit()).toMatchObject({ ok: true })
  })
})

describe('the money of a check [PRICE-4.2]', () => {
  test('comes out of the fees, pays what was done, and the rest goes back', () => {
    const region = new CheckWorld([machine('ann', 0.1), machine('bob', 0.1)])
    const { world } = region
    const before = world.balanceMicro(FEE)
    region.until(() => region.hasChecked)
    const [row] = checkJobs(region)
    expect(row).toMatchObject({ state: 'cancelled', reason: 'the time of the check is over' })
    expect(row?.paidMicro).toBeGreaterThan(0n)
    // What is left of a micro-credit is nobody's.
    const costMicro = before - world.balanceMicro(FEE)
    expect([costMicro - 1n, costMicro, costMicro + 1n]).toContain(row?.paidMicro)
    expect(world.audit()).toMatchObject({ ok: true })
  })

  test('does not begin one that the fees would not pay for', () => {
    const region = new CheckWorld([machine('ann', 1), machine('bob', 1)], { fees: false })
    region.run(2 * EPOCH_MS)
    expect(checkJobs(region)).toEqual([])
    expect(region.world.pricing.isChecked).toBe(false)
  })

  test('keeps floors: who asks more is paid more, up to eight times the price, and who asks still more is not asked', () => {
    const region = new CheckWorld(['ann', 'bob', 'cat'].map(owner => machine(owner, 0.1)))
    const { world } = region
    const price = world.pricing.gigafuelPriceMicro()
    for (const [index, floor] of [0n, 3n * price, 9n * price].entries()) {
      const stated = { gigafuelMicro: floor, readingMicro: 0n }
      world.step((_now, batch) => world.pricing.stateFloor(region.ids[index] as never, stated, index + 1, batch))
    }
    region.until(() => region.hasChecked)
    expect(region.found().map(found => found > 0)).toEqual([true, true, false])
    expect(checkJobs(region).map(({ gigafuelPriceMicro }) => gigafuelPriceMicro / price)).toEqual([4n, 1n])
    expect(world.audit()).toMatchObject({ ok: true })
  })

  test('ends it for all when it is used up, and counts it only if it lasted', () => {
    const region = new CheckWorld([machine('ann', 40), machine('bob', 40)])
    region.until(() => region.checks.isRunning)
    const beganMs = region.world.now.wallMs
    region.until(() => !region.checks.isRunning)
    expect(region.world.now.wallMs - beganMs).toBeLessThan(WINDOW_MS)
    region.run(5_000)
    expect(region.hasChecked).toBe(false)
  })

  test('is not tied up by a device that claims slots and answers nothing', () => {
    const idle: Behaviour = () => null
    const region = new CheckWorld([
      machine('ann', 0.2),
      machine('bob', 0.2),
      ...Array.from({ length: 4 }, () => machine('mob', 0, { slots: 64, behaviour: idle })),
    ])
    region.until(() => region.checks.isRunning)
    for (const id of region.ids.slice(2)) expect(region.world.desk.loads.of(id).leases.size).toBeLessThanOrEqual(8)
    region.until(() => region.hasChecked)
    expect(region.found().slice(2)).toEqual([0, 0, 0, 0])
  })
})

describe('who lies in a check [PRICE-4.3]', () => {
  const short: Behaviour = unit => ({ ...(honest(unit) as UnitOutcome), fuel: UNIT_FUEL - 1 })
  const failing: Behaviour = () => ({ kind: 'trap', trap: 'unreachable', fuel: UNIT_FUEL })
  const empty: Behaviour = () => ({ kind: 'ok', fuel: UNIT_FUEL, bytes: utf8('') })

  test.each([
    ['answers wrongly', liar],
    ['answers rightly one time in ten', mostly(10)],
    ['answers nothing', empty],
    ['states another fuel', short],
    ['says that units trap', failing],
  ])('is caught when it %s, and counts for nothing', (_what, behaviour) => {
    const region = new CheckWorld([
      machine('ann', 0.2),
      machine('bob', 0.2),
      machine('mob', 0.2, { behaviour: honest }),
    ])
    const { world } = region
    const [, , mob] = region.ids
    const device = world.devices.get(mob as never)
    if (device) device.behaviour = behaviour
    region.until(() => region.hasChecked)
    expect(world.fleet.member(mob as never)?.row).toMatchObject({ standing: 'caught' })
    expect(region.found()[2]).toBe(0)
    expect(region.found()[0]).toBeGreaterThan(0)
    expect(world.audit()).toMatchObject({ ok: true })
  })
})

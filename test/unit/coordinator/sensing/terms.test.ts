import { describe, expect, test } from 'vitest'
import { escrowAccount, submitterAccount } from '../../../../coordinator/ledger/ledger.ts'
import { northOf, SensingWorld, START_MS, TOWN } from '../../../support/sensing-world.ts'

const HOUR_MS = 3_600_000

describe('the terms of a campaign', () => {
  test('its windows begin at whole multiples of their length [SENSE-2.1]', () => {
    const world = new SensingWorld()
    world.join('ann', northOf(0))
    world.pass(130_000)
    const campaign = world.submit({ windowMs: 300_000, durationMs: 900_000 })
    expect(world.store.campaign(campaign)).toMatchObject({ startMs: START_MS, endMs: START_MS + 900_000 })
  })

  test('its budget is in escrow before any device is told [SENSE-2.2]', () => {
    const world = new SensingWorld()
    world.join('ann', northOf(0))
    world.effects.length = 0
    const campaign = world.submit({ budgetMicro: '5000' })
    expect(world.balance(escrowAccount(campaign))).toBe(5_000n)
    expect(world.balance(submitterAccount(TOWN))).toBe(995_000n)
    expect(world.effects.map(({ kind }) => kind)).toContain('plan')
  })

  test('one that names no budget takes what its readings cost, at most a quarter of the account [SENSE-2.2]', () => {
    const world = new SensingWorld()
    world.join('ann', northOf(0))
    const small = world.submit({ paidPerCell: 2, durationMs: HOUR_MS })
    // 60 minutes × 2 sensors of 1 cell × 20.
    expect(world.store.campaign(small)?.budgetMicro).toBe(2_400n)
    const large = world.submit({ paidPerCell: 100, durationMs: 1_000 * HOUR_MS })
    expect(world.store.campaign(large)?.budgetMicro).toBe(997_600n / 4n)
  })

  test.each([
    ['a budget beyond the account', { budgetMicro: '2000000' }, /holds 1/],
    ['a time that is over', { startMs: START_MS - 100 * HOUR_MS, durationMs: HOUR_MS }, /over before it begins/],
  ])('%s is refused with the reason', (_what, changes, reason) => {
    const world = new SensingWorld()
    world.join('ann', northOf(0))
    expect(() => world.submit(changes)).toThrow(reason)
    expect(world.balance(submitterAccount(TOWN))).toBe(1_000_000n)
  })
})

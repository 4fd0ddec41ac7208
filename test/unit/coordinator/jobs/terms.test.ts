import { describe, expect, it } from 'vitest'
import { DepartmentWorld, honest, TIGHT, UNIT_FUEL } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })
const trust = { verify: 'trust' }

/** The budget of a job that names none, for an account of so much; or why it is refused. */
function budgetOf(fundMicro: bigint, wish: Record<string, unknown>): bigint | { code: string; reason: string } {
  const world = new DepartmentWorld({ fundMicro })
  world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest])
  const outcome = world.submit(wish)
  if (!outcome.ok) return { code: outcome.code, reason: outcome.reason }
  expect(outcome.row.gigafuelPriceMicro).toBe(10_000n)
  return outcome.row.budgetMicro
}

describe('a job that names no budget [PAY-3.5]', () => {
  it.each<[what: string, fundMicro: bigint, wish: Record<string, unknown>, budgetMicro: bigint]>([
    // Twice 50 units at 10 000 each.
    ['all units at their limit and a spare copy, when single answers are taken', 10n ** 12n, trust, 1_000_000n],
    // Five times 50 units and 32 more.
    ['every replica and a few more, when owners must agree', 10n ** 12n, {}, 2_820_000n],
    ['less with a lower limit', 10n ** 12n, { task: { unitFuelMax: 1 } }, 282n],
    ['a quarter of the account, when that is less', 4_000_000n, {}, 1_000_000n],
    ['what one unit may cost, when a quarter is less than that', 100_000n, {}, 40_000n],
    ['all there is, when one unit may cost that', 40_000n, {}, 40_000n],
  ])('gets %s', (_, fundMicro, wish, budgetMicro) => {
    expect(budgetOf(fundMicro, { split: range(50), ...wish })).toBe(budgetMicro)
  })

  it('of ten million units stays within what an amount can be', () => {
    const wish = { split: range(10_000_000), task: { unitFuelMax: 100_000_000_000 } }
    expect(budgetOf(2n ** 63n - 1n, wish)).toBe(10n ** 7n * 5n * 10n ** 6n + 32n * 10n ** 6n)
    expect(budgetOf(4_000_000_000n, wish)).toBe(1_000_000_000n)
  })

  it('is refused when the account does not hold the price of one unit with its replicas', () => {
    const refused = budgetOf(39_999n, { split: range(50) })
    expect(refused).toMatchObject({ code: 'insufficient', reason: expect.stringContaining('lower task.unitFuelMax') })
    expect(budgetOf(39_999n, { split: range(50), ...TIGHT })).toBe(9_999n)
  })
})

describe('a budget that is named [PAY-3.5]', () => {
  it.each<[wish: Record<string, unknown>, least: number]>([
    [trust, 10_000],
    [{}, 40_000],
    [{ verify: { theta: 0.98 } }, 20_000],
    [{ task: { unitFuelMax: UNIT_FUEL } }, 400],
  ])('carries at least one unit at its limit and its replicas (%j)', (wish, least) => {
    const job = { split: range(1_000_000), ...wish }
    expect(budgetOf(10n ** 12n, { ...job, budgetMicro: least })).toBe(BigInt(least))
    expect(budgetOf(10n ** 12n, { ...job, budgetMicro: least - 1 })).toMatchObject({
      code: 'budget_too_small',
      reason: expect.stringMatching(/Raise budgetMicro or lower task\.unitFuelMax\.$/),
    })
  })
})

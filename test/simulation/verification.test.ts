/** A short version of `npm run sim -- verification`: the same departments and cheats, smaller fleets. */
import { describe, expect, it, test } from 'vitest'
import { PLANS, type Plan } from './verification/cheats.ts'
import { liveOut } from './verification/lifetime.ts'
import { spotCheckErrorWorst, votingError } from './verification/theory.ts'
import { runTrial } from './verification/trial.ts'

const plan = (name: string): Plan => PLANS.find(one => one.name === name) as Plan
const SMALL = { devices: 50, theta: 0.999, unitsPerDevice: 60 }

describe('a fleet of which a fifth cheats', () => {
  it.each([
    ['independent', 'always'],
    ['colluding', 'always'],
    ['colluding', '10 %'],
    ['colluding', '10 % of fresh ones'],
  ] as const)('[VERIFY-1.1] [VERIFY-2.7] %s, %s: is cleared without an honest device being punished', (kind, name) => {
    const seed = `short/${kind}/${name}`
    const outcome = runTrial({ ...SMALL, seed, f: 0.2, kind, plan: plan(name) })
    expect({ seed, punished: outcome.honestPunished }).toEqual({ seed, punished: 0 })
    expect(outcome.cheatersCaught).toBeGreaterThan(outcome.cheaters / 2)
    // One unit in a thousand is what theta promises at the region's assumed share.
    expect(outcome.wrongUnits).toBeLessThanOrEqual(outcome.units / 1_000)
    expect(outcome.cheatsTried).toBeGreaterThan(5)
  })
})

it('[VERIFY-3.3] an honest fleet pays little more than one answer a unit once it is known', () => {
  const outcome = runTrial({
    ...SMALL,
    devices: 20,
    unitsPerDevice: 300,
    seed: 'honest',
    f: 0,
    kind: 'independent',
    plan: plan('always'),
  })
  expect(outcome.honestPunished + outcome.wrongUnits).toBe(0)
  expect(outcome.copiesSteady).toBeLessThanOrEqual(1.15)
  expect(outcome.copiesFirst).toBeGreaterThan(outcome.copiesSteady)
})

it('[DISP-5.1] [DISP-5.3] what a rare cheat was believed alone is set right by second looks at all of it, of two leases each', () => {
  const rare: Plan = { name: '10 % once it is known', rate: 0.1, checksFirst: 45, freshOnly: false }
  const options = { devices: 12, plan: rare, theta: 0.999, unitsPerDevice: 25, jobsMax: 100 }
  const lives = ['a', 'b'].map(seed => liveOut({ ...options, seed: `rare/${seed}` }))
  expect(lives.map(({ isCaught }) => isCaught)).toEqual([true, true])
  const staying = lives.flatMap(life => life.staying)
  // Most were accepted at first, and all are found.
  expect(staying.length).toBeGreaterThan(lives.reduce((sum, { cheatsTried }) => sum + cheatsTried, 0) / 2)
  expect(staying.filter(({ isFound }) => !isFound)).toEqual([])
  for (const { looked, lookedRight, lookLeases } of lives) {
    expect([lookedRight, lookLeases]).toEqual([looked, 2 * looked])
  }
  expect(lives.some(({ looked }) => looked > 50)).toBe(true)
})

test.each([
  [2, 0.01, 3.0e-4],
  [2, 0.05, 7.3e-3],
  [2, 0.2, 1.0e-1],
  [3, 0.2, 5.8e-2],
  [5, 0.3, 9.9e-2],
])('%i-first voting among %d cheats of one mind errs as often as has been published', (m, f, error) => {
  expect(votingError(m, f) / error).toBeCloseTo(1, 1)
})

test.each([
  [0.05, 0.1, 100, 1.9e-3],
  [0.2, 0.1, 1_000, 8.5e-4],
  [0.2, 0.2, 100, 4.2e-3],
])('spot checks among %d cheats, %d of the leases, %i leases each: the worst rate of cheating', (f, q, n, error) => {
  expect(spotCheckErrorWorst(f, q, n) / error).toBeCloseTo(1, 1)
})

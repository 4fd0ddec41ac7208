import { describe, expect, test } from 'vitest'
import { PLAN_DEFAULTS, type Plan, type PlanAnswer, runPlan } from '../../simulation/plan/index.ts'

const SMALL: Plan = { ...PLAN_DEFAULTS, devices: 8, owners: 8, units: 200 }

async function answerTo(partial: Partial<Plan>): Promise<PlanAnswer> {
  const answer = await runPlan({ ...SMALL, ...partial }, { isStopped: () => false, onStep: () => {} })
  if (answer === null) throw new Error('Nobody stopped it.')
  return answer
}

/** Every micro-credit that the submitter paid is with a device or is the region's fee. */
function expectBooksToBalance({ paidMicro, feeMicro, spentMicro, paidPerDeviceMicro }: PlanAnswer): void {
  expect(BigInt(paidMicro)).toBe(BigInt(spentMicro) - BigInt(feeMicro))
  const [least, median, greatest] = [paidPerDeviceMicro.least, paidPerDeviceMicro.median, paidPerDeviceMicro.greatest]
  expect(BigInt(least)).toBeLessThanOrEqual(BigInt(median))
  expect(BigInt(median)).toBeLessThanOrEqual(BigInt(greatest))
}

describe('a plan', () => {
  test('comes to figures that agree with each other, and catches the cheats', async () => {
    const answer = await answerTo({ cheaters: 0.25 })
    expect(answer).toMatchObject({ state: 'done', reason: '', units: 200, unitsAccepted: 200 })
    expect(answer).toMatchObject({ wrongUnits: 0, cheaters: 2, cheatersCaught: 2, honestCaught: 0 })
    expect(answer.leasesUntilCaught?.least).toBeGreaterThan(0)
    expect(answer.unitsPerSecond).toBe((200 * 1_000) / answer.virtualMs)
    expect(answer.leasesPerUnit).toBe(answer.leases / 200)
    // Nobody has proven itself yet, so every unit needs a second answer.
    expect(answer.replicasPerUnit).toBeGreaterThanOrEqual(2)
    expect(answer.busyShare).toBeGreaterThan(0)
    expect(answer.busyShare).toBeLessThanOrEqual(1)
    expect(answer.bytesInPerSecond).toBeGreaterThan(answer.messagesInPerSecond)
    expect(answer.bytesOutPerSecond).toBeGreaterThan(answer.messagesOutPerSecond)
    expectBooksToBalance(answer)
  })

  test('comes to the same when it is run again, and to something else with another seed', async () => {
    const plan = { cheaters: 0.25, colluding: true, loss: 0.01, churn: 30 }
    const [first, again, other] = [await answerTo(plan), await answerTo(plan), await answerTo({ ...plan, seed: 2 })]
    expect(JSON.stringify(again)).toBe(JSON.stringify(first))
    expect(JSON.stringify({ ...other, plan: first.plan })).not.toBe(JSON.stringify(first))
    for (const answer of [first, other]) expectBooksToBalance(answer)
  })

  test('of a trusting job works every unit out once, and pays for just that', async () => {
    const answer = await answerTo({ theta: null })
    expect(answer).toMatchObject({ state: 'done', unitsAccepted: 200, wrongUnits: 0, cheaters: 0 })
    expect(answer.leasesUntilCaught).toBeNull()
    // A unit of 50 ms is 0.05 gigafuel, and a gigafuel costs 10 000 micro-credits with the fee in it.
    expect(answer.spentMicro).toBe(`${200 * 500}`)
    expectBooksToBalance(answer)
  })

  test('of a trusting job says how many wrong units were accepted', async () => {
    const answer = await answerTo({ theta: null, cheaters: 0.25 })
    expect(answer.wrongUnits).toBeGreaterThan(0)
    expect(answer).toMatchObject({ state: 'done', unitsAccepted: 200, cheatersCaught: 0 })
  })

  test('whose job takes longer than it may is given up, with what was done of it', async () => {
    const answer = await answerTo({ units: 10_000, unitMs: 1_000, hours: 0.01 })
    expect(answer).toMatchObject({ state: 'running', reason: 'It was not done after 0.01 virtual hours.' })
    expect(answer.virtualMs).toBeGreaterThanOrEqual(36_000)
    expect(answer.unitsAccepted).toBeGreaterThan(0)
    expect(answer.unitsAccepted).toBeLessThan(10_000)
    expectBooksToBalance(answer)
  })

  test('that the region refuses fails with the words of the region', async () => {
    await expect(answerTo({ owners: 1 })).rejects.toThrow(/devices of 1 owner/)
  })

  test('ends without an answer when it is stopped', async () => {
    let steps = 0
    const hooks = { isStopped: () => steps > 2, onStep: () => void steps++ }
    expect(await runPlan(SMALL, hooks)).toBeNull()
    expect(steps).toBe(3)
  })
})

/** The departments under random crowds, losses, restarts and lies: the answer is right, nobody is paid twice, the books balance. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdbackAccount } from '../../coordinator/ledger/ledger.ts'
import { decodeOutputs, fromUtf8, type UnitOutcome, utf8 } from '../../protocol/index.ts'
import { type Behaviour, DepartmentWorld } from '../support/department-world.ts'
import { expectPromisesKept, expectSettled } from '../support/money.ts'

type Step =
  | { do: 'answer'; device: number }
  | { do: 'lose'; device: number }
  | { do: 'disconnect'; device: number }
  | { do: 'connect'; device: number }
  | { do: 'wait'; ms: number }
  | { do: 'restart' }

const device = fc.nat(9)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('answer' as const), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disconnect' as const), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

const LIMIT = 1_000_000_000
/** Every unit burns something else; some all they may. */
const fuelOf = (unit: number): number => Math.min(LIMIT, 1 + ((unit * 123_456_789) % 1_100_000_000))
const answer = (value: number, fuel: number): UnitOutcome => ({ kind: 'ok', bytes: utf8(`${value}`), fuel })
const honest: Behaviour = unit => answer(unit * 3, fuelOf(unit))
/** A wrong answer, and a right one that claims to have cost more or less. */
const LIES: readonly Behaviour[] = [
  unit => answer(unit * 3 + 1, fuelOf(unit)),
  unit => answer(unit * 3, fuelOf(unit) === LIMIT ? 1 : LIMIT),
]
const sometimes =
  (lie: Behaviour): Behaviour =>
  unit =>
    unit % 5 === 0 ? lie(unit) : honest(unit)

/** Six honest owners outweigh two liars of one mind; fewer would have to wait for somebody else. */
const HONEST = ['ann', 'bob', 'cat', 'dan', 'fay', 'gus', 'ann', 'bob'].map((owner): [string, Behaviour] => [
  owner,
  honest,
])

function crowdWith(liars: readonly number[]): [string, Behaviour][] {
  const lies = liars.map((lie, index): [string, Behaviour] => {
    const behaviour = LIES[lie] as Behaviour
    return [`eve${index}`, index === 0 ? behaviour : sometimes(behaviour)]
  })
  return [...HONEST, ...lies]
}

const setting = {
  seed: fc.string({ minLength: 1, maxLength: 8 }),
  leaseUnitsMax: fc.integer({ min: 1, max: 40 }),
  liars: fc.array(fc.nat(LIES.length - 1), { maxLength: 2 }),
  steps: fc.array(step, { maxLength: 120 }),
}

describe('the departments', () => {
  it('[VERIFY-1.3] [STORE-1.2] end every job right, whatever happens on the way', () => {
    const world = fc.record({ ...setting, units: fc.integer({ min: 1, max: 400 }) })
    fc.assert(
      fc.property(world, ({ seed, units, leaseUnitsMax, liars, steps }) => {
        const world = new DepartmentWorld({ seed })
        const ids = world.join(...crowdWith(liars))
        const split = { kind: 'range', from: 0, to: units, chunk: 1 }
        const job = world.submit({ split, leaseUnitsMax, budgetMicro: `${units * 100_000}` })
        expect(job.ok).toBe(true)
        for (const move of steps) {
          play(world, ids, move)
          expectPromisesKept(world)
        }
        world.connectAll()
        world.run(job.id)

        expect(world.store.job(job.id)?.state).toBe('done')
        let next = 0
        for (const { unit, count, outputs } of world.accepted(job.id)) {
          expect(unit).toBe(next)
          decodeOutputs(outputs, count).forEach((outcome, index) => {
            expect(outcome.kind === 'ok' && fromUtf8(outcome.bytes)).toBe(`${(unit + index) * 3}`)
            expect(outcome.fuel).toBe(fuelOf(unit + index))
          })
          next += count
        }
        expect(next).toBe(units)
        expectSettled(world, job.id)
        expectEarned(world)
      }),
      { numRuns: 300 },
    )
  })

  it('[PAY-3.2] never spend or promise more than a job has, however little that is', () => {
    const world = fc.record({
      ...setting,
      units: fc.integer({ min: 1, max: 60 }),
      budgetMicro: fc.integer({ min: 40_000, max: 1_000_000 }),
      feeBasisPoints: fc.integer({ min: 0, max: 5_000 }),
      gigafuelPriceMicro: fc.integer({ min: 1, max: 10_000 }),
    })
    const ends = { done: 0, failed: 0 }
    fc.assert(
      fc.property(world, ({ seed, units, leaseUnitsMax, liars, steps, budgetMicro, feeBasisPoints, ...price }) => {
        const gigafuelPriceMicro = BigInt(price.gigafuelPriceMicro)
        const world = new DepartmentWorld({ seed, policy: { feeBasisPoints, gigafuelPriceMicro } })
        const ids = world.join(...crowdWith(liars))
        const split = { kind: 'range', from: 0, to: units, chunk: 1 }
        const job = world.submit({ split, leaseUnitsMax, budgetMicro })
        expect(job.ok).toBe(true)
        for (const move of steps) {
          play(world, ids, move)
          expectPromisesKept(world)
        }
        world.connectAll()
        for (let round = 0; round < 300 && world.jobs.active(job.id); round++) {
          for (const id of ids) world.answer(id)
          world.advance(500)
          expectPromisesKept(world)
        }
        const row = world.store.job(job.id)
        if (row?.state === 'failed') {
          expect(row.reason).toContain('raise budgetMicro or lower task.unitFuelMax')
          ends.failed++
        } else {
          expect(row?.state).toBe('done')
          ends.done++
        }
        expectSettled(world, job.id)
        expectEarned(world)
      }),
      { numRuns: 200 },
    )
    // Both ends are met, or the budgets above try nothing.
    expect(Math.min(ends.done, ends.failed)).toBeGreaterThan(5)
  })
})

/** What devices hold is what the books say, and nobody who lied holds anything. */
function expectEarned(world: DepartmentWorld): void {
  for (const { row } of world.fleet.all()) {
    if (row.standing === 'caught') expect(world.balanceMicro(holdbackAccount(row.id))).toBe(0n)
    else expect(row.heldYoungMicro + row.heldOldMicro).toBe(world.balanceMicro(holdbackAccount(row.id)))
  }
  expect(world.audit()).toMatchObject({ ok: true, problems: [] })
}

function play(world: DepartmentWorld, ids: readonly Parameters<DepartmentWorld['answer']>[0][], move: Step): void {
  if (move.do === 'wait') {
    world.advance(move.ms)
    return
  }
  if (move.do === 'restart') {
    world.restart()
    world.connectAll()
    return
  }
  const id = ids[move.device % ids.length]
  if (!id) return
  if (move.do === 'answer') world.answer(id)
  else if (move.do === 'lose') world.devices.get(id)?.inbox.shift()
  else if (move.do === 'disconnect') world.disconnect(id)
  else world.connect(id)
}

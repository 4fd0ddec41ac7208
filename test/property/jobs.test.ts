/** The departments under random crowds, losses, restarts and lies: the answer is right, nobody is paid twice, the books balance. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escrowAccount, holdbackAccount } from '../../coordinator/ledger/ledger.ts'
import { decodeOutputs, fromUtf8 } from '../../protocol/index.ts'
import { type Behaviour, DepartmentWorld, honest, liar } from '../support/department-world.ts'

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

const sometimes: Behaviour = unit => (unit % 5 === 0 ? liar(unit) : honest(unit))

describe('the departments', () => {
  it('[VERIFY-1.3] [STORE-1.2] end every job right, whatever happens on the way', () => {
    const world = fc.record({
      seed: fc.string({ minLength: 1, maxLength: 8 }),
      units: fc.integer({ min: 1, max: 400 }),
      leaseUnitsMax: fc.integer({ min: 1, max: 40 }),
      liars: fc.integer({ min: 0, max: 2 }),
      steps: fc.array(step, { maxLength: 120 }),
    })
    fc.assert(
      fc.property(world, ({ seed, units, leaseUnitsMax, liars, steps }) => {
        const world = new DepartmentWorld({ seed })
        // Six honest owners outweigh two liars of one mind; fewer would have to wait for somebody else.
        const owners = ['ann', 'bob', 'cat', 'dan', 'fay', 'gus', 'ann', 'bob']
        const crowd = owners.map((owner): [string, Behaviour] => [owner, honest])
        for (let i = 0; i < liars; i++) crowd.push([`eve${i}`, i === 0 ? liar : sometimes])
        const ids = world.join(...crowd)
        const split = { kind: 'range', from: 0, to: units, chunk: 1 }
        const job = world.submit({ split, leaseUnitsMax, budgetMicro: `${units * 1_000}` })
        expect(job.ok).toBe(true)
        for (const move of steps) play(world, ids, move)
        world.connectAll()
        world.run(job.id)

        expect(world.store.job(job.id)?.state).toBe('done')
        let next = 0
        for (const { unit, count, outputs } of world.accepted(job.id)) {
          expect(unit).toBe(next)
          decodeOutputs(outputs, count).forEach((outcome, index) => {
            expect(outcome.kind === 'ok' && fromUtf8(outcome.bytes)).toBe(`${(unit + index) * 3}`)
          })
          next += count
        }
        expect(next).toBe(units)
        expect(world.balanceMicro(escrowAccount(job.id))).toBe(0n)
        for (const { row } of world.fleet.all()) {
          if (row.standing === 'caught') expect(world.balanceMicro(holdbackAccount(row.id))).toBe(0n)
          else expect(row.heldYoungMicro + row.heldOldMicro).toBe(world.balanceMicro(holdbackAccount(row.id)))
        }
        expect(world.audit()).toMatchObject({ ok: true, problems: [] })
      }),
      { numRuns: 300 },
    )
  })
})

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

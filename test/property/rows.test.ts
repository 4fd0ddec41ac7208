/** At every commit the rows of a region are what its log says, whatever is under way: jobs, lies, restarts and disputes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../protocol/index.ts'
import { auditRows } from '../support/audit-rows.ts'
import { ALICE, type Behaviour, DepartmentWorld, honest, liar } from '../support/department-world.ts'

const device = fc.nat(7)
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('answer' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give-back' as const), device }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disconnect' as const), device }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), device }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('submit' as const), units: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('dispute' as const), lease: fc.nat(15) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const WINDOW_MS = 60_000
/** Audits of one run, each a few milliseconds. */
const AUDITS = 4
const sometimes: Behaviour = unit => (unit % 3 === 0 ? liar(unit) : honest(unit))

describe('the rows of a region', () => {
  it('[LOG-9.1] [LOG-9.2] [LOG-9.3] [LOG-9.5] are what its log says while everything is under way', async () => {
    const setting = fc.record({
      seed: fc.string({ minLength: 1, maxLength: 8 }),
      leaseUnitsMax: fc.integer({ min: 1, max: 12 }),
      trusts: fc.boolean(),
      feeBasisPoints: fc.integer({ min: 0, max: 5_000 }),
      steps: fc.array(step, { minLength: 20, maxLength: 100, size: 'max' }),
    })
    let disputes = 0
    await fc.assert(
      fc.asyncProperty(setting, async ({ seed, leaseUnitsMax, trusts, feeBasisPoints, steps }) => {
        const world = new DepartmentWorld({ seed, policy: { holdbackWindowMs: WINDOW_MS, feeBasisPoints } })
        const ids = world.join(
          ...['ann', 'bob', 'cat', 'dan', 'fay', 'gus'].map((owner): [string, Behaviour] => [owner, honest]),
          ['eve', liar],
          ['hal', sometimes],
        )
        const job = { leaseUnitsMax, ...(trusts ? { verify: 'trust' } : {}) }
        world.submit({ ...job, split: { kind: 'range', from: 0, to: 40, chunk: 1 } })
        const every = Math.ceil(steps.length / AUDITS)
        for (const [i, move] of steps.entries()) {
          play(world, ids, job, move)
          if (i % every === every - 1) expect(await auditRows(world.store)).toEqual([])
        }
        world.connectAll()
        for (const { id } of world.store.jobs({ states: ['running'] })) world.run(id, 2_000)
        world.decide(2_000)
        expect(await auditRows(world.store)).toEqual([])
        disputes += world.store.disputes().length
      }),
      { numRuns: 25, endOnFailure: true },
    )
    // Some are taken, or the moves above try nothing.
    expect(disputes).toBeGreaterThan(0)
  }, 120_000)
})

function play(world: DepartmentWorld, ids: readonly DeviceId[], job: object, move: Step): void {
  if (move.do === 'wait') world.advance(move.ms)
  else if (move.do === 'restart') {
    world.restart()
    world.connectAll()
  } else if (move.do === 'submit') {
    world.submit({ ...job, split: { kind: 'range', from: 0, to: move.units, chunk: 1 } })
  } else if (move.do === 'cancel') {
    const [running] = world.store.jobs({ states: ['running'] })
    if (running) world.step((now, batch) => world.jobs.stop(running.id, 'cancelled', 'not wanted', now, batch))
  } else if (move.do === 'dispute') {
    world.dispute.lease({ kind: 'submitter', name: ALICE }, move.lease + 1, 'I doubt it')
  } else {
    const id = ids[move.device]
    if (!id) return
    if (move.do === 'answer') world.answer(id)
    else if (move.do === 'lose') world.devices.get(id)?.inbox.shift()
    else if (move.do === 'give-back') world.giveBack(id)
    else if (move.do === 'disconnect') world.disconnect(id)
    else world.connect(id)
  }
}

import { expect, it } from 'vitest'
import { aggregateOf, DepartmentWorld, honest, liar } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })

it('does not end a job with an aggregate that was begun before units of it were taken back', () => {
  const world = new DepartmentWorld()
  let turned = false
  const turncoat = (unit: number) => (turned ? liar(unit) : honest(unit))
  const ids = world.join(['ann', honest], ['bob', honest], ['cat', honest], ['dan', honest], ['eve', turncoat])
  const eve = world.fleet.member(ids[4] as never)
  if (!eve) throw new Error('eve joined')
  eve.row.checksPassed = 1_000
  const { jobs } = world
  const aggregated = jobs.aggregated.bind(jobs)
  let asked = 0
  // Aggregates take their time here: the test says when one is ready.
  jobs.aggregated = () => {
    asked++
  }
  const state = (id: typeof job.id) => jobs.active(id)?.row.state ?? world.store.job(id)?.state
  const answerAll = () => {
    for (let round = 0; round < 400; round++) {
      for (const id of ids) world.answer(id)
      world.advance(1)
    }
  }

  const job = world.submit({ split: range(200), leaseUnitsMax: 4 })
  answerAll()
  expect(state(job.id)).toBe('aggregating')
  expect(asked).toBe(1)
  expect(jobs.active(job.id)?.solo.get(eve.row.id)?.units.units).toBeGreaterThan(0)

  turned = true
  world.submit({ split: range(200), leaseUnitsMax: 4 })
  answerAll()
  expect(eve.row.standing).toBe('caught')
  expect(state(job.id)).toBe('aggregating')

  world.step((now, batch) => aggregated(job.id, { error: 'units were missing' }, now, batch))
  expect(state(job.id)).toBe('aggregating')
  world.step((now, batch) => aggregated(job.id, aggregateOf('c'), now, batch))
  // The second was asked for while the first was under way; only one that began after both is beyond doubt.
  expect(state(job.id)).toBe('aggregating')
  world.step((now, batch) => aggregated(job.id, aggregateOf('d'), now, batch))
  expect(world.store.job(job.id)).toMatchObject({ state: 'done', resultSha256: 'd'.repeat(64) })
})

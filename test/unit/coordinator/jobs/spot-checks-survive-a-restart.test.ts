import { expect, it } from 'vitest'
import { DepartmentWorld, honest } from '../../../support/department-world.ts'

const range = (units: number) => ({ kind: 'range', from: 0, to: units, chunk: 1 })

function provenPair(): { world: DepartmentWorld; ann: never } {
  const world = new DepartmentWorld()
  const [ann, bob] = world.join(['ann', honest], ['bob', () => null])
  for (const id of [ann, bob]) {
    const member = world.fleet.member(id as never)
    if (!member) throw new Error('it joined')
    // Its word alone is enough, but for spot checks.
    member.row.checksPassed = 1_000
    world.store.commit([{ table: 'device', row: member.row }])
  }
  return { world, ann: ann as never }
}

it('an answer that waits for its second opinion waits on after a restart', () => {
  const { world, ann } = provenPair()
  const job = world.submit({ split: range(2_000), leaseUnitsMax: 4 })
  while (world.answer(ann));
  const waiting = () => world.store.openLeases(job.id).filter(({ state }) => state === 'returned')
  const before = waiting().map(({ id }) => id)
  expect(before.length).toBeGreaterThan(0)
  world.restart()
  expect(waiting().map(({ id }) => id)).toEqual(before)
})

it('leases that are out may be checked after a restart', () => {
  let checked = 0
  for (let round = 0; round < 40; round++) {
    const world = new DepartmentWorld({ seed: `round ${round}` })
    const [ann] = world.join(['ann', honest], ['bob', honest])
    world.submit({ split: range(400), leaseUnitsMax: 1, verify: { theta: 0.98 } })
    world.restart()
    for (const job of world.jobs.allActive()) {
      for (const run of job.runs) {
        const isAnns = [...run.leases].some(({ device }) => device === ann)
        if (isAnns && run.spotCheck) checked++
      }
    }
  }
  expect(checked).toBeGreaterThan(0)
})

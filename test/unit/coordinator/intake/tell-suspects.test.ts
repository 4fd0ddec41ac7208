import { expect, it } from 'vitest'
import { statusReply } from '../../../../coordinator/intake/job-view.ts'
import { createTellSuspects } from '../../../../coordinator/intake/tell-suspects.ts'
import { UnitRanges } from '../../../../coordinator/jobs/unit-ranges.ts'
import { type JobId, parseResultReply, parseStatusReply } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest } from '../../../support/department-world.ts'
import { convict } from '../../../support/dispute-cases.ts'
import { present } from '../../../support/present.ts'

it('[VERIFY-2.6] tells the submitters of recent jobs that rest on a caught device, of those that trust anybody too, and no others', async () => {
  const world = new DepartmentWorld()
  const ids = world.join(['ann', honest], ['bob', honest])
  for (const id of ids) present(world.fleet.member(id)).row.checksPassed = 1_000
  const range = { kind: 'range', from: 0, to: 60, chunk: 1 }
  const old = world.submit({ split: range, leaseUnitsMax: 5 })
  world.run(old.id)
  world.advance(300_000)
  const recent = world.submit({ split: range, leaseUnitsMax: 5 })
  world.run(recent.id)
  const trusting = world.submit({ split: range, verify: 'trust', leaseUnitsMax: 5 })
  world.run(trusting.id)
  const running = world.submit({ split: range, verify: 'trust', leaseUnitsMax: 5 })
  for (const id of ids) world.answer(id)
  const untouched = world.submit({ split: range, verify: 'trust', leaseUnitsMax: 5 })
  const [ann] = ids
  expect([running, untouched].map(({ id }) => world.store.job(id)?.state)).toEqual(['running', 'running'])
  for (const job of [old, recent, trusting, running]) {
    expect(world.store.acceptedRuns(job.id).some(({ solo }) => solo === ann)).toBe(true)
  }

  const [told, watched]: JobId[][] = [[], []]
  const submitters = { tell: (_: unknown, job: JobId) => void told?.push(job) }
  const live = { noteJob: (job: JobId) => void watched?.push(job) }
  convict(world, present(ann))
  const { store, fleet } = world
  const parts = { store, fleet, submitters, live, wallMs: () => world.now.wallMs, breathe: async () => undefined }
  await createTellSuspects(parts, 100_000)(present(ann))
  expect(told).toEqual([running.id, trusting.id, recent.id])
  expect(watched).toEqual(told)
})

it('[VERIFY-2.6] [VERIFY-5.3] says what is in doubt, and how much is wrong on average, in replies that can be read', () => {
  const world = new DepartmentWorld()
  world.join(['ann', honest])
  const job = world.submit({ split: { kind: 'range', from: 0, to: 3, chunk: 1 }, verify: 'trust' })
  world.run(job.id)
  const row = present(world.store.job(job.id))
  const [suspect, wrong, none] = [new UnitRanges(), new UnitRanges(), new UnitRanges()]
  suspect.add(3, 15)
  suspect.add(40, 1)
  wrong.add(1, 2)
  expect(parseStatusReply(statusReply(row, { suspect, wrong }))).toMatchObject({ suspect: '3-17, 40', wrong: '1-2' })
  for (const doubtful of [undefined, { suspect: none, wrong: none }]) {
    expect(Object.keys(parseStatusReply(statusReply(row, doubtful)))).not.toEqual(expect.arrayContaining(['suspect']))
    expect(parseStatusReply(statusReply(row, doubtful))).not.toHaveProperty('wrong')
  }
  // One device that nobody knows: a tenth of its answers is assumed to be wrong.
  expect(row.expectedWrongUnits).toBeCloseTo(0.3)
  const reply = { job: row.id, reason: '', fuel: '1', costMicro: '1', failedUnits: 0, state: 'failed' }
  expect(parseResultReply({ ...reply, expectedWrongUnits: 0.3 })).toMatchObject({ expectedWrongUnits: 0.3 })
  expect(parseResultReply(reply)).not.toHaveProperty('expectedWrongUnits')
  expect(() => parseResultReply({ ...reply, expectedWrongUnits: -1 })).toThrow('expectedWrongUnits')
})

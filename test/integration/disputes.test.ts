/** A dispute through the whole region: HTTP, the real store, real devices that run the units again. */
import { expect, test } from 'vitest'
import { utf8 } from '../../protocol/index.ts'
import { eventually } from '../support/eventually.ts'
import { doneResult, HandDrivenDevice } from '../support/hand-driven-device.ts'
import { ECHO } from '../support/tasks.ts'
import { TestRegion, taskOf } from '../support/test-region.ts'

const OWNERS = ['ann', 'bob', 'cat', 'dan', 'fay'] as const

/** A job of one lease that eve, alone in the region, answers wrongly. */
async function lied(region: TestRegion): Promise<{ eve: HandDrivenDevice; job: string }> {
  const eve = new HandDrivenDevice('eve', await region.claim('eve'))
  await eve.enter()
  const lab = await region.bare('lab')
  const split = { kind: 'range', from: 0, to: 2, chunk: 1 }
  const job = { task: taskOf(ECHO), split, aggregate: { kind: 'concat' }, verify: 'trust', leaseUnitsMax: 1 }
  const { body } = await lab.submit(job)
  for (let seq = 1; seq <= 2; seq++) {
    const lease = await eve.lease()
    const lie = { fuel: 100, kind: 'ok', bytes: utf8(`nonsense ${lease.firstUnit}`) } as const
    await eve.results(seq, doneResult(lease.leaseId, [lie]))
  }
  await lab.result(body.job)
  return { eve, job: body.job }
}

test('a lie that was accepted is found out by devices of other owners [DISP-2.1] [DISP-3.2]', async () => {
  await using region = await TestRegion.start()
  const { eve, job } = await lied(region)
  await region.joinAll(...OWNERS)
  const opened = await region.admin.disputeOpen(null, { job, unit: 1 }, 'that is nonsense')
  expect(opened).toMatchObject({ job, account: 'submitter:lab', state: 'open' })
  const ended = await eventually('the dispute ended', async () => {
    const dispute = await region.admin.dispute(opened.id)
    return dispute.state === 'open' ? undefined : dispute
  })
  expect(ended).toMatchObject({ state: 'upheld' })
  await eventually('eve told', () => eve.notices.includes('caught'))
  expect(await region.admin.device(eve.id)).toMatchObject({ standing: 'caught', earnedMicro: '0' })
  expect((await region.admin.jobList({})).map(({ id, state }) => [id, state])).toEqual([[job, 'done']])
  const explained = await region.admin.disputeExplain(opened.id)
  expect(explained.summary).toBe(`Dispute ${opened.id} was upheld: whoever disputed was right.`)
  expect(await region.bookProblems()).toEqual([])
  eve.client?.end(true)
})

test('a dispute goes on after the coordinator ended in the middle [DISP-2.4]', async () => {
  await using region = await TestRegion.start()
  const { eve, job } = await lied(region)
  const opened = await region.admin.disputeOpen(null, { job, unit: 0 }, '')
  expect(opened.stage).not.toBeNull()
  await region.stopCoordinator()
  await region.startCoordinator()
  expect(await region.admin.dispute(opened.id)).toMatchObject({ state: 'open' })
  await region.joinAll(...OWNERS)
  await eventually('the dispute ended', async () => (await region.admin.dispute(opened.id)).state === 'upheld')
  expect(await region.bookProblems()).toEqual([])
  eve.client?.end(true)
})

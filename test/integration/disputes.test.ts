/** A dispute through the whole region: HTTP, the real store, real devices that run the units again. */
import { expect, test } from 'vitest'
import { type UnitOutcome, utf8 } from '../../protocol/index.ts'
import type { BareSubmitter } from '../support/bare-submitter.ts'
import { eventually } from '../support/eventually.ts'
import { doneResult, HandDrivenDevice } from '../support/hand-driven-device.ts'
import { ECHO } from '../support/tasks.ts'
import { TestRegion, taskOf } from '../support/test-region.ts'

/** What a unit here may burn, and what a device that nobody checks says it burned. */
const UNIT_FUEL_MAX = 5_000

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

/** Jobs of one unit until eve, who is believed alone, has answered one that nobody was to check. */
async function believed(lab: BareSubmitter, eve: HandDrivenDevice, seq: () => number, answer: UnitOutcome) {
  for (;;) {
    const job = { ...unitJob(1), verify: { theta: 0.5 } }
    const { body } = await lab.submit(job)
    const lease = await eve.lease()
    await eve.results(seq(), doneResult(lease.leaseId, [answer]))
    const result = await Promise.race([lab.result(body.job), new Promise<null>(wait => setTimeout(wait, 3_000, null))])
    if (result !== null) return body.job as string
    await lab.publish(`${body.job}/cancel`)
    await lab.message('its end', ({ topic, body }) => topic.endsWith('/status') && body.state === 'cancelled')
    lab.received.length = 0
  }
}

const unitJob = (units: number) => ({
  task: taskOf(ECHO, { unitFuelMax: UNIT_FUEL_MAX }),
  split: { kind: 'range', from: 0, to: units, chunk: 1 },
  aggregate: { kind: 'concat' },
  leaseUnitsMax: 1,
})

test('the region looks again by itself at what a device had answered alone that is caught later [DISP-5.1] [DISP-5.3]', async () => {
  await using region = await TestRegion.start({ policy: { feeBasisPoints: 5_000 } })
  const lab = await region.bare('lab')
  const ann = await region.join('ann')
  const known = await lab.submit({ ...unitJob(1), verify: 'trust' })
  const right = await lab.result(known.body.job)
  await ann.device.stop()

  const eve = new HandDrivenDevice('eve', await region.claim('eve'))
  await eve.enter()
  let sent = 0
  const seq = () => ++sent
  // Something to lose, which pays for the second looks.
  const earned = await lab.submit({ ...unitJob(12), verify: 'trust' })
  for (let unit = 0; unit < 12; unit++) {
    const lease = await eve.lease()
    await eve.results(seq(), doneResult(lease.leaseId, [{ fuel: UNIT_FUEL_MAX, kind: 'ok', bytes: utf8('paid') }]))
  }
  await lab.result(earned.body.job)
  const bytes = new Uint8Array(Buffer.from(right.base64 as string, 'base64'))
  const truth = { fuel: Number(right.fuel), kind: 'ok', bytes } as const
  const honest = await believed(lab, eve, seq, truth)
  const lied = await believed(lab, eve, seq, { ...truth, bytes: utf8('nonsense') })
  await region.joinAll('bob', 'cat', 'dan', 'fay', 'gus')
  await lab.submit(unitJob(30))
  const lease = await eve.lease()
  await eve.results(seq(), doneResult(lease.leaseId, [{ ...truth, bytes: utf8('more nonsense') }]))

  await eventually('eve told', () => eve.notices.includes('caught'))
  const ended = await eventually('both looked at', async () => {
    // What eve has answered for the job that trusts single answers comes after these two, as far as the money goes.
    const own = (await region.admin.disputeList({})).filter(({ account }) => account === 'slashed')
    const both = own.filter(({ job }) => job === honest || job === lied)
    return both.length === 2 && both.every(({ state }) => state !== 'open') ? both : undefined
  })
  expect(new Map(ended.map(({ job, state }) => [job, state]))).toEqual(
    new Map([
      [honest, 'dismissed'],
      [lied, 'upheld'],
    ]),
  )
  await lab.message('what is wrong', ({ topic, body }) => topic === `${lied}/status` && body.wrong === '0')
  const explained = async (job: string) => (await region.admin.jobExplain(job)).reasons.join(' ')
  expect(await explained(lied)).toContain('A second look found the result of unit 0 to be wrong')
  expect(await explained(honest)).not.toMatch(/look found|rests on the word/)
  const wrong = ended.find(({ job }) => job === lied)
  expect((await region.admin.disputeExplain(wrong?.id ?? '')).summary).toContain('the accepted result is wrong')
  expect(await region.bookProblems()).toEqual([])
  eve.client?.end(true)
})

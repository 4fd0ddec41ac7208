/**
 * Submitters who ask for what cannot be, for too much, or for nothing in the end: each is answered with the reason, bounded or charged, and
 * whoever else hands in a job gets its answer.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromUtf8, LIMITS } from '../../protocol/index.ts'
import type { BareSubmitter } from '../support/bare-submitter.ts'
import { echoed, echoJob } from '../support/echo-jobs.ts'
import { eventually } from '../support/eventually.ts'
import { ENDLESS, FOR_LONG } from '../support/tasks.ts'
import { TestRegion, taskOf } from '../support/test-region.ts'

let region: TestRegion
let bob: BareSubmitter
let honest: BareSubmitter

beforeAll(async () => {
  region = await TestRegion.start()
  await region.join('ann')
  bob = await region.bare('bob')
  honest = await region.bare('honest')
})
afterAll(async () => {
  await region[Symbol.asyncDispose]()
  expect(region.fatal).toEqual([])
})

/** Somebody else's job is taken, worked off and paid, and the books balance. */
async function expectUnharmed(): Promise<void> {
  const { body } = await honest.submit(echoJob(40))
  expect(body).toMatchObject({ state: 'running' })
  const result = await honest.result(body.job)
  expect(fromUtf8(Buffer.from(result.base64, 'base64'))).toBe(echoed(40))
  expect(await region.bookProblems()).toEqual([])
}

const refusals = (submitter: BareSubmitter) => submitter.received.filter(({ topic }) => topic === 'refused')
/** So many leases of a submitter that devices lose are one too many, at a second each at least. */
const LEASES_TOO_MANY = LIMITS.cancelledWorkMsMax / 1_000 + 20
/** A job that runs until it is cancelled. */
const endless = (more: Record<string, unknown> = {}) => echoJob(1, { task: taskOf(ENDLESS, FOR_LONG), ...more })

describe('a job that cannot be', () => {
  const range = (to: unknown, more: Record<string, unknown> = {}) => ({
    split: { kind: 'range', from: 0, to, chunk: 1, ...more },
  })
  const values = (count: number) => Array.from({ length: count }, (_, i) => i)
  const grid = (...sizes: number[]) => ({
    split: { kind: 'grid', parameters: Object.fromEntries(sizes.map((size, i) => [`p${i}`, values(size)])) },
  })
  const IMPOSSIBLE: [what: string, more: Record<string, unknown>, path: string, reason: RegExp][] = [
    ['2^53 units', range(2 ** 53), 'split.to', /must be/],
    ['2^53 - 1 units', range(2 ** 53 - 1), 'split.chunk', /at most/],
    ['one unit too many', range(LIMITS.unitsPerJobMax + 1), 'split.chunk', /at most/],
    ['a grid of more than 2^53', grid(1_000, 1_000, 1_000, 1_000, 1_000, 1_000), 'split.parameters', /./],
    ['fewer units than none', range(-1), 'split.to', /must be/],
    ['half a unit', range(1.5), 'split.to', /must be/],
    ['units by name', range('many'), 'split.to', /must be/],
    ['an endless range', range(10, { chunk: 0 }), 'split.chunk', /must be/],
    ['a huge name', { name: 'x'.repeat(40_000) }, 'name', /must/],
    ['a budget of nobody', { budgetMicro: '9'.repeat(10_000) }, 'budgetMicro', /must be/],
    ['a budget below nothing', { budgetMicro: '-1' }, 'budgetMicro', /must be/],
    ['what is not known', { constructor: { polluted: true } }, 'constructor', /./],
    ['more than may burn', { task: taskOf(ENDLESS, { unitFuelMax: 2 ** 53 }) }, 'task.unitFuelMax', /must be/],
  ]
  test.each(IMPOSSIBLE)('of %s is refused with the field and the reason', async (_what, more, path, reason) => {
    const { topic, body } = await bob.submit(echoJob(1, more))
    expect([topic, body.error.path]).toEqual(['refused', path])
    expect(body.error.message).toMatch(reason)
    expect(body.error.message).toMatch(/^[A-Z].*\.$/s)
    expect(body.error.message.length).toBeLessThan(500)
  })

  const UNREADABLE: [what: string, payload: Buffer, code: string][] = [
    ['bytes', Buffer.alloc(1_000, 0xff), 'bad_json'],
    ['half of a JSON text', Buffer.from('{"task":'), 'bad_json'],
    ['brackets to the end', Buffer.from('['.repeat(LIMITS.submitBytesMax)), 'bad_json'],
    ['a list', Buffer.from('[1]'), 'bad_json'],
    ['lists in lists in lists', Buffer.from(`{"split":${'['.repeat(30_000)}${']'.repeat(30_000)}}`), 'bad_job'],
    ['more than may be', Buffer.alloc(LIMITS.submitBytesMax + 1, 0x20), 'too_large'],
  ]
  test.each(UNREADABLE)('of %s is refused', async (_what, payload, code) => {
    const from = refusals(bob).length
    await bob.publish('submit', payload)
    const refused = await eventually('the refusal', () => refusals(bob)[from])
    expect(refused.body.error).toMatchObject({ code })
  })

  test('leaves nothing behind', async () => {
    expect((await region.admin.jobList({ submitter: 'bob' })).length).toBe(0)
    await expectUnharmed()
  })
})

describe('a submitter that floods', () => {
  test('with submissions gets so many taken, is told when to try again, and others are answered', async () => {
    const flooder = await region.bare('flooder')
    const count = 2 * LIMITS.submissionsBurstMax
    const bad = echoJob(0)
    for (let i = 0; i < count; i++) flooder.publish('submit', { ...bad, ref: `${i}` }).catch(() => undefined)
    await expectUnharmed()
    // One in a hurry is not told of everything either.
    await region.counted('submission_refused', count)
    expect(refusals(flooder).length).toBeLessThanOrEqual(count)
    const busy = refusals(flooder).filter(({ body }) => body.error.code === 'busy')
    expect(busy.length).toBeGreaterThan(0)
    expect(busy.length).toBeLessThanOrEqual(count - LIMITS.submissionsBurstMax)
    expect(busy[0]?.body.error.message).toMatch(
      /^flooder has handed in more jobs and campaigns than 400 at once and 100 a second: try again in \d+ m?s\.$/,
    )
    expect(busy[0]?.body.ref).toMatch(/^\d+$/)
  })

  test('with the same submission gets one job', async () => {
    const echo = await region.bare('again')
    for (let i = 0; i < 1_500; i++) echo.publish('submit', { ...echoJob(1), ref: 'same' }).catch(() => undefined)
    await expectUnharmed()
    const jobs = await region.admin.jobList({ submitter: 'again' })
    expect(jobs).toHaveLength(1)
    await echo.result(jobs[0]?.id ?? '')
  })

  test('with questions about its jobs is answered so often, and others at once', async () => {
    const curious = await region.bare('curious')
    const count = 3 * LIMITS.requestsBurstMax
    for (let i = 0; i < count; i++) curious.publish(`${'a'.repeat(16)}/get`).catch(() => undefined)
    await expectUnharmed()
    await region.counted('refusal_dropped')
    const codes = new Set(refusals(curious).map(({ body }) => body.error.code))
    expect([...codes].sort()).toEqual(['busy', 'not_found'].filter(code => codes.has(code)))
    expect(refusals(curious).length).toBeLessThan(count)
  })

  test('with jobs that run gets so many at a time', async () => {
    const many = await region.bare('many')
    const small = endless()
    const limit = LIMITS.jobsRunningPerSubmitterMax
    const ids: string[] = []
    for (let i = 0; i < limit; i++) ids.push((await many.submit(small)).body.job)
    const { topic, body } = await many.submit(small)
    expect([topic, body.error]).toEqual([
      'refused',
      {
        code: 'too_many_jobs',
        message: `${limit} jobs of many are running, and no more can: wait for one to end, or put more units into each.`,
        path: '',
      },
    ])
    const [first = ''] = ids
    await many.publish(`${first}/cancel`)
    await many.result(first)
    expect((await many.submit(small)).topic).toMatch(/status$/)
    for (const { id } of await region.admin.jobList({ submitter: 'many' })) await many.publish(`${id}/cancel`)
    await expectUnharmed()
  })
})

describe('a submitter that cancels', () => {
  test('pays for what was verified until then, and gets the rest back', async () => {
    const fickle = await region.account('fickle', '1000000000000')
    const submitter = await region.connectBare(fickle)
    const { body } = await submitter.submit(echoJob(50_000, { leaseUnitsMax: 50, budgetMicro: '500000000000' }))
    await eventually('some of it is done', async () => (await region.admin.job(body.job)).unitsVerified > 0)
    await submitter.publish(`${body.job}/cancel`)
    const result = await submitter.result(body.job)
    expect(result).toMatchObject({ state: 'cancelled', reason: 'on request' })
    expect(BigInt(result.costMicro)).toBeGreaterThan(0n)
    const { accounts } = await region.admin.ledgerBalance('submitter:fickle')
    expect(accounts[0]?.balanceMicro).toBe(`${1_000_000_000_000n - BigInt(result.costMicro)}`)
    await submitter.publish(`${body.job}/cancel`)
    await submitter.message('the second one refused', ({ topic }) => topic === 'refused')
    expect(refusals(submitter)[0]?.body.error.code).toBe('not_running')
    await expectUnharmed()
  })

  test('what the operator cancels is not counted against whoever submitted it', async () => {
    await region.account('calm')
    const many = echoJob(50, { task: taskOf(ENDLESS, FOR_LONG), leaseUnitsMax: 1 })
    for (let lost = 0; lost < LEASES_TOO_MANY; ) {
      const { id } = await region.admin.jobSubmit('calm', many)
      await eventually('a device is at it', async () => (await region.admin.job(id)).leases > 0)
      lost += (await region.admin.job(id)).leases
      expect(await region.admin.jobCancel(id)).toMatchObject({ state: 'cancelled', reason: 'by the operator' })
    }
    const { id } = await region.admin.jobSubmit('calm', many)
    await region.admin.jobCancel(id)
    await expectUnharmed()
  })

  test('everything, at once and for ever, is slowed like any flood, and others get their answers', async () => {
    const fickle = await region.bare('never-sure')
    let over = false
    const loop = (async () => {
      for (let i = 0; !over; i++) {
        await fickle.publish('submit', { ...endless(), ref: `${i}` })
        const { topic, body } = await fickle.message(`the answer to ${i}`, ({ body }) => body.ref === `${i}`)
        if (topic !== 'refused') await fickle.publish(`${body.job}/cancel`)
      }
    })()
    await eventually('enough of it', () => refusals(fickle).length > 0)
    await expectUnharmed()
    over = true
    await loop
    await eventually('nothing runs', async () => (await region.admin.metrics()).jobs_running === 0)
    const jobs = await region.admin.jobList({ submitter: 'never-sure' })
    expect(jobs.length).toBeGreaterThan(0)
    const told = refusals(fickle).at(-1)?.body.error
    expect([told?.code, told?.message]).toEqual([
      'busy',
      expect.stringMatching(
        /^never-sure has cancelled so many jobs that devices were at work on: try again in \d+ m?s\.$/,
      ),
    ])
    expect(jobs.every(({ state, spentMicro }) => state === 'cancelled' && spentMicro === '0')).toBe(true)
    expect(await region.bookProblems()).toEqual([])
  })
})

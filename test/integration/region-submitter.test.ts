/** Submitting through a bare MQTT client: JSON in, JSON out, and nobody else's business. */
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toBase64, utf8 } from '../../protocol/index.ts'
import type { BareSubmitter } from '../support/bare-submitter.ts'
import { eventually } from '../support/eventually.ts'
import { ECHO, ENDLESS, FOR_LONG } from '../support/tasks.ts'
import { MEADOW, sha256HexOf, TestRegion, taskOf } from '../support/test-region.ts'

let region: TestRegion
let ada: BareSubmitter

beforeAll(async () => {
  region = await TestRegion.start()
  await region.join('greta')
  ada = await region.bare('ada')
})
afterAll(async () => {
  await region[Symbol.asyncDispose]()
  expect(region.fatal).toEqual([])
})

const job = (more: Record<string, unknown> = {}) => ({
  task: taskOf(ECHO),
  split: { kind: 'items', items: ['1', '2', '39'] },
  aggregate: { kind: 'sum' },
  verify: 'trust',
  ...more,
})
/** One that runs until it is cancelled. */
const endless = (more: Record<string, unknown> = {}) => job({ task: taskOf(ENDLESS, FOR_LONG), ...more })
const topicsOf = (submitter: BareSubmitter, id: string) =>
  submitter.received.filter(({ topic }) => topic.startsWith(id)).map(({ topic }) => topic.slice(id.length + 1))

describe('a submission', () => {
  test('is JSON, and so are the status, the progress and the result that answer it [TOPIC-4.1] [PAY-1.6]', async () => {
    const accepted = await ada.submit(job({ ref: 'my first', name: 'answer' }))
    const id = accepted.body.job
    // Three units at a gigafuel each, and as many spare ones.
    const terms = { gigafuelPriceMicro: '1000000000', budgetMicro: '6000000000' }
    expect(accepted).toEqual({
      topic: `${id}/status`,
      body: { job: id, ref: 'my first', state: 'running', reason: '', units: 3, ...terms },
    })
    const result = await ada.result(id)
    expect(result).toEqual({
      job: id,
      ref: 'my first',
      state: 'done',
      reason: '',
      fuel: expect.stringMatching(/^[1-9][0-9]+$/),
      costMicro: result.fuel,
      failedUnits: 0,
      mediaType: 'text/plain',
      bytes: 2,
      sha256: sha256HexOf(utf8('42')),
      text: '42',
      expectedWrongUnits: expect.any(Number),
      unitFuelLeast: expect.any(Number),
      unitFuelGreatest: expect.any(Number),
      bill: { url: expect.any(String), sha256: expect.any(String), bytes: expect.any(Number) },
    })
    expect(topicsOf(ada, id)).toEqual(['status', 'progress', 'status', 'result'])
    const progress = ada.received.find(({ topic }) => topic === `${id}/progress`)?.body
    expect(progress).toMatchObject({
      job: id,
      units: 3,
      done: 3,
      verified: 3,
      fuel: result.fuel,
      spentMicro: result.costMicro,
    })
  })

  test('has an exact bill, with the fuel of every unit [PAY-3.4]', async () => {
    const { body } = await ada.submit(job())
    const { bill, fuel, unitFuelLeast, unitFuelGreatest } = await ada.result(body.job)
    const csv = await (await fetch(bill.url)).text()
    expect([csv.length, sha256HexOf(utf8(csv))]).toEqual([bill.bytes, bill.sha256])
    const [header, ...lines] = csv.trimEnd().split('\n')
    expect(header).toBe('unit,outcome,fuel')
    const fuels = lines.map(line => Number(/^([012]),ok,([1-9][0-9]*)$/.exec(line)?.[2]))
    expect(fuels).toHaveLength(3)
    expect([Math.min(...fuels), Math.max(...fuels)]).toEqual([unitFuelLeast, unitFuelGreatest])
    expect(`${fuels.reduce((sum, one) => sum + one, 0)}`).toBe(fuel)
    // The same work burns the same fuel, whenever it is done.
    const again = await ada.result((await ada.submit(job())).body.job)
    expect(again.bill.sha256).toBe(bill.sha256)
  })

  test('whose unit runs out of fuel fails, and says what to raise [JOB-3.3]', async () => {
    const { body } = await ada.submit(job({ task: taskOf(ENDLESS, { unitFuelMax: 5_000_000 }) }))
    const { state, reason } = await ada.result(body.job)
    expect([state, reason]).toEqual([
      'failed',
      expect.stringMatching(/^unit [012] ran out of fuel: its limit is 5000000; raise task\.unitFuelMax$/),
    ])
  })

  test('without a ref is answered without one', async () => {
    const { body } = await ada.submit(job())
    expect(body).not.toHaveProperty('ref')
    expect(await ada.result(body.job)).not.toHaveProperty('ref')
  })

  test('with the ref of one before gives the job there is [TOPIC-4.1]', async () => {
    const first = await ada.submit(endless({ ref: 'twice' }))
    const second = await ada.submit(endless({ ref: 'twice' }))
    const after = await ada.submit(job({ ref: 'twice', aggregate: { kind: 'max' } }))
    expect([second.body.job, after.body.job]).toEqual([first.body.job, first.body.job])
    // Another submitter may use the same text.
    const bob = await region.bare('bob')
    const bobs = await bob.submit(endless({ ref: 'twice' }))
    expect(bobs.body.job).not.toBe(first.body.job)
    for (const [submitter, id] of [
      [ada, first.body.job],
      [bob, bobs.body.job],
    ] as const) {
      await submitter.publish(`${id}/cancel`)
      await submitter.result(id)
    }
  })
})

describe('a job', () => {
  test('tells how it stands when it is asked, and ends when it is cancelled [JOB-2.4]', async () => {
    const { body } = await ada.submit(endless({ ref: 'long' }))
    const id: string = body.job
    await ada.publish(`${id}/get`)
    await eventually('status and progress', () => topicsOf(ada, id).length === 3)
    expect(topicsOf(ada, id)).toEqual(['status', 'status', 'progress'])

    await ada.publish(`${id}/cancel`)
    expect(await ada.result(id)).toEqual({
      job: id,
      ref: 'long',
      state: 'cancelled',
      reason: expect.any(String),
      fuel: '0',
      costMicro: '0',
      failedUnits: 0,
      expectedWrongUnits: 0,
    })
    const answers = topicsOf(ada, id).length
    await ada.publish(`${id}/get`)
    await eventually('the end told again', () => topicsOf(ada, id).length === answers + 3)
    expect(topicsOf(ada, id).slice(answers)).toEqual(['status', 'progress', 'result'])

    await ada.publish(`${id}/cancel`)
    const refused = await ada.message('a refusal', ({ topic, body }) => topic === 'refused' && body.job === id)
    expect(refused.body.error).toEqual({
      code: 'not_running',
      message: `The job ${id} is cancelled and cannot be cancelled.`,
      path: '',
    })
    expect(await region.bookProblems()).toEqual([])
  })

  test('is its submitter’s alone: another can neither ask, cancel, read nor listen [TOPIC-2.3] [TOPIC-2.4]', async () => {
    const eve = await region.bare('eve')
    const { body } = await ada.submit(endless())
    const id: string = body.job
    for (const leaf of ['get', 'cancel']) await eve.publish(`${id}/${leaf}`)
    await eventually('two refusals', () => eve.received.length === 2)
    const unknown = { code: 'not_found', message: `There is no job ${id} of eve.`, path: '' }
    expect(eve.received).toEqual([1, 2].map(() => ({ topic: 'refused', body: { job: id, error: unknown } })))

    const adas = `hr/1/${MEADOW}/jobs/ada`
    const granted = await eve.client.subscribeAsync([`${adas}/#`, 'hr/1/#', '#'], { qos: 1 }).catch(() => 'refused')
    expect(granted).toBe('refused')
    const ended = new Promise<void>(resolve => eve.client.once('close', () => resolve()))
    eve.client.publish(`${adas}/${id}/cancel`, '')
    await ended
    expect((await region.admin.metrics())['publish:foreign_topic']).toBe(1)
    expect((await region.admin.job(id)).state).toBe('running')

    await ada.publish(`${id}/cancel`)
    await ada.result(id)
    expect(eve.received).toHaveLength(2)
  })

  test('that never was cannot be asked about', async () => {
    await ada.publish('abcdefgh234567ab/get')
    const { body } = await ada.message('a refusal', ({ body }) => body.job === 'abcdefgh234567ab')
    expect(body.error.code).toBe('not_found')
  })
})

describe('a submission that cannot become a job is refused with a code, a sentence and the path of the wrong field [TOPIC-4.2]', () => {
  const nowhere = 'ab'.repeat(32)
  test.each<[what: string, payload: unknown, code: string, path: string]>([
    ['that is no JSON', '{"task":', 'bad_json', ''],
    ['that is no object', '[1]', 'bad_json', ''],
    ['that is no UTF-8', Buffer.from([0xff, 0xfe]), 'bad_json', ''],
    ['of nothing', '', 'bad_json', ''],
    ['too large', `{"name":"${'x'.repeat(65_536)}"}`, 'too_large', ''],
    ['with a ref that is no text', job({ ref: 7 }), 'bad_job', 'ref'],
    ['with a field that there is not', job({ aggregat: {} }), 'bad_job', 'aggregat'],
    [
      'with a wrong field deep inside',
      job({ split: { kind: 'range', from: 0, to: 9, chunk: -1 } }),
      'bad_job',
      'split.chunk',
    ],
    ['of an unknown module', job({ task: { module: { sha256: nowhere } } }), 'bad_job', 'task.module'],
    [
      'of an unknown input',
      job({ split: { kind: 'blob', source: { sha256: nowhere }, by: 'lines', size: 1 } }),
      'bad_job',
      'split.source',
    ],
    [
      'of a module that is none',
      job({ task: { module: { base64: toBase64(utf8('#!/bin/sh')) } } }),
      'bad_module',
      'task.module',
    ],
    ['with a price below the region’s', job({ gigafuelPriceMaxMicro: '999999999' }), 'price_too_low', ''],
    ['with a budget below the price of one unit', job({ budgetMicro: '999999999' }), 'budget_too_small', ''],
    ['with a budget above the account', job({ budgetMicro: '1000000000000001' }), 'insufficient', ''],
    ['with a certainty that no quorum here reaches', job({ verify: { theta: 0.999 } }), 'no_quorum', ''],
  ])('%s', async (_what, payload, code, path) => {
    const balance = async () => (await region.admin.ledgerBalance('submitter:ada')).accounts[0]?.balanceMicro
    const before = await balance()
    const from = ada.received.length
    await ada.publish('submit', payload)
    const { topic, body } = await eventually('an answer', () => ada.received[from])
    expect([topic, body.error.code, body.error.path]).toEqual(['refused', code, path])
    expect(body.error.message).toMatch(/^[A-Z0-9].*\.$/s)
    expect(await balance()).toBe(before)
    expect(body).not.toHaveProperty('job')
  })

  test('and its ref comes back', async () => {
    const { topic, body } = await ada.submit(job({ ref: 'mine', budgetMicro: '1' }))
    expect([topic, body.ref]).toEqual(['refused', 'mine'])
  })

  test('when no device has joined, or none that could run it [JOB-2.1]', async () => {
    await using empty = await TestRegion.start()
    const lab = await empty.bare('lab')
    expect((await lab.submit(job())).body.error.code).toBe('no_device')
    await empty.join('greta')
    const { body } = await lab.submit(job({ task: taskOf(ECHO, { memoryMiB: 512 }) }))
    expect(body.state).toBe('running')
  })

  test('when the account is empty [JOB-2.1]', async () => {
    const poor = await region.bare('poor', '0')
    const { body } = await poor.submit(job())
    expect(body.error).toMatchObject({
      code: 'insufficient',
      message: expect.stringContaining('the account of poor holds 0.'),
    })
  })
})

describe('a connection', () => {
  test.each([
    ['with a wrong token', 'ada', () => 'wrong'],
    ['under a name that is not there', 'nobody', () => ada.token],
    ["with another submitter's token", 'zoe', () => ada.token],
  ])('%s is refused', async (_what, username, token) => {
    if (username === 'zoe') await region.account('zoe')
    const options = { username, password: token(), protocolVersion: 4, reconnectPeriod: 0 } as const
    await expect(mqtt.connectAsync(region.coordinator.mqttUrl, options)).rejects.toThrow('Bad username or password')
  })
})

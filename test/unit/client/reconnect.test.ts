import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectSubmitter, type SubmitterClient } from '../../../client/index.ts'
import type { JobFeed } from '../../../client/job-feed.ts'
import { connectMqttWith } from '../../../client/mqtt-transport.ts'
import { platformClock, platformRandom } from '../../../client/platform.ts'
import { Submissions } from '../../../client/submissions.ts'
import { TransportError } from '../../../protocol/index.ts'
import { type FakeRegion, NAME, REGION, startFakeRegion, statusOf, TOKEN } from './fake-region.ts'

const JOB = 'abcdefgh234567ab'
const cancelled = { job: JOB, state: 'cancelled', reason: '', fuel: '0', costMicro: '0', failedUnits: 0 }

let region: FakeRegion
let client: SubmitterClient

beforeEach(async () => {
  region = await startFakeRegion()
  client = await connectSubmitter(
    { mqttUrl: region.mqttUrl, region: REGION, name: NAME, token: TOKEN },
    {
      clock: platformClock,
      random: platformRandom,
      connect: (init, events) => connectMqttWith(init, events, 1),
    },
  )
})

afterEach(async () => {
  await client.close()
  await region.close()
})

test('repeats an unanswered submission under the same ref after a lost connection', async () => {
  const sent: string[] = []
  region.onPublish = (leaf, payload) => {
    if (leaf !== 'submit') return
    sent.push(payload)
    // The first answer is lost with the connection.
    if (sent.length === 1) region.cut()
    else region.reply(JOB, 'status', statusOf(JOB, 'running', { ref: JSON.parse(payload).ref }))
  }
  const job = await client.submit({ name: 'words' })
  expect(job.id).toBe(JOB)
  expect(new Set(sent).size).toBe(1)
})

test('asks again for what was missed while the connection was away', async () => {
  region.onPublish = (leaf, payload) => {
    if (leaf === 'submit') region.reply(JOB, 'status', statusOf(JOB, 'running', { ref: JSON.parse(payload).ref }))
  }
  const job = await client.submit({})
  region.onPublish = leaf => {
    if (leaf !== 'get') return
    region.reply(JOB, 'status', statusOf(JOB, 'failed', { reason: 'Gone.' }))
    region.reply(JOB, 'result', { ...cancelled, state: 'failed', reason: 'Gone.' })
  }
  region.cut()
  await expect(job.result()).rejects.toThrow('Gone.')
})

test('repeats a cancellation that the region did not keep', async () => {
  region.onPublish = (leaf, payload) => {
    if (leaf === 'submit') region.reply(JOB, 'status', statusOf(JOB, 'running', { ref: JSON.parse(payload).ref }))
  }
  const job = await client.submit({})
  let cancels = 0
  region.onPublish = leaf => {
    if (leaf !== 'cancel') return
    cancels++
    if (cancels === 1) return region.cut()
    region.reply(JOB, 'status', statusOf(JOB, 'cancelled'))
    region.reply(JOB, 'result', cancelled)
  }
  await job.cancel()
  expect(cancels).toBeGreaterThan(1)
})

test('closes while the region is away', async () => {
  const waiting = client.submit({}).catch(error => error)
  await region.close()
  client.job(JOB)
  await client.close()
  expect((await waiting).code).toBe('closed')
})

test('a submission without an answer ends with the ref that makes another try safe', async () => {
  let expire = (): void => expect.unreachable()
  const clock = {
    ...platformClock,
    setTimeout: (fn: () => void) => {
      expire = fn
      return { cancel: () => {} }
    },
  }
  const submissions = new Submissions<JobFeed>(clock, { kind: 'job', address: 'mqtt://here', timeoutMs: 30_000 })
  const answer = submissions.add('mine', '{}')
  expire()
  const error = await answer.catch(thrown => thrown)
  expect(error).toBeInstanceOf(TransportError)
  expect(error.code).toBe('timeout')
  expect(error.message).toContain('"ref": "mine"')
  expect(submissions.has('mine')).toBe(false)
})

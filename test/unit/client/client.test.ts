import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectSubmitter, JobError, type JobEvent, type SubmitterClient } from '../../../client/index.ts'
import { ConfigError, LIMITS, ProtocolError, TransportError, utf8 } from '../../../protocol/index.ts'
import { type FakeRegion, NAME, REGION, startFakeRegion, statusOf, TOKEN } from './fake-region.ts'

const JOB = 'abcdefgh234567ab'
const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')
const doneOf = (text: string) => ({
  job: JOB,
  state: 'done',
  reason: '',
  fuel: '9007199254740993',
  costMicro: '400',
  unitFuelLeast: 17,
  unitFuelGreatest: 4_000,
  failedUnits: 0,
  mediaType: 'text/plain',
  bytes: utf8(text).length,
  sha256: sha256(text),
  text,
})

let region: FakeRegion
let client: SubmitterClient

beforeEach(async () => {
  region = await startFakeRegion()
  client = await connectSubmitter({ mqttUrl: region.mqttUrl, region: REGION, name: NAME, token: TOKEN })
})

afterEach(async () => {
  await client.close()
  await region.close()
})

/** Answers every submission with a running job. */
function acceptSubmissions(then: () => void = () => {}): void {
  region.onPublish = (leaf, payload) => {
    if (leaf !== 'submit') return
    region.reply(JOB, 'status', statusOf(JOB, 'running', { ref: JSON.parse(payload).ref }))
    then()
  }
}

async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const all: JobEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

describe('a submitter', () => {
  test('submits, watches and reads the result', async () => {
    acceptSubmissions()
    const job = await client.submit({ name: 'words', budgetMicro: 400n })
    expect(job.id).toBe(JOB)
    const seen: JobEvent[] = []
    for await (const event of job.watch()) {
      seen.push(event)
      if (event.kind === 'status' && event.state === 'running') {
        region.reply(JOB, 'progress', {
          job: JOB,
          units: 4,
          done: 2,
          verified: 1,
          ratePerSecond: 3,
          etaMs: 1_000,
          fuel: '25',
          spentMicro: '100',
        })
      } else if (event.kind === 'progress') {
        region.reply(JOB, 'status', statusOf(JOB, 'done'))
        region.reply(JOB, 'result', doneOf('café\n'))
      }
    }
    expect(seen).toMatchObject([
      { kind: 'status', state: 'running', units: 4, gigafuelPriceMicro: 100n, budgetMicro: 400n },
      { kind: 'progress', verified: 1, fuel: 25n, spentMicro: 100n },
      { kind: 'status', state: 'done' },
    ])
    const result = await job.result()
    expect(new TextDecoder().decode(result.bytes)).toBe('café\n')
    expect(result).toMatchObject({ job: JOB, mediaType: 'text/plain', costMicro: 400n, failedUnits: 0 })
    expect(result).toMatchObject({ fuel: 9_007_199_254_740_993n, unitFuelLeast: 17, unitFuelGreatest: 4_000 })
    expect(await collect(job.watch())).toMatchObject([{ kind: 'status', state: 'done' }])
  })

  test('sends the job as it is, amounts as digits, with a ref of its own', async () => {
    let sent = ''
    region.onPublish = (leaf, payload) => {
      sent = payload
      if (leaf === 'submit') region.reply(JOB, 'status', statusOf(JOB, 'running', { ref: JSON.parse(payload).ref }))
    }
    await client.submit({ name: 'words', budgetMicro: 123456789012345678901n })
    expect(JSON.parse(sent)).toEqual({
      name: 'words',
      budgetMicro: '123456789012345678901',
      ref: expect.stringMatching(/^[0-9a-f]{24}$/),
    })
  })

  test('hears why a submission is refused, and which field is wrong', async () => {
    region.onPublish = (_leaf, payload) => {
      const { ref } = JSON.parse(payload)
      region.refuse({ ref, error: { code: 'bad_job', message: "The job's 'split' is missing.", path: 'split' } })
    }
    const refusal = await client.submit({ ref: 'mine' }).catch(error => error)
    expect(refusal).toBeInstanceOf(JobError)
    expect(refusal.message).toBe("The job's 'split' is missing.")
    expect(refusal.info).toEqual({ code: 'job_refused', refusal: 'bad_job', path: 'split' })
  })

  test('reads a result of arbitrary bytes', async () => {
    const bytes = Uint8Array.of(0, 255, 128)
    acceptSubmissions(() => {
      const { text: _, ...rest } = doneOf('')
      region.reply(JOB, 'status', statusOf(JOB, 'done'))
      region.reply(JOB, 'result', { ...rest, sha256: sha256(bytes), base64: Buffer.from(bytes).toString('base64') })
    })
    const result = await (await client.submit({})).result()
    expect(result.bytes).toEqual(bytes)
  })

  test('reads the bill, checked against its digest', async () => {
    const csv = 'unit,outcome,fuel\n0,ok,17\n'
    const served = [csv, 'unit,outcome,fuel\n0,ok,18\n']
    const http = createServer((_request, response) => response.end(served.pop()))
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/blob/${sha256(csv)}`
    acceptSubmissions(() => {
      region.reply(JOB, 'status', statusOf(JOB, 'done'))
      region.reply(JOB, 'result', { ...doneOf('x'), bill: { url, sha256: sha256(csv), bytes: csv.length } })
    })
    const job = await client.submit({})
    await expect(job.bill()).rejects.toThrow(/SHA-256 differs/)
    expect(new TextDecoder().decode(await job.bill())).toBe(csv)
    http.closeAllConnections()
    http.close()
  })

  test('learns that a job of another time has no bill', async () => {
    acceptSubmissions(() => region.reply(JOB, 'result', doneOf('x')))
    const failure = await (await client.submit({})).bill().catch(error => error)
    expect(failure).toBeInstanceOf(JobError)
    expect(failure.info).toEqual({ code: 'no_bill', job: JOB })
  })

  test('refuses a result that is not what its digest says', async () => {
    acceptSubmissions(() => region.reply(JOB, 'result', { ...doneOf('right'), text: 'wrong' }))
    const job = await client.submit({})
    await expect(job.result()).rejects.toThrow(/damaged/)
  })

  test('learns that a job failed', async () => {
    acceptSubmissions(() => {
      region.reply(JOB, 'status', statusOf(JOB, 'failed', { reason: 'Unit 3 trapped.' }))
      region.reply(JOB, 'result', {
        job: JOB,
        state: 'failed',
        reason: 'Unit 3 trapped.',
        fuel: '0',
        costMicro: '0',
        failedUnits: 0,
      })
    })
    const job = await client.submit({})
    const failure = await job.result().catch(error => error)
    expect(failure).toBeInstanceOf(JobError)
    expect(failure.info).toEqual({ code: 'job_ended', job: JOB, state: 'failed' })
    expect(failure.message).toContain('Unit 3 trapped.')
  })

  test('cancels a job and waits until it is over', async () => {
    acceptSubmissions()
    const job = await client.submit({})
    region.onPublish = leaf => {
      if (leaf !== 'cancel') return
      region.reply(JOB, 'status', statusOf(JOB, 'cancelled'))
      region.reply(JOB, 'result', {
        job: JOB,
        state: 'cancelled',
        reason: '',
        fuel: '0',
        costMicro: '0',
        failedUnits: 0,
      })
    }
    await job.cancel()
    expect(await collect(job.watch())).toMatchObject([{ state: 'cancelled' }])
  })

  test('cancelling a job that is over leaves it done', async () => {
    region.onPublish = leaf => {
      if (leaf === 'cancel')
        region.refuse({ job: JOB, error: { code: 'not_running', message: 'It is done.', path: '' } })
      if (leaf !== 'get') return
      region.reply(JOB, 'status', statusOf(JOB, 'done'))
      region.reply(JOB, 'result', doneOf('x'))
    }
    const job = client.job(JOB)
    await job.cancel()
    expect((await job.result()).bytes).toEqual(utf8('x'))
  })

  test('attaches to a job of another day', async () => {
    region.onPublish = leaf => {
      if (leaf !== 'get') return
      region.reply(JOB, 'status', statusOf(JOB, 'done'))
      region.reply(JOB, 'result', doneOf('old'))
    }
    expect((await client.job(JOB).result()).bytes).toEqual(utf8('old'))
  })

  test('learns that a job is unknown', async () => {
    region.onPublish = () =>
      region.refuse({ job: JOB, error: { code: 'not_found', message: 'No such job.', path: '' } })
    await expect(collect(client.job(JOB).watch())).rejects.toThrow('No such job.')
    expect(() => client.job('nonsense')).toThrow(ProtocolError)
  })

  test('a reply that cannot be read fails its own job only', async () => {
    acceptSubmissions()
    const job = await client.submit({})
    const other = client.job('bbbbbbbbbbbbbbbb')
    region.reply(JOB, 'result', 'not json')
    region.reply('bbbbbbbbbbbbbbbb', 'result', { ...doneOf('x'), job: 'bbbbbbbbbbbbbbbb' })
    await expect(job.result()).rejects.toThrow(ProtocolError)
    expect((await other.result()).bytes).toEqual(utf8('x'))
  })

  test('a slow watcher misses progress but no state', async () => {
    acceptSubmissions()
    const job = await client.submit({})
    const events = job.watch()[Symbol.asyncIterator]()
    expect((await events.next()).value).toMatchObject({ state: 'running' })
    const progress = { job: JOB, units: 4, done: 0, ratePerSecond: 0, etaMs: null, fuel: '0', spentMicro: '0' }
    for (let verified = 0; verified < 4; verified++) region.reply(JOB, 'progress', { ...progress, verified })
    region.reply(JOB, 'status', statusOf(JOB, 'aggregating'))
    region.reply(JOB, 'status', statusOf(JOB, 'done'))
    region.reply(JOB, 'result', doneOf('x'))
    await job.result()
    const seen: unknown[] = []
    for (let next = await events.next(); next.done !== true; next = await events.next()) seen.push(next.value)
    expect(seen).toMatchObject([
      { kind: 'progress', verified: 3 },
      { kind: 'status', state: 'aggregating' },
      { kind: 'status', state: 'done' },
    ])
  })

  test('refuses what does not fit a message, before it is sent', async () => {
    region.onPublish = () => expect.unreachable()
    const large = await client.submit({ name: 'x'.repeat(LIMITS.submitBytesMax) }).catch(error => error)
    expect(large).toBeInstanceOf(ConfigError)
    expect(large.message).toContain('upload')
    await expect(client.submit({ ref: 'x'.repeat(65) })).rejects.toThrow("The job's 'ref' must be a text")
    await expect(client.upload(utf8('x'))).rejects.toThrow('httpUrl')
  })

  test('two waiting submissions cannot share a ref', async () => {
    const first = client.submit({ ref: 'same' })
    await expect(client.submit({ ref: 'same' })).rejects.toThrow(/belongs to another submission/)
    acceptSubmissions()
    region.reply(JOB, 'status', statusOf(JOB, 'running', { ref: 'same' }))
    expect((await first).id).toBe(JOB)
  })

  test('closing ends everything that waits', async () => {
    acceptSubmissions()
    const job = await client.submit({})
    const waiting = [client.submit({ ref: 'unanswered' }), job.result(), collect(job.watch())]
    region.onPublish = () => {}
    const outcomes = Promise.allSettled(waiting)
    await client.close()
    expect((await outcomes).map(outcome => outcome.status)).toContain('rejected')
    await expect(job.result()).rejects.toThrow(/was closed/)
    await expect(client.submit({})).rejects.toThrow(TransportError)
  })
})

test('a wrong token and a silent address are told apart', async () => {
  const init = { mqttUrl: region.mqttUrl, region: REGION, name: NAME }
  const refused = await connectSubmitter({ ...init, token: 'wrong' }).catch(error => error)
  expect(refused).toBeInstanceOf(TransportError)
  expect(refused.code).toBe('refused')
  expect(refused.message).toContain('name and token')
  const silent = await startFakeRegion()
  await silent.close()
  const unreachable = await connectSubmitter({ ...init, mqttUrl: silent.mqttUrl, token: TOKEN }).catch(error => error)
  expect(unreachable.code).toBe('unreachable')
})

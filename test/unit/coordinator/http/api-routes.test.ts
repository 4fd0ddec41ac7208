import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../../coordinator/http/index.ts'
import { ConfigError, LedgerError, ProtocolError, TaskError } from '../../../../protocol/index.ts'
import { bearer, hashOf, httpHarness, JOB, TOKENS } from '../../../support/coordinator-http.ts'
import { ask } from '../../../support/http-client.ts'
import { DEVICES, JOBS } from '../../../support/rows.ts'

const start = httpHarness()
const [device] = DEVICES
const [job, otherJob] = JOBS

describe('the operator', () => {
  test.each<[string, string, unknown, number, unknown[]]>([
    ['POST', '/api/claims', { owner: 'greta' }, 201, ['claimNew', { owner: 'greta', lifetimeMs: 86_400_000 }]],
    ['POST', '/api/claims', { owner: 'greta', lifetimeMs: 5 }, 201, ['claimNew', { owner: 'greta', lifetimeMs: 5 }]],
    ['GET', '/api/devices', undefined, 200, ['deviceList', {}]],
    ['GET', '/api/devices?owner=greta', undefined, 200, ['deviceList', { owner: 'greta' }]],
    ['GET', '/api/owners', undefined, 200, ['ownerList']],
    ['POST', '/api/owners', { name: 'greta' }, 201, ['ownerAdd', 'greta']],
    ['POST', '/api/owners/greta/renew', undefined, 200, ['ownerRenew', 'greta']],
    ['POST', '/api/owners/greta/remove', {}, 200, ['ownerRemove', 'greta']],
    ['GET', `/api/devices/${device}`, undefined, 200, ['device', device]],
    ['GET', '/api/devices/a%20b', undefined, 200, ['device', 'a b']],
    ['GET', `/api/devices/${device}/explain`, undefined, 200, ['deviceExplain', device]],
    ['POST', `/api/devices/${device}/revoke`, { reason: 'stolen' }, 200, ['deviceRevoke', device, 'stolen']],
    ['POST', `/api/devices/${device}/reinstate`, undefined, 200, ['deviceReinstate', device]],
    ['POST', `/api/devices/${device}/reinstate`, {}, 200, ['deviceReinstate', device]],
    ['GET', '/api/submitters', undefined, 200, ['submitterList']],
    ['POST', '/api/submitters', { name: 'ada' }, 201, ['submitterAdd', { name: 'ada' }]],
    [
      'POST',
      '/api/submitters',
      { name: 'ada', fundMicro: '7' },
      201,
      ['submitterAdd', { name: 'ada', fundMicro: '7' }],
    ],
    ['POST', '/api/submitters/ada/fund', { amountMicro: '9' }, 200, ['fund', 'ada', '9']],
    ['GET', '/api/jobs', undefined, 200, ['jobList', {}]],
    ['GET', '/api/jobs?submitter=bob', undefined, 200, ['jobList', { submitter: 'bob' }]],
    ['POST', '/api/jobs?submitter=bob', { task: {} }, 201, ['jobSubmit', 'bob', { task: {} }]],
    ['GET', `/api/jobs/${job}/explain`, undefined, 200, ['jobExplain', job]],
    ['GET', `/api/jobs/${job}/doubts`, undefined, 200, ['jobDoubts', job]],
    ['POST', `/api/jobs/${job}/cancel`, undefined, 200, ['jobCancel', job, 'operator']],
    ['GET', '/api/payments/00ff', undefined, 200, ['paymentExplain', '00ff']],
    ['GET', '/api/ledger', undefined, 200, ['ledgerBalance', undefined]],
    ['GET', '/api/ledger?account=holdback:x', undefined, 200, ['ledgerBalance', 'holdback:x']],
    ['GET', '/api/metrics', undefined, 200, ['metrics']],
  ])('%s %s', async (method, path, body, status, call) => {
    const { port, calls } = await start()
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await ask(port, { method, path, headers: bearer(TOKENS.admin), ...sent })
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.json()).toBeTypeOf('object')
    expect(calls).toEqual([call])
  })

  test('sees the region and any job', async () => {
    const { port } = await start()
    const get = (path: string) => ask(port, { path, headers: bearer(TOKENS.admin) })
    expect((await get('/api/region')).json()).toMatchObject({ name: 'hagley' })
    expect((await get(`/api/jobs/${job}`)).json()).toEqual(JOB)
  })

  test.each<[string, string, string | undefined, string]>([
    ['/api/claims', 'a text', '"greta"', 'must be a JSON object'],
    ['/api/claims', 'a list', '[]', 'must be a JSON object'],
    ['/api/claims', 'nothing', undefined, "'owner' must be a text"],
    ['/api/claims', 'half of it', '{"owner":', 'The body is not JSON'],
    ['/api/claims', 'no UTF-8', '\xff', 'The body is not JSON'],
    ['/api/claims', 'a number for a name', '{"owner":1}', "'owner' must be a text"],
    ['/api/claims', 'an unknown field', '{"owner":"a","life":1}', "There is no field 'life' here"],
    ['/api/claims', 'a fraction', '{"owner":"a","lifetimeMs":1.5}', "'lifetimeMs' must be a whole number"],
    ['/api/claims', 'a negative', '{"owner":"a","lifetimeMs":-1}', "'lifetimeMs' must be a whole number"],
    ['/api/submitters/ada/fund', 'a number for an amount', '{"amountMicro":5}', "'amountMicro' must be a text"],
    [
      `/api/devices/${device}/revoke`,
      'a long reason',
      JSON.stringify({ reason: 'x'.repeat(257) }),
      'at most 256 characters',
    ],
    ['/api/jobs', 'no payer', '{}', '?submitter=<name>'],
    ['/api/devices/%ff/reinstate', 'a broken path', undefined, 'not percent-encoded'],
  ])('is told what is wrong: POST %s with %s', async (path, _, body, message) => {
    const { port, calls } = await start()
    const sent = body === undefined ? {} : { body: Buffer.from(body, 'latin1') }
    const answer = await ask(port, { method: 'POST', path, headers: bearer(TOKENS.admin), ...sent })
    expect([answer.status, answer.json()]).toEqual([
      400,
      { error: { code: 'bad_request', message: expect.stringContaining(message) } },
    ])
    expect(calls).toEqual([])
  })

  test.each<[string, Uint8Array | Uint8Array[]]>([
    ['announced', new Uint8Array(4_194_305)],
    ['in pieces', [new Uint8Array(3_000_000), new Uint8Array(3_000_000)]],
  ])('cannot send a body above the limit, %s', async (_, body) => {
    const { port } = await start()
    const answer = await ask(port, { method: 'POST', path: '/api/claims', headers: bearer(TOKENS.admin), body })
    expect([answer.status, answer.json()]).toMatchObject([413, { error: { code: 'too_large' } }])
  })
})

describe('a submitter', () => {
  const headers = bearer(TOKENS.ada)

  test('sees, explains, submits and cancels its own jobs', async () => {
    const { port, calls } = await start()
    expect((await ask(port, { path: '/api/jobs', headers })).status).toBe(200)
    expect((await ask(port, { path: `/api/jobs/${job}`, headers })).json()).toEqual(JOB)
    expect((await ask(port, { path: `/api/jobs/${job}/explain`, headers })).status).toBe(200)
    expect((await ask(port, { method: 'POST', path: '/api/jobs', headers, body: '{"a":1}' })).status).toBe(201)
    expect((await ask(port, { method: 'POST', path: `/api/jobs/${job}/cancel`, headers })).status).toBe(200)
    expect(calls).toEqual([
      ['jobList', { submitter: 'ada' }],
      ['jobExplain', job],
      ['jobSubmit', 'ada', { a: 1 }],
      ['jobCancel', job, 'submitter'],
    ])
  })

  test.each([
    ['GET', `/api/jobs/${job}`],
    ['GET', `/api/jobs/${job}/explain`],
    ['GET', `/api/jobs/${job}/doubts`],
    ['GET', `/api/jobs/${job}/result`],
    ['GET', `/api/jobs/${job}/bill`],
    ['POST', `/api/jobs/${job}/cancel`],
  ])("cannot tell another's job from none: %s %s", async (method, path) => {
    const { port, calls } = await start()
    const asBob = (target: string) => ask(port, { method, path: target, headers: bearer(TOKENS.bob) })
    const theirs = await asBob(path)
    const none = await asBob(path.replace(job, otherJob))
    expect([theirs.status, none.status]).toEqual([404, 404])
    expect(theirs.body.toString().replaceAll(job, '')).toBe(none.body.toString().replaceAll(otherJob, ''))
    expect(calls).toEqual([])
  })

  test.each([
    ['POST', '/api/claims'],
    ['GET', '/api/devices'],
    ['POST', `/api/devices/${device}/revoke`],
    ['GET', '/api/submitters'],
    ['POST', '/api/submitters/ada/fund'],
    ['GET', '/api/payments/00'],
    ['GET', '/api/owners'],
    ['GET', '/api/ledger?account=submitter:bob'],
    ['GET', '/api/metrics'],
    ['GET', '/api/jobs?submitter=bob'],
    ['POST', '/api/jobs?submitter=bob'],
  ])('may not %s %s', async (method, path) => {
    const { port, calls } = await start()
    const answer = await ask(port, { method, path, headers })
    expect([answer.status, answer.json()]).toMatchObject([403, { error: { code: 'not_allowed' } }])
    expect(calls).toEqual([])
  })
})

describe('a result', () => {
  const bytes = Buffer.from('[1,2,3]')
  const result = { sha256: hashOf(bytes), bytes: bytes.length, mediaType: 'application/json' }
  const path = `/api/jobs/${job}/result`

  test('comes as its bytes, whole or in part, to its submitter alone', async () => {
    const { port, blobs } = await start({ api: { job: async () => ({ ...JOB, result }) } })
    blobs.put(bytes)
    const whole = await ask(port, { path, headers: bearer(TOKENS.ada) })
    expect([whole.status, whole.body.toString(), whole.headers['content-type']]).toEqual([
      200,
      '[1,2,3]',
      'application/json',
    ])
    expect(whole.headers['access-control-allow-origin']).toBeUndefined()
    const part = await ask(port, { path, headers: { ...bearer(TOKENS.admin), range: 'bytes=1-1' } })
    expect([part.status, part.body.toString()]).toEqual([206, '1'])
    expect((await ask(port, { path, headers: bearer(TOKENS.bob) })).status).toBe(404)
    expect((await ask(port, { path })).status).toBe(401)
  })

  test('that is not there yet is a conflict', async () => {
    const { port } = await start({ api: { job: async () => ({ ...JOB, state: 'running' }) } })
    const answer = await ask(port, { path, headers: bearer(TOKENS.ada) })
    expect([answer.status, answer.json()]).toEqual([
      409,
      { error: { code: 'conflict', message: `The job ${job} is running and has no result.` } },
    ])
  })
})

describe('a bill', () => {
  const bytes = Buffer.from('unit,outcome,fuel\n0,ok,17\n')
  const bill = { sha256: hashOf(bytes), bytes: bytes.length, unitFuelLeast: 17, unitFuelGreatest: 17 }
  const path = `/api/jobs/${job}/bill`

  test('comes as CSV, to its submitter alone', async () => {
    const { port, blobs } = await start({ api: { job: async () => ({ ...JOB, bill }) } })
    blobs.put(bytes)
    const whole = await ask(port, { path, headers: bearer(TOKENS.ada) })
    expect([whole.status, whole.headers['content-type']]).toEqual([200, 'text/csv'])
    expect(whole.body.toString()).toBe('unit,outcome,fuel\n0,ok,17\n')
    expect((await ask(port, { path, headers: bearer(TOKENS.bob) })).status).toBe(404)
    expect((await ask(port, { path })).status).toBe(401)
  })

  test('that is not there is a conflict', async () => {
    const { port } = await start()
    const answer = await ask(port, { path, headers: bearer(TOKENS.ada) })
    expect([answer.status, answer.json()]).toMatchObject([
      409,
      { error: { message: expect.stringContaining('no bill') } },
    ])
  })
})

describe('anybody', () => {
  test.each<[string, Record<string, string>, string]>([
    ['without a token', {}, 'no_token'],
    ['with a wrong token', bearer('admin-tokem'), 'bad_token'],
    ['with a longer token', bearer(`${TOKENS.admin}x`), 'bad_token'],
    ['with another scheme', { authorization: `Token ${TOKENS.admin}` }, 'bad_token'],
  ])('%s learns nothing', async (_, headers, code) => {
    const { port, calls, counts } = await start()
    for (const path of ['/api/devices', '/api/metrics']) {
      const answer = await ask(port, { path, headers })
      expect([answer.status, answer.json()]).toMatchObject([401, { error: { code } }])
    }
    expect(calls).toEqual([])
    expect(counts).toEqual([`http:${code}`, `http:${code}`])
  })

  test.each([
    ['GET', '/api/nothing', 404],
    ['GET', '/api/', 404],
    ['GET', '/api/devices/', 404],
    ['GET', `/api/devices/${device}/nothing`, 404],
    ['DELETE', '/api/devices', 405],
    ['HEAD', '/api/region', 405],
    ['GET', `/api/jobs/${job}/cancel`, 405],
  ])('asking %s %s gets %i', async (method, path, status) => {
    const { port } = await start()
    const answer = await ask(port, { method, path, headers: bearer(TOKENS.admin) })
    expect(answer.status).toBe(status)
    if (status === 405) expect(answer.headers.allow).toMatch(/GET|POST/)
  })
})

describe('a failure', () => {
  test.each<[string, Error, number, string]>([
    ['a conflict', new ApiError('conflict', 'It is there.'), 409, 'conflict'],
    ['too busy', new ApiError('too_busy', 'Try again.'), 429, 'too_busy'],
    ['a bad id', new ProtocolError({ code: 'bad_id', kind: 'job id', value: 'x' }, 'It is no id.'), 400, 'bad_id'],
    ['a bad job', new ConfigError({ code: 'bad_job', path: 'split', reason: 'x' }, 'split is wrong.'), 400, 'bad_job'],
    [
      'a bad module',
      new TaskError({ code: 'bad_module', section: 'x', offset: 0, reason: 'x' }, 'It is no module.'),
      400,
      'bad_module',
    ],
    ['an unknown thing', new ConfigError({ code: 'not_found', path: 'x' }, 'It is not there.'), 404, 'not_found'],
    [
      'no funds',
      new LedgerError({ code: 'insufficient', account: 'a', neededMicro: 2n, availableMicro: 1n }, 'Fund it.'),
      409,
      'insufficient',
    ],
  ])('that is %s keeps its sentence', async (_, error, status, code) => {
    const { port, warnings } = await start({ api: { device: () => Promise.reject(error) } })
    const answer = await ask(port, { path: '/api/devices/x', headers: bearer(TOKENS.admin) })
    expect([answer.status, answer.json()]).toEqual([status, { error: { code, message: error.message } }])
    expect(warnings).toEqual([])
  })

  test.each<[string, unknown, number, string, number]>([
    ['a full disk', new ConfigError({ code: 'no_space', path: '/srv/x' }, 'No space in /srv/x.'), 507, 'no_space', 0],
    [
      'a broken file',
      new ConfigError({ code: 'damaged', path: '/srv/x', reason: 'x' }, 'Broken /srv/x.'),
      500,
      'internal',
      1,
    ],
    ['anything else', new TypeError('secret is not a function'), 500, 'internal', 1],
    ['no error at all', 'secret', 500, 'internal', 1],
  ])('that is %s tells nothing of the inside', async (_, error, status, code, warned) => {
    const { port, warnings } = await start({ api: { device: () => Promise.reject(error) } })
    const answer = await ask(port, { path: '/api/devices/x', headers: bearer(TOKENS.admin) })
    expect([answer.status, answer.json()]).toMatchObject([status, { error: { code } }])
    expect(answer.body.toString()).not.toMatch(/srv|secret/)
    expect(warnings).toHaveLength(warned)
  })
})

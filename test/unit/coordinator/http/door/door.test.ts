import { describe, expect, test } from 'vitest'
import { Buckets } from '../../../../../coordinator/http/door/buckets.ts'
import { FailedTokens } from '../../../../../coordinator/http/door/failed-tokens.ts'
import { knownHosts } from '../../../../../coordinator/http/door/known-hosts.ts'
import { isForeign } from '../../../../../coordinator/http/door/same-site.ts'
import { bearer, httpHarness, TOKENS } from '../../../../support/coordinator-http.ts'
import { ask } from '../../../../support/http-client.ts'
import { VirtualClock } from '../../../../support/virtual-clock.ts'

const start = httpHarness()

test.each<[listens: string, told: string | undefined, header: string | undefined, isKnown: boolean]>([
  ['127.0.0.1', undefined, 'localhost:8717', true],
  ['127.0.0.1', undefined, 'LocalHost', true],
  ['127.0.0.1', undefined, '127.0.0.1:8717', true],
  ['127.0.0.1', undefined, '[::1]:8717', true],
  ['::1', undefined, '[::1]', true],
  ['127.0.0.5', undefined, '127.0.0.5:1', true],
  ['127.0.0.1', 'pi.example', 'pi.example:443', true],
  ['127.0.0.1', undefined, 'evil.example:8717', false],
  ['127.0.0.1', undefined, 'localhost.evil.example', false],
  ['127.0.0.1', undefined, 'localhost:1:2', false],
  ['127.0.0.1', undefined, '', false],
  ['127.0.0.1', undefined, undefined, false],
  ['0.0.0.0', undefined, 'whatever.example', true],
])('a server on %s that is told as %s goes by the name %s: %s', (listens, told, header, isKnown) => {
  expect(knownHosts(listens, told)(header)).toBe(isKnown)
})

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ 'sec-fetch-site': 'same-origin' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'cross-site' }, true],
  [{ 'sec-fetch-site': 'same-site' }, true],
  [{ origin: 'http://pi.lan:8717' }, false],
  [{ origin: 'https://pi.lan:8717' }, false],
  [{ origin: 'http://pi.lan:8718' }, true],
  [{ origin: 'http://evil.example' }, true],
  [{ origin: 'null' }, true],
])('a request with %j is from another site: %s', (headers, expected) => {
  expect(isForeign({ host: 'pi.lan:8717', ...headers })).toBe(expected)
})

describe('wrong tokens', () => {
  test('make their address wait, longer each time, and no other', () => {
    const failed = new FailedTokens()
    const waits: number[] = []
    for (let i = 0; i < 20; i++) {
      failed.failed('a', 'Bearer x', 0)
      waits.push(failed.waitMs('a', 'Bearer y', 0) / 1_000)
    }
    expect(waits).toEqual([...new Array(10).fill(0), 1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
    expect(failed.waitMs('a', 'Bearer y', 299_999)).toBe(1)
    expect([failed.waitMs('a', 'Bearer y', 300_000), failed.waitMs('b', 'Bearer y', 0)]).toEqual([0, 0])
    failed.failed('a', 'Bearer x', 900_001)
    expect(failed.waitMs('a', 'Bearer y', 900_001)).toBe(0)
  })

  test('lock nobody out whose token was right before, until it is wrong', () => {
    const failed = new FailedTokens()
    failed.passed('Bearer right')
    for (let i = 0; i < 11; i++) failed.failed('a', 'Bearer x', 0)
    expect(failed.waitMs('a', 'Bearer right', 0)).toBe(0)
    failed.failed('a', 'Bearer right', 0)
    expect(failed.waitMs('a', 'Bearer right', 0)).toBe(2_000)
  })

  test('of very many addresses take a bounded memory', () => {
    const failed = new FailedTokens()
    for (let i = 0; i < 10_500; i++) failed.failed(`${i}`, 'Bearer x', 0)
    expect(failed.size).toBe(10_000)
  })

  test('are refused before they are looked at, and a waiting time later looked at again', async () => {
    const clock = new VirtualClock()
    const { port, counts } = await start({ clock })
    const guess = async (token: string) => (await ask(port, { path: '/api/devices', headers: bearer(token) })).status
    expect(await guess(TOKENS.ada)).toBe(403)
    const statuses: number[] = []
    for (let i = 0; i < 14; i++) statuses.push(await guess(`guess-${i}`))
    expect(statuses).toEqual([...new Array(11).fill(401), 429, 429, 429])
    // The operator's token was never seen from anywhere: it waits as well. Ada's was.
    expect([await guess(TOKENS.admin), await guess(TOKENS.ada)]).toEqual([429, 403])
    expect((await ask(port, { path: '/api/session' })).status).toBe(200)
    await clock.advance(1_000)
    expect(await guess(TOKENS.admin)).toBe(200)
    expect(counts.filter(count => count === 'http:bad_token')).toHaveLength(11)
  })

  test.each([
    ['PUT', `/blob/${'ab'.repeat(32)}`],
    ['GET', '/metrics'],
  ])('count wherever they are sent: %s %s', async (method, path) => {
    const { port } = await start({ clock: new VirtualClock() })
    const guess = async () => (await ask(port, { method, path, headers: bearer('guess') })).status
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push(await guess())
    expect(statuses).toEqual([...new Array(11).fill(401), 429])
  })
})

describe('requests', () => {
  test('of very many addresses take a bounded memory, and the newest are remembered', () => {
    const buckets = new Buckets(1, 1, 100)
    for (let i = 0; i < 150; i++) expect(buckets.take(`${i}`, 0)).toBe(true)
    expect([buckets.size, buckets.take('149', 0), buckets.take('0', 0)]).toEqual([100, false, true])
  })

  test.each<[string, Record<string, string>, number]>([
    ['without a token', {}, 500],
    ['with a token', bearer(TOKENS.ada), 2_000],
  ])('%s are bounded, with room for more a moment later', async (_, headers, burst) => {
    const clock = new VirtualClock()
    const { port } = await start({ clock, connectionsPerAddressMax: 4_000 })
    const get = async () => (await ask(port, { path: '/api/session', headers })).status
    const statuses: number[] = []
    for (let i = 0; i < burst / 50; i++) statuses.push(...(await Promise.all(Array.from({ length: 50 }, get))))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(await get()).toBe(429)
    expect((await ask(port, { path: '/health' })).status).toBe(200)
    expect((await ask(port, { path: '/api/session', headers: bearer(TOKENS.admin) })).status).toBe(200)
    await clock.advance(1_000)
    expect(await get()).toBe(200)
  })

  test('by a name that is not the server own are refused at the API and the page, not for blobs and the log', async () => {
    const { port } = await start()
    const headers = { host: 'evil.example' }
    const refused = await ask(port, { path: '/api/region', headers })
    expect([refused.status, refused.json()]).toMatchObject([403, { error: { code: 'not_allowed' } }])
    expect((await ask(port, { path: `/blob/${'ab'.repeat(32)}`, headers })).status).toBe(404)
  })

  test.each([
    ['POST', '/api/claims'],
    ['POST', '/api/statements/x'],
    ['POST', '/witness/add-checkpoint'],
    ['PUT', `/blob/${'ab'.repeat(32)}`],
  ])('of pages of other sites are refused: %s %s', async (method, path) => {
    const { port, calls } = await start()
    for (const foreign of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const headers: Record<string, string> = { ...bearer(TOKENS.admin), ...foreign }
      const answer = await ask(port, { method, path, headers, body: '{"owner":"greta"}' })
      expect([answer.status, answer.json()]).toMatchObject([403, { error: { code: 'not_allowed' } }])
    }
    expect(calls).toEqual([])
  })
})

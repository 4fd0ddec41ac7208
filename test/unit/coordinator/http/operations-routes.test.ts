import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { exchangeOf, sendJson } from '../../../../coordinator/http/exchange.ts'
import { failureReply } from '../../../../coordinator/http/failure-reply.ts'
import type { Ready } from '../../../../coordinator/http/health-api.ts'
import { isOperationsPath, serveOperations } from '../../../../coordinator/http/operations-routes.ts'
import { routeClass } from '../../../../coordinator/metrics/route-class.ts'
import { ask } from '../../../support/http-client.ts'
import { NO_OPERATIONS } from '../../../support/no-operations.ts'

const WELL: Ready = { ready: true, checks: [] }
const ILL: Ready = { ready: false, checks: [{ name: 'disk', ok: false, says: '1 MiB are free.' }] }
let server: Server | undefined

afterEach(() => void server?.close())

async function start(ready: Ready = WELL): Promise<number> {
  const components = { ...NO_OPERATIONS, metrics: { text: () => 'a 1\n' }, ready: async () => ready }
  const auth = { adminToken: 'admin', submitterByToken: () => null, ownerByToken: () => null, devicePut: () => false }
  server = createServer((req, res) => {
    const exchange = exchangeOf(req, res)
    serveOperations(components, auth, exchange).catch((error: unknown) => {
      const { status, code } = failureReply(error)
      sendJson(exchange, status, { error: { code } })
    })
  })
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

test('says that it lives, and whether it is ready', async () => {
  const port = await start()
  expect((await ask(port, { path: '/health' })).json()).toEqual({ ok: true, region: 'hagley' })
  expect((await ask(port, { path: '/ready' })).status).toBe(200)
  expect((await ask(port, { path: '/ready', method: 'POST' })).status).toBe(405)
})

test('answers 503 with the reasons while it is not ready', async () => {
  const answer = await ask(await start(ILL), { path: '/ready' })
  expect([answer.status, answer.json()]).toEqual([503, ILL])
})

test('shows metrics to programs on its own machine', async () => {
  const port = await start()
  const answer = await ask(port, { path: '/metrics' })
  expect([answer.status, answer.body.toString()]).toEqual([200, 'a 1\n'])
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
})

test.each([
  ['a proxy brought it', { 'x-forwarded-for': '203.0.113.7' }, 401],
  ['a page had its own name point here', { host: 'evil.example' }, 401],
  ['its token is wrong', { authorization: 'Bearer nonsense' }, 401],
])('does not when %s', async (_, headers, status) => {
  expect((await ask(await start(), { path: '/metrics', headers })).status).toBe(status)
})

test.each(['metrics-token', 'admin'])('shows them to whoever has the token %s', async token => {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.7' }
  expect((await ask(await start(), { path: '/metrics', headers })).status).toBe(200)
})

test('serves these four paths and no others', () => {
  expect(['/health', '/ready', '/metrics', '/api/openapi.json'].every(isOperationsPath)).toBe(true)
  expect(['/', '/healthy', '/api/region', '/metrics/'].some(isOperationsPath)).toBe(false)
})

test.each([
  ['/', 'dashboard'],
  ['/blob/abc', 'blob'],
  ['/api/jobs/x/explain', 'api/jobs'],
  ['/api/whatever-somebody-thinks-of', 'other'],
  ['/../../etc/passwd', 'other'],
  ['//', 'dashboard'],
  ['', 'dashboard'],
])('%s counts as %s', (path, found) => {
  expect(routeClass(path)).toBe(found)
})

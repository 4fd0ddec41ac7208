import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { TransportError } from '../../../../protocol/index.ts'
import { httpHarness } from '../../../support/coordinator-http.ts'
import { ask, sendRaw } from '../../../support/http-client.ts'

const start = httpHarness()
const SOON = { interval: 2, timeout: 20_000 }

test('tells its health, and what there is, to anybody', async () => {
  const { port } = await start()
  const health = await ask(port, { path: '/health?x=1' })
  expect([health.status, health.json()]).toEqual([200, { ok: true, region: 'hagley' }])
  expect((await ask(port, { method: 'POST', path: '/health' })).status).toBe(405)
  const nothing = await ask(port, { path: '/' })
  expect([nothing.status, nothing.json()]).toEqual([
    404,
    { error: { code: 'not_found', message: expect.stringContaining('/blob/<sha256>') } },
  ])
})

test('says in a sentence that the port is taken', async () => {
  const { port } = await start()
  const failure = await start({ port }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(TransportError)
  expect((failure as TransportError).info).toEqual({ code: 'port_taken', address: `127.0.0.1:${port}` })
  expect((failure as TransportError).message).toContain('Stop it or choose another port.')
})

test('takes a free port instead when it may', async () => {
  const { port } = await start()
  const other = await start({ port, fallback: true })
  expect(other.port).not.toBe(port)
  expect((await ask(other.port, { path: '/health' })).status).toBe(200)
})

test('says in a sentence that an address is not of this machine', async () => {
  const failure = await start({ host: '192.0.2.1' }).catch((error: unknown) => error)
  expect((failure as TransportError).info).toMatchObject({ code: 'refused', reason: 'EADDRNOTAVAIL' })
})

test.each([
  ['no request', 'hello\r\n\r\n', '400 Bad Request'],
  ['a header above the limit', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, '431 Request Header'],
  ['two sizes', 'PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', '400 Bad Request'],
  [
    'a size and pieces',
    'PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    '400 Bad',
  ],
])('answers %s and hangs up', async (_, text, expected) => {
  const { port, counts } = await start()
  expect(await sendRaw(port, text)).toContain(expected)
  expect(counts).toContain('http:malformed')
  expect((await ask(port, { path: '/health' })).status).toBe(200)
})

test('hangs up on whoever never ends its headers', async () => {
  const { port } = await start({ headersTimeoutMs: 30 })
  expect(await sendRaw(port, 'GET / HTTP/1.1\r\nhost: x\r\n')).toContain('408 Request Timeout')
})

test('hangs up on whoever says nothing', async () => {
  const { port } = await start({ idleTimeoutMs: 30 })
  expect(await sendRaw(port, '')).toBe('')
})

test('refuses connections beyond so many from one address, until one ends', async () => {
  const { port, counts } = await start({ connectionsPerAddressMax: 1 })
  const first = connect(port, '127.0.0.1')
  await once(first, 'connect')
  await sendRaw(port, 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n').catch(() => '')
  await vi.waitUntil(() => counts.includes('http:address_limit'), SOON)
  first.destroy()
  const isServed = async () => (await ask(port, { path: '/health' }).catch(() => null))?.status === 200
  await vi.waitUntil(isServed, SOON)
})

test('goes on when somebody hangs up before the answer', async () => {
  let finish = () => {}
  const waiting = new Promise<void>(resolve => {
    finish = resolve
  })
  const { port } = await start({
    api: {
      deviceList: async () => {
        await waiting
        return []
      },
    },
  })
  const socket = connect(port, '127.0.0.1', () => {
    socket.write('GET /api/devices HTTP/1.1\r\nhost: x\r\nauthorization: Bearer admin-token\r\n\r\n', () =>
      socket.destroy(),
    )
  })
  await once(socket, 'close')
  finish()
  expect((await ask(port, { path: '/health' })).status).toBe(200)
})

test('closes while connections are open', async () => {
  const { port, server } = await start()
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  socket.resume()
  await server.close()
  await closed
  await expect(ask(port, { path: '/health' })).rejects.toThrow('ECONNREFUSED')
})

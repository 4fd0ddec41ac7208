import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import type { Listener, Live } from '../../../../coordinator/live/index.ts'
import { bearer, httpHarness, TOKENS } from '../../../support/coordinator-http.ts'
import { EventReader } from '../../../support/event-reader.ts'
import { ask } from '../../../support/http-client.ts'

const start = httpHarness()
const SOON = { interval: 2, timeout: 20_000 }
const bytesOf = (text: string) => new TextEncoder().encode(text)

/** What a server speaks to in place of a region: it keeps the listeners and says hello. */
function feed() {
  const listeners = new Set<Listener>()
  const live = {
    join: async (listener: Listener) => {
      listeners.add(listener)
      listener.send(bytesOf('event: ledger\ndata: {"transfers":3}\n\n'))
    },
    leave: (listener: Listener) => void listeners.delete(listener),
  } as unknown as Live
  return { live, listeners }
}

test('a stream says who it is for, and ends with its connection', async () => {
  const { live, listeners } = feed()
  const { port } = await start({ live })
  const url = `http://127.0.0.1:${port}`
  const [anybody, greta] = [await EventReader.open(url), await EventReader.open(url, TOKENS.greta)]
  await anybody.until('ledger', ({ transfers }) => transfers === 3)
  expect([...listeners].map(({ role, name }) => [role, name])).toEqual([
    ['public', null],
    ['owner', 'greta'],
  ])
  expect([...listeners].every(listener => listener.isCurrent())).toBe(true)
  for (const listener of listeners) listener.send(bytesOf(': ping\n\n'))
  await vi.waitUntil(() => greta.pings === 1, SOON)
  anybody.close()
  await vi.waitUntil(() => listeners.size === 1, SOON)
  for (const listener of listeners) listener.close()
  await vi.waitUntil(() => greta.isOver && listeners.size === 0, SOON)
})

test('a stream with a wrong token is none', async () => {
  const { live, listeners } = feed()
  const { port } = await start({ live })
  expect((await ask(port, { path: '/api/events', headers: bearer('wrong') })).status).toBe(401)
  expect(listeners.size).toBe(0)
})

test('a token that ends takes its streams with it', async () => {
  const { live, listeners } = feed()
  const { port, auth } = await start({ live })
  await EventReader.open(`http://127.0.0.1:${port}`, TOKENS.greta)
  auth.ownerByToken = () => null
  expect([...listeners].map(listener => listener.isCurrent())).toEqual([false])
})

test('whoever does not read is cut off, and holds about a megabyte until then', async () => {
  const { live, listeners } = feed()
  const { port, counts } = await start({ live })
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n')
  socket.pause()
  await vi.waitUntil(() => listeners.size === 1, SOON)
  const chunk = bytesOf(`: ${'x'.repeat(500_000)}\n\n`)
  let sent = 0
  for (; listeners.size === 1 && sent < 200; sent++) {
    for (const listener of listeners) listener.send(chunk)
    await new Promise(resolve => setImmediate(resolve))
  }
  // The system takes some megabytes before the server notices.
  expect(sent).toBeLessThan(40)
  expect(counts).toContain('http:slow_reader')
  socket.destroy()
})

test('one address has 32 streams and no more, and gives a place back', async () => {
  const { live, listeners } = feed()
  const { port } = await start({ live })
  const url = `http://127.0.0.1:${port}`
  const readers: EventReader[] = []
  for (let i = 0; i < 32; i++) readers.push(await EventReader.open(url))
  const refused = await ask(port, { path: '/api/events' })
  expect([refused.status, refused.json()]).toMatchObject([429, { error: { code: 'too_busy' } }])
  readers[0]?.close()
  await vi.waitUntil(() => listeners.size === 31, SOON)
  await EventReader.open(url)
  expect(listeners.size).toBe(32)
  for (const reader of readers) reader.close()
})

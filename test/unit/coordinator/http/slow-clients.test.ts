/** Real sockets that send or read a little and then stop, as a phone in a lift does. */
import { once } from 'node:events'
import { type ClientRequest, get, type IncomingMessage, request } from 'node:http'
import { expect, test, vi } from 'vitest'
import { settleMemory } from '../../../../device/settle-memory.ts'
import { seededRandom } from '../../../../protocol/index.ts'
import { bearer, hashOf, httpHarness, SLIP, TOKENS } from '../../../support/coordinator-http.ts'
import { ask } from '../../../support/http-client.ts'
import { DEVICES } from '../../../support/rows.ts'

const start = httpHarness()
const BLOB = seededRandom('slow').bytes(8_000_000)
const SMALL = BLOB.subarray(0, 1_000)
const SOON = { interval: 2, timeout: 20_000 }
const path = (bytes: Uint8Array) => `/blob/${hashOf(bytes)}`

/** Bytes of buffers that this process, server and clients, holds; what is garbage by now is not held. */
function heldBytes(): number {
  settleMemory()
  return process.memoryUsage().arrayBuffers
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

test('readers who stop reading hold a piece of the blob each, not the blob, and others are served meanwhile', async () => {
  const { port, blobs } = await start()
  blobs.put(BLOB)
  const before = heldBytes()
  const readers: { req: ClientRequest; response: IncomingMessage }[] = []
  for (let i = 0; i < 40; i++) {
    const req = get({ host: '127.0.0.1', port, path: path(BLOB), agent: false })
    // Nobody listens to its data: the response stays where it is.
    const [response] = (await once(req, 'response')) as [IncomingMessage]
    readers.push({ req, response })
  }
  expect((await ask(port, { path: '/health' })).status).toBe(200)
  expect(
    (await ask(port, { path: path(BLOB), headers: { range: 'bytes=5-9' } })).body.equals(BLOB.subarray(5, 10)),
  ).toBe(true)
  // 320 MB of answers are under way.
  expect(heldBytes() - before).toBeLessThan(64_000_000)
  const [first, ...rest] = readers
  for (const { req } of rest) req.destroy()
  expect((await bytesOf(first?.response as IncomingMessage)).equals(BLOB)).toBe(true)
})

/** Begins to put a blob and stops half-way. */
function beginPut(port: number, body: Uint8Array, headers: Record<string, string>) {
  const all = { ...headers, 'content-length': String(body.length) }
  const req = request({ host: '127.0.0.1', port, method: 'PUT', path: path(body), headers: all, agent: false })
  req.on('error', () => {})
  req.write(body.subarray(0, body.length / 2))
  return req
}

test('senders who stop sending hold no memory but their places, so one of them cannot take all', async () => {
  const { port, blobs } = await start()
  const bodies = Array.from({ length: 16 }, (_, index) => {
    const body = BLOB.slice()
    body[0] = index
    return body
  })
  const before = heldBytes()
  const open = bodies.map(body => beginPut(port, body, bearer(TOKENS.ada)))
  await vi.waitUntil(() => blobs.usedBytes() === bodies.length * 4_000_000, SOON)
  // 64 MB have come, and are in files.
  expect(heldBytes() - before).toBeLessThan(32_000_000)

  const put = (headers: Record<string, string>) => ask(port, { method: 'PUT', path: path(SMALL), headers, body: SMALL })
  const refused = await put(bearer(TOKENS.ada))
  expect([refused.status, refused.headers['retry-after'], refused.json()]).toMatchObject([
    429,
    '2',
    { error: { code: 'too_busy', message: expect.stringMatching(/^16 uploads of yours .*\.$/) } },
  ])
  const device = { authorization: `Hedgerow ${SLIP}`, 'x-hedgerow-device': DEVICES[0] }
  expect((await put(device)).status).toBe(201)

  const [first, ...rest] = open
  first?.end(bodies[0]?.subarray(4_000_000))
  const [answer] = (await once(first as ClientRequest, 'response')) as [IncomingMessage]
  expect(answer.resume().statusCode).toBe(201)
  const other = BLOB.slice(0, 2_000)
  const next = await ask(port, { method: 'PUT', path: path(other), headers: bearer(TOKENS.ada), body: other })
  expect(next.status).toBe(201)
  for (const req of rest) req.destroy()
  await vi.waitUntil(() => blobs.usedBytes() === BLOB.length + SMALL.length + other.length, SOON)
})

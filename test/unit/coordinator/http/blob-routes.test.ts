import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { LIMITS, seededRandom } from '../../../../protocol/index.ts'
import { bearer, hashOf, httpHarness, SLIP, TOKENS } from '../../../support/coordinator-http.ts'
import { ask, sendRaw } from '../../../support/http-client.ts'
import { DEVICES } from '../../../support/rows.ts'

const start = httpHarness()
const small = Uint8Array.from({ length: 100 }, (_, index) => index)
const large = seededRandom('blob').bytes(300_000)
const SOON = { interval: 2, timeout: 20_000 }
const path = (bytes: Uint8Array) => `/blob/${hashOf(bytes)}`

describe('reading a blob', () => {
  test.each([
    ['small', small],
    ['large', large],
    ['empty', new Uint8Array()],
  ])('gives a %s one to anybody, whole, with its hash as tag and for ever [BLOB-1.1]', async (_, bytes) => {
    const { port, blobs } = await start()
    blobs.put(bytes)
    const answer = await ask(port, { path: path(bytes) })
    expect(answer.status).toBe(200)
    expect(answer.body.equals(bytes)).toBe(true)
    expect(answer.headers).toMatchObject({
      'content-length': String(bytes.length),
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      etag: `"${hashOf(bytes)}"`,
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    })
  })

  test('HEAD gives the size and no bytes, and knows no ranges', async () => {
    const { port, blobs } = await start()
    blobs.put(large)
    const answer = await ask(port, { method: 'HEAD', path: path(large), headers: { range: 'bytes=0-9' } })
    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '300000', 0])
  })

  test.each([
    ['bytes=10-19', 10, 19],
    ['bytes=299990-', 299_990, 299_999],
    ['bytes=-5', 299_995, 299_999],
    ['bytes=100-200099', 100, 200_099],
  ])('gives the part %s [BLOB-1.1]', async (range, first, last) => {
    const { port, blobs } = await start()
    blobs.put(large)
    const answer = await ask(port, { path: path(large), headers: { range } })
    expect(answer.status).toBe(206)
    expect(answer.headers['content-range']).toBe(`bytes ${first}-${last}/300000`)
    expect(answer.headers['content-length']).toBe(String(last - first + 1))
    expect(answer.body.equals(large.subarray(first, last + 1))).toBe(true)
  })

  test('answers 416 with the size to a part that is not there', async () => {
    const { port, blobs } = await start()
    blobs.put(small)
    const answer = await ask(port, { path: path(small), headers: { range: 'bytes=100-' } })
    expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */100'])
    expect(answer.json()).toEqual({
      error: { code: 'bad_range', message: 'The blob has 100 bytes and none of those asked for.' },
    })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test.each(['bytes=x-', 'bytes=0-1,5-6', 'lines=1-2'])('ignores the range %s', async range => {
    const { port, blobs } = await start()
    blobs.put(small)
    expect((await ask(port, { path: path(small), headers: { range } })).status).toBe(200)
  })

  test('a broken transfer is resumed where it ended, on condition that the blob is the same [BLOB-1.1]', async () => {
    const { port, blobs } = await start()
    blobs.put(large)
    const req = request({ host: '127.0.0.1', port, path: path(large), agent: false }).end()
    const [res] = await once(req, 'response')
    const [first] = (await once(res, 'data')) as [Buffer]
    req.destroy()
    const headers = { range: `bytes=${first.length}-`, 'if-range': `"${hashOf(large)}"` }
    const rest = await ask(port, { path: path(large), headers })
    expect(rest.status).toBe(206)
    expect(Buffer.concat([first, rest.body]).equals(large)).toBe(true)
    const other = await ask(port, { path: path(large), headers: { ...headers, 'if-range': '"other"' } })
    expect(other.status).toBe(200)
  })

  test('answers 304 to whoever has it', async () => {
    const { port, blobs } = await start()
    blobs.put(small)
    const answer = await ask(port, { path: path(small), headers: { 'if-none-match': `"x", W/"${hashOf(small)}"` } })
    expect([answer.status, answer.body.length]).toEqual([304, 0])
    expect((await ask(port, { path: path(small), headers: { 'if-none-match': '"x"' } })).status).toBe(200)
  })

  test('lets a page of any origin ask for parts', async () => {
    const { port } = await start()
    const answer = await ask(port, { method: 'OPTIONS', path: path(small) })
    expect(answer.status).toBe(204)
    expect(answer.headers['access-control-allow-headers']).toContain('range')
    expect(answer.headers['access-control-allow-methods']).toBe('GET, HEAD')
  })

  test.each([
    ['GET', path(small), 404, 'not_found'],
    ['HEAD', path(small), 404, null],
    ['GET', '/blob/abc', 400, 'bad_request'],
    ['GET', `/blob/${'AB'.repeat(32)}`, 400, 'bad_request'],
    ['GET', `/blob/../${hashOf(small)}`, 400, 'bad_request'],
    ['DELETE', path(small), 405, 'bad_method'],
  ])('answers %s %s with %i', async (method, target, status, code) => {
    const { port, counts } = await start()
    const answer = await ask(port, { method, path: target })
    expect(answer.status).toBe(status)
    if (code) expect(answer.json()).toMatchObject({ error: { code } })
    if (status === 405) expect(answer.headers.allow).toBe('GET, HEAD, PUT, OPTIONS')
    expect(counts).toHaveLength(1)
  })
})

describe('putting a blob', () => {
  const device = { authorization: `Hedgerow ${SLIP}`, 'x-hedgerow-device': DEVICES[0] }

  test.each<[string, Record<string, string>]>([
    ['the operator', bearer(TOKENS.admin)],
    ['a submitter', bearer(TOKENS.bob)],
    ['a device', device],
  ])('is for %s: made once, then there', async (_, headers) => {
    const { port, blobs } = await start()
    const put = () => ask(port, { method: 'PUT', path: path(large), headers, body: large })
    const first = await put()
    expect([first.status, first.json()]).toEqual([201, { sha256: hashOf(large), bytes: large.length }])
    expect(blobs.read(hashOf(large))).toEqual(large)
    expect((await put()).status).toBe(200)
    expect(blobs.usedBytes()).toBe(large.length)
  })

  test('asks who checks the slip for exactly this blob and size [BLOB-2.1]', async () => {
    const { port, slips } = await start()
    await ask(port, { method: 'PUT', path: path(small), headers: device, body: small })
    expect(slips).toEqual([{ device: DEVICES[0], authorization: SLIP, sha256: hashOf(small), size: 100 }])
  })

  test.each<[string, Record<string, string>, number, string]>([
    ['nobody', {}, 401, 'no_token'],
    ['an unknown token', bearer('other'), 401, 'bad_token'],
    ['another scheme', { authorization: 'Basic YTpi' }, 401, 'bad_token'],
    ['an empty token', { authorization: 'Bearer ' }, 401, 'bad_token'],
    ['a device with a wrong slip', { ...device, authorization: 'Hedgerow b3RoZXI' }, 401, 'bad_token'],
    ['an unknown device', { ...device, 'x-hedgerow-device': DEVICES[1] }, 401, 'bad_token'],
    ['a slip without a device', { authorization: `Hedgerow ${SLIP}` }, 401, 'bad_token'],
  ])('refuses %s', async (_, headers, status, code) => {
    const { port, blobs } = await start()
    const answer = await ask(port, { method: 'PUT', path: path(large), headers, body: large })
    expect([answer.status, answer.json()]).toMatchObject([status, { error: { code } }])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(blobs.has(hashOf(large))).toBeNull()
  })

  test('refuses a device that does not announce the size', async () => {
    const { port } = await start()
    const answer = await ask(port, { method: 'PUT', path: path(small), headers: device, body: [small] })
    expect([answer.status, answer.json()]).toMatchObject([400, { error: { code: 'bad_request' } }])
  })

  test('takes a body in pieces from whoever has a token', async () => {
    const { port, blobs } = await start()
    const pieces = [large.subarray(0, 7), large.subarray(7)]
    const answer = await ask(port, { method: 'PUT', path: path(large), headers: bearer(TOKENS.ada), body: pieces })
    expect(answer.status).toBe(201)
    expect(blobs.has(hashOf(large))).toEqual({ size: large.length })
  })

  test('keeps nothing of bytes that are not what they were said to be [BLOB-1.2]', async () => {
    const { port, blobs, incoming } = await start()
    const answer = await ask(port, { method: 'PUT', path: path(large), headers: bearer(TOKENS.ada), body: small })
    expect([answer.status, answer.json()]).toMatchObject([400, { error: { code: 'wrong_hash' } }])
    expect([blobs.has(hashOf(large)), blobs.has(hashOf(small)), blobs.usedBytes()]).toEqual([null, null, 0])
    expect(readdirSync(incoming)).toEqual([])
  })

  test('refuses a size above the limit before a byte of it comes', async () => {
    const { port } = await start()
    const size = LIMITS.blobBytesMax + 1
    const head = `PUT ${path(small)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKENS.ada}\r\ncontent-length: ${size}\r\n`
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n`))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    expect(answer.toString()).toContain('413 Payload Too Large')
  })

  test.each<[string, Uint8Array | Uint8Array[]]>([
    ['announced', large],
    ['in pieces', [large.subarray(0, 60_000), large.subarray(60_000)]],
  ])('answers 507 when a blob %s does not fit, and takes smaller ones still', async (_, body) => {
    const { port, blobs, incoming } = await start({ quotaBytes: 100_000 })
    const put = (what: Uint8Array, sent: Uint8Array | Uint8Array[]) =>
      ask(port, { method: 'PUT', path: path(what), headers: bearer(TOKENS.ada), body: sent })
    const answer = await put(large, body)
    expect([answer.status, answer.headers['retry-after'], answer.json()]).toMatchObject([
      507,
      '60',
      { error: { code: 'no_space' } },
    ])
    expect(blobs.usedBytes()).toBe(0)
    expect(readdirSync(incoming)).toEqual([])
    expect((await put(small, small)).status).toBe(201)
  })

  test('survives an upload that is broken off, and keeps nothing of it', async () => {
    const { port, blobs, counts, incoming } = await start()
    const headers = { ...bearer(TOKENS.ada), 'content-length': String(large.length) }
    const req = request({ host: '127.0.0.1', port, method: 'PUT', path: path(large), headers, agent: false })
    req.on('error', () => {})
    req.write(large.subarray(0, 200_000))
    await vi.waitUntil(() => blobs.usedBytes() === 200_000, SOON)
    req.destroy()
    await vi.waitUntil(() => counts.includes('http:broken'), SOON)
    expect([blobs.has(hashOf(large)), blobs.usedBytes(), readdirSync(incoming)]).toEqual([null, 0, []])
    const again = await ask(port, { method: 'PUT', path: path(large), headers: bearer(TOKENS.ada), body: large })
    expect(again.status).toBe(201)
  })

  test('two uploads of one blob side by side store it once', async () => {
    const { port, blobs } = await start()
    const put = () => ask(port, { method: 'PUT', path: path(large), headers: bearer(TOKENS.ada), body: large })
    const statuses = (await Promise.all([put(), put(), put()])).map(answer => answer.status)
    expect(statuses.filter(status => status === 201)).toHaveLength(1)
    expect(blobs.usedBytes()).toBe(large.length)
  })

  test('looks at the token before it tells a sender that asks to go on', async () => {
    const { port } = await start()
    const head = (token: string) =>
      `PUT ${path(small)} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${token}\r\n` +
      'content-length: 100\r\nexpect: 100-continue\r\n\r\n'
    const socket = connect(port, '127.0.0.1', () => socket.write(head(TOKENS.ada)))
    const [leave] = (await once(socket, 'data')) as [Buffer]
    expect(leave.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write(small)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('201 Created')
    const refused = await sendRaw(port, head('other') + Buffer.from(small).toString('latin1'))
    expect(refused.startsWith('HTTP/1.1 401')).toBe(true)
  })

  test('an asker whose body nobody wants sees why and may go on with the connection', async () => {
    const { port } = await start()
    const body = 'x'.repeat(1_000_000)
    const text = await sendRaw(
      port,
      `PUT ${path(small)} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}` +
        'GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    )
    expect(text.startsWith('HTTP/1.1 401')).toBe(true)
    expect(text).toContain('HTTP/1.1 200 OK')
  })

  test('cuts off a sender that goes on with a large body nobody wants', async () => {
    const { port } = await start()
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`PUT ${path(small)} HTTP/1.1\r\nhost: x\r\ncontent-length: 900000000\r\n\r\n`)
      const chunk = Buffer.alloc(1 << 20)
      const more = () => void (socket.writable && socket.write(chunk, error => !error && more()))
      more()
    })
    socket.on('error', () => {})
    await new Promise(resolve => socket.once('close', resolve))
    expect(socket.bytesWritten).toBeLessThan(100_000_000)
  })
})

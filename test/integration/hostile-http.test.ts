/**
 * Whoever speaks HTTP badly, slowly, too much or with intent: refused or cut off, counted, and of no consequence for anybody else. Raw sockets
 * against the coordinator as it runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bearer, httpHarness, TOKENS } from '../support/coordinator-http.ts'
import { TestRegion } from '../support/test-region.ts'

const SECRET = 'nobody may read this'
/** The attacker is 127.0.0.1, everybody else comes from here. */
const HONEST_ADDRESS = '127.0.0.2'
const SOON = { interval: 5, timeout: 30_000 }

const folder = mkdtempSync(join(tmpdir(), 'hedgerow-hostile-'))
let region: TestRegion
let port: number

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), 'the page')
  writeFileSync(join(folder, '..', 'hedgerow-secret.txt'), SECRET)
  region = await TestRegion.start({ coordinator: { dashboardDir: folder } })
  port = Number(new URL(region.coordinator.httpUrl).port)
})
afterAll(async () => {
  await region[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
  rmSync(join(folder, '..', 'hedgerow-secret.txt'))
  expect(region.fatal).toEqual([])
})

/** Asks as an honest client does, from another address. */
function honest(path = '/api/region', at = port, token = region.coordinator.adminToken): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const req = request({ host: '127.0.0.1', port: at, path, headers, localAddress: HONEST_ADDRESS, agent: false })
    req.on('error', reject)
    req.on('response', res => {
      res.resume().on('end', () => resolve(res.statusCode ?? 0))
    })
    req.end()
  })
}

/** Sends bytes as they are, says that no more come, and returns all that comes back until the other side hangs up. */
function raw(text: string, at = port): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(at, '127.0.0.1', () => socket.end(Buffer.from(text, 'latin1')))
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

const statusesOf = (answer: string): number[] =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, code]) => Number(code))
const HOST = 'host: localhost\r\n'
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${HOST}${more}connection: close\r\n\r\n`
const post = (more: string, body = '') => `POST /api/claims HTTP/1.1\r\n${HOST}${more}\r\n${body}`
const SMUGGLED = `0\r\n\r\nGET /health HTTP/1.1\r\n${HOST}\r\n`

describe('what is no request', () => {
  test.each<[what: string, sent: string, expected: number[]]>([
    ['noise', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    ['words', 'HELLO WORLD\r\n\r\n', [400]],
    ['no version, and so no host', 'GET /api/region\r\n\r\n', [403]],
    ['another version', `GET /health HTTP/9.9\r\n${HOST}\r\n`, [400]],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', [400]],
    ['a space before the colon', get('/health', 'x : 1\r\n'), [400]],
    ['a folded header', get('/health', 'x: 1\r\n 2\r\n'), [400]],
    ['a NUL in a header', get('/health', 'x: a\0b\r\n'), [400]],
    ['a lone CR in a header', get('/health', 'x: a\rb: c\r\n'), [400]],
    ['a space in the target', get('/he alth'), [400]],
    ['a header of 20 kB', get('/health', `x: ${'a'.repeat(20_000)}\r\n`), [431]],
    ['a thousand long headers', get('/health', 'x: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(1_000)), [431]],
    ['a target of 20 kB', get(`/${'a'.repeat(20_000)}`), [431]],
    ['a method of its own', `STEAL /api/region HTTP/1.1\r\n${HOST}\r\n`, [400]],
    ['length and chunks', post('content-length: 4\r\ntransfer-encoding: chunked\r\n', SMUGGLED), [400]],
    ['chunks and length', post('transfer-encoding: chunked\r\ncontent-length: 4\r\n', SMUGGLED), [400]],
    ['two lengths', post('content-length: 4\r\ncontent-length: 60\r\n', SMUGGLED), [400]],
    ['two lengths in one', post('content-length: 4, 4\r\n', SMUGGLED), [400]],
    ['a signed length', post('content-length: +4\r\n', SMUGGLED), [400]],
    ['a negative length', post('content-length: -1\r\n', SMUGGLED), [400]],
    ['a length in hexadecimal', post('content-length: 0x10\r\n', SMUGGLED), [400]],
    ['a length beyond numbers', post(`content-length: ${'9'.repeat(30)}\r\n`), [400]],
    ['another encoding', post('transfer-encoding: xchunked\r\n', SMUGGLED), [400]],
    ['chunked twice over', post('transfer-encoding: chunked, identity\r\n', SMUGGLED), [400]],
  ])('%s is refused, and nothing behind it is answered', async (_, sent, expected) => {
    expect(statusesOf(await raw(sent))).toEqual(expected)
    expect(await honest()).toBe(200)
  })

  test.each<[what: string, body: string]>([
    ['a size beyond numbers', `${'f'.repeat(20)}\r\nx\r\n0\r\n\r\n`],
    ['a size that is none', 'zz\r\nx\r\n0\r\n\r\n'],
    ['a negative size', '-1\r\nx\r\n0\r\n\r\n'],
    ['data longer than its size', '1\r\nxyz\r\n0\r\n\r\n'],
    ['a lone line feed', '1\nx\n0\n\n'],
  ])('chunks with %s are no body', async (_, body) => {
    const token = `authorization: Bearer ${region.coordinator.adminToken}\r\n`
    const answer = await raw(post(`${token}transfer-encoding: chunked\r\n`, body))
    expect(statusesOf(answer).every(status => status === 400)).toBe(true)
    expect(answer).not.toContain('hedgerow-claim')
    expect(await honest()).toBe(200)
  })
})

describe('what is asked for', () => {
  const UP = [
    '../',
    '..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '%2E%2E%5C',
    '..\\',
    '..%5c',
    '%252e%252e%252f',
    '..;/',
    '..%00/',
    '.%2e/',
    '..%c0%af',
    '..//',
  ]
  const BELOW = [
    '/dashboard/',
    '/dashboard/assets/',
    '/updates/',
    '/updates/targets/',
    '/blob/',
    '/log/',
    '/log/tile/',
    '/v1.1/',
    '/',
  ]

  test('by a path that leads upwards is not found, however it is written', async () => {
    for (const below of BELOW) {
      for (const up of UP) {
        const answers = await Promise.all(
          [1, 2, 6].map(times => raw(get(`${below}${up.repeat(times)}hedgerow-secret.txt`))),
        )
        for (const answer of answers) {
          expect(statusesOf(answer)[0], `${below}${up}`).toBeGreaterThanOrEqual(400)
          expect(statusesOf(answer)[0], `${below}${up}`).toBeLessThan(500)
          expect(answer).not.toContain(SECRET)
        }
      }
    }
  })

  test.each([
    '/dashboard//etc/passwd',
    '/dashboard/file:///etc/passwd',
    'http://localhost/dashboard/../../hedgerow-secret.txt',
    '//evil.example/dashboard/index.html',
    '/dashboard/index.html/',
    '/dashboard/.',
    '/dashboard/constructor',
    `/blob/${'0'.repeat(63)}/`,
    `/blob/${'A'.repeat(64)}`,
    '/api/devices/%00/explain',
    '/api/devices/..%2f..%2fledger',
    '/api/jobs/%ff',
    '*',
  ])('by a path that means nothing is not found: %s', async target => {
    const token = `authorization: Bearer ${region.coordinator.adminToken}\r\n`
    const [status] = statusesOf(await raw(get(target, token)))
    expect([400, 403, 404]).toContain(status)
  })

  test('with line breaks in its path gets no headers of its own making', async () => {
    for (const below of ['/dashboard/', '/blob/', '/api/jobs/', '/log/', '/']) {
      const answer = await raw(get(`${below}%0d%0aset-cookie:%20x=1%0d%0a%0d%0a<script>`))
      expect(answer.toLowerCase()).not.toMatch(/^set-cookie/m)
      expect(answer).toMatch(/content-type: application\/json/i)
      expect(answer).toMatch(/x-content-type-options: nosniff/i)
    }
  })

  test.each(['TRACE', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('by %s is not done', async method => {
    const token = `authorization: Bearer ${region.coordinator.adminToken}\r\n`
    for (const path of ['/', '/dashboard/index.html', '/api/region', '/api/claims', '/api/events', '/health']) {
      const answer = await raw(`${method} ${path} HTTP/1.1\r\n${HOST}${token}connection: close\r\n\r\n`)
      expect(statusesOf(answer), `${method} ${path}`).toEqual([405])
    }
    expect(await honest()).toBe(200)
  })

  test('by CONNECT, or as a WebSocket, leads nowhere', async () => {
    expect(statusesOf(await raw(`CONNECT evil.example:25 HTTP/1.1\r\n${HOST}\r\n`))).toEqual([])
    const upgrade = 'upgrade: websocket\r\nsec-websocket-key: eA==\r\nsec-websocket-version: 13\r\n'
    const answer = await raw(`GET /api/events HTTP/1.1\r\n${HOST}connection: upgrade\r\n${upgrade}\r\n`)
    expect(statusesOf(answer)).not.toContain(101)
  })

  test('by a page of another site, or by a foreign name, is refused', async () => {
    const token = `authorization: Bearer ${region.coordinator.adminToken}\r\ncontent-length: 17\r\nconnection: close\r\n`
    const claim = '{"owner":"greta"}'
    for (const foreign of ['origin: http://evil.example', 'origin: null', 'sec-fetch-site: cross-site']) {
      const answer = await raw(post(`${token}${foreign}\r\n`, claim))
      expect([statusesOf(answer), answer.includes('hedgerow-claim')]).toEqual([[403], false])
    }
    expect(statusesOf(await raw(post(token, claim)))).toEqual([201])
    const rebound = get('/api/region').replace('localhost', 'evil.example')
    expect(statusesOf(await raw(rebound))).toEqual([403])
  })
})

describe('too much', () => {
  test('of a body is refused before it is read, and nobody without a token gets as far', async () => {
    const huge = `content-length: ${10 ** 12}\r\n`
    const token = `authorization: Bearer ${region.coordinator.adminToken}\r\n`
    expect(statusesOf(await raw(post(`${token}${huge}`)))).toEqual([413])
    expect(statusesOf(await raw(post(huge)))).toEqual([401])
    const blob = `PUT /blob/${'ab'.repeat(32)} HTTP/1.1\r\n${HOST}${token}${huge}\r\n`
    expect(statusesOf(await raw(blob))).toEqual([413])
    expect(await honest()).toBe(200)
  })

  test('at once is answered in order, up to the bound of an address', async () => {
    const first = await raw(get('/health').replace('connection: close\r\n', '').repeat(20))
    expect(statusesOf(first)).toEqual(new Array(20).fill(200))
    const flood = await raw(get('/api/session').replace('connection: close\r\n', '').repeat(2_000))
    const statuses = statusesOf(flood)
    expect(statuses).toContain(429)
    expect(statuses.filter(status => status === 200).length).toBeLessThan(1_000)
    expect(await honest()).toBe(200)
  })

  test('of connections from one address is cut, and others are served meanwhile', async () => {
    const open = new Set<Socket>()
    let cut = 0
    for (let i = 0; i < 10_000; i++) {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /api/region HTTP/1.1\r\nhost: '))
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        cut++
      })
      if (i % 500 === 499) {
        expect(await honest()).toBe(200)
        await vi.waitUntil(() => open.size <= 520, SOON)
      }
    }
    await vi.waitUntil(() => open.size <= 512, SOON)
    expect(cut).toBeGreaterThanOrEqual(9_488)
    expect(open.size).toBeGreaterThan(400)
    expect(await honest()).toBe(200)
    expect(await honest('/')).toBe(200)
    for (const socket of open) socket.destroy()
    await vi.waitUntil(() => open.size === 0, SOON)
    await vi.waitUntil(async () => statusesOf(await raw(get('/health')))[0] === 200, SOON)
  }, 120_000)

  test('guessing of tokens is answered less and less, and whoever knows one does not notice', async () => {
    expect(await honest()).toBe(200)
    const statuses: (number | undefined)[] = []
    for (let i = 0; i < 100; i++) {
      statuses.push(statusesOf(await raw(get('/api/devices', `authorization: Bearer guess${i}\r\n`)))[0])
    }
    expect(statuses.filter(status => status === 401).length).toBeLessThan(20)
    expect(statuses.at(-1)).toBe(429)
    expect(await honest()).toBe(200)
    // Even from the same address, with a token that was right before.
    const known = `authorization: Bearer ${region.coordinator.adminToken}\r\n`
    expect(statusesOf(await raw(get('/api/devices', known)))).toEqual([200])
  })
})

describe('too slow', () => {
  const start = httpHarness()

  test('with headers, many at once, is cut off at the deadline, and others are served meanwhile', async () => {
    const { port: at, counts } = await start({ headersTimeoutMs: 300 })
    const sockets = Array.from({ length: 200 }, () => connect(at, '127.0.0.1'))
    let closed = 0
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.resume().on('close', () => closed++)
      socket.write('GET /api/region HTTP/1.1\r\n')
    }
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('x')
    }, 20)
    expect(await honest('/api/region', at, TOKENS.admin)).toBe(200)
    await vi.waitUntil(() => closed === sockets.length, SOON)
    clearInterval(drip)
    expect(counts.filter(count => count === 'http:malformed')).toHaveLength(200)
  })

  test('with a body is cut off at its deadline, however it drips', async () => {
    const { port: at, counts, calls } = await start({ bodyTimeoutMs: 300 })
    const socket = connect(at, '127.0.0.1')
    let isClosed = false
    socket.on('error', () => {})
    socket.resume().on('close', () => {
      isClosed = true
    })
    const { authorization } = bearer(TOKENS.admin)
    socket.write(
      `POST /api/claims HTTP/1.1\r\n${HOST}authorization: ${authorization}\r\ncontent-length: 4000000\r\n\r\n`,
    )
    const drip = setInterval(() => socket.writable && socket.write(' '), 20)
    expect(await honest('/api/region', at, TOKENS.admin)).toBe(200)
    await vi.waitUntil(() => isClosed, SOON)
    clearInterval(drip)
    expect(counts).toContain('http:slow_body')
    expect(calls).toEqual([])
  })
})

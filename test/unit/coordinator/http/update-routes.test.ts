import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exchangeOf, sendJson } from '../../../../coordinator/http/exchange.ts'
import { failureReply } from '../../../../coordinator/http/failure-reply.ts'
import { serveUpdate } from '../../../../coordinator/http/update-routes.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const tempDir = tempDirs()
const ARCHIVE = Buffer.from('a'.repeat(100_000))
const HASH = createHash('sha256').update(ARCHIVE).digest('hex')
const TARGET = `targets/${HASH}.hedgerow-1.0.0.tgz`

let server: ReturnType<typeof createServer>
let dir: string

beforeEach(async () => {
  dir = tempDir()
  mkdirSync(join(dir, 'releases/metadata'), { recursive: true })
  mkdirSync(join(dir, 'releases/targets'))
  writeFileSync(join(dir, 'releases', 'metadata/timestamp.json'), '{"t":1}')
  writeFileSync(join(dir, 'releases', 'metadata/2.snapshot.json'), '{"s":2}')
  writeFileSync(join(dir, 'releases', TARGET), ARCHIVE)
  writeFileSync(join(dir, 'secret.json'), 'secret')
  symlinkSync(join(dir, 'secret.json'), join(dir, 'releases/metadata/3.root.json'))
  mkdirSync(join(dir, 'releases/metadata/4.root.json'))
  server = createServer((req, res) => {
    const exchange = exchangeOf(req, res)
    serveUpdate({ releasesDir: join(dir, 'releases') }, exchange).catch(thrown => {
      const { status, code, message } = failureReply(thrown)
      sendJson(exchange, status, { error: { code, message } })
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => server.close())

/** Sends the path as it is, which `fetch` would not. */
function ask(path: string, init: { method?: string; headers?: Record<string, string> } = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const { port } = server.address() as AddressInfo
    const req = request({ port, host: '127.0.0.1', path, ...init }, res => {
      const parts: Buffer[] = []
      res.on('data', part => parts.push(part))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) }))
    })
    req.on('error', reject)
    req.end()
  })
}

describe('updates', () => {
  test('are shown, what changes without a copy and what does not for ever', async () => {
    const timestamp = await ask('/updates/metadata/timestamp.json')
    expect(timestamp).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } })
    expect(timestamp.body.toString()).toBe('{"t":1}')
    const snapshot = await ask('/updates/metadata/2.snapshot.json')
    expect(snapshot.headers['cache-control']).toMatch(/immutable/)
    const archive = await ask(`/updates/${TARGET}`)
    expect(archive.headers).toMatchObject({ 'cache-control': expect.stringMatching(/immutable/), etag: `"${HASH}"` })
    expect(archive.body.equals(ARCHIVE)).toBe(true)
  })

  test('come in parts, and without their content', async () => {
    const headers = { range: 'bytes=99990-' }
    const part = await ask(`/updates/${TARGET}`, { headers })
    expect(part).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 99990-99999/100000' } })
    expect(part.body.toString()).toBe('a'.repeat(10))
    const large = await ask(`/updates/${TARGET}`, { headers: { range: 'bytes=10-' } })
    expect(large.body.length).toBe(99_990)
    expect(await ask(`/updates/${TARGET}`, { headers: { range: 'bytes=200000-' } })).toMatchObject({ status: 416 })
    expect(await ask('/updates/metadata/timestamp.json', { method: 'HEAD' })).toMatchObject({
      status: 200,
      body: Buffer.alloc(0),
    })
  })

  test.each([
    '/updates/',
    '/updates/metadata',
    '/updates/metadata/',
    '/updates/metadata/../../secret.json',
    '/updates/metadata/%2e%2e/%2e%2e/secret.json',
    '/updates/../secret.json',
    '/updates//etc/passwd',
    '/updates/metadata/secret.json',
    '/updates/metadata/timestamp.json.new',
    '/updates/metadata/timestamp.json%00',
    '/updates/metadata/01.root.json',
    '/updates/metadata/9.root.json',
    '/updates/metadata/3.root.json',
    '/updates/metadata/4.root.json',
    '/updates/targets/hedgerow-1.0.0.tgz',
    `/updates/targets/${HASH}.hedgerow-..%2f.tgz`,
    `/updates/targets/${HASH.toUpperCase()}.hedgerow-1.0.0.tgz`,
  ])('are nothing else that lies on the disk: %s', async path => {
    const { status, body } = await ask(path)
    expect(status).toBe(404)
    expect(body.toString()).not.toMatch(/secret\n?$/)
  })

  test('are not changed by anybody', async () => {
    expect(await ask('/updates/metadata/timestamp.json', { method: 'PUT' })).toMatchObject({ status: 405 })
    expect(readFileSync(join(dir, 'releases/metadata/timestamp.json'), 'utf8')).toBe('{"t":1}')
  })
})

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetchBlob, uploadBlob } from '../../../client/index.ts'
import { sha256Hex, utf8 } from '../../../protocol/index.ts'
import { hastyClock } from '../../support/virtual-clock.ts'

let server: Server
let url: string
let answer: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void
const seen: string[] = []

beforeEach(async () => {
  seen.length = 0
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`)
    answer(request, Buffer.concat(chunks), response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const content = utf8('some content')
const hash = sha256Hex(createHash('sha256').update(content).digest('hex'))

test('puts content under its own hash with the token', async () => {
  let stored: Uint8Array = new Uint8Array()
  answer = (request, body, response) => {
    stored = body
    response.writeHead(request.method === 'HEAD' ? 404 : 201).end()
  }
  expect(await uploadBlob(`${url}/`, 'secret', content)).toBe(hash)
  expect(new Uint8Array(stored)).toEqual(content)
  expect(seen).toEqual([`HEAD /blob/${hash} -`, `PUT /blob/${hash} Bearer secret`])
})

test('does not send what is there already', async () => {
  answer = (_request, _body, response) => response.writeHead(200).end()
  expect(await uploadBlob(url, 'secret', new Blob(['some content']))).toBe(hash)
  expect(seen).toEqual([`HEAD /blob/${hash} -`])
})

test('repeats the coordinator’s own words when it refuses', async () => {
  answer = (_request, _body, response) => {
    response.writeHead(507).end(JSON.stringify({ error: { code: 'no_space', message: 'The disk is full.' } }))
  }
  await expect(uploadBlob(url, 'secret', content)).rejects.toThrow('The disk is full.')
  answer = (_request, _body, response) => response.writeHead(502).end('<html>')
  await expect(uploadBlob(url, 'secret', content)).rejects.toThrow('HTTP status 502')
})

test('sends the content again when the coordinator says when, and tells how far it is', async () => {
  const busy: [status: number, retryAfter: string][] = [
    [429, '2'],
    [503, '5'],
  ]
  answer = (request, body, response) => {
    if (request.method === 'HEAD') {
      response.writeHead(404).end()
      return
    }
    expect([new Uint8Array(body), request.headers['content-length']]).toEqual([content, String(content.length)])
    const [status, after] = busy.shift() ?? [201, '0']
    response.writeHead(status, { 'retry-after': after }).end(JSON.stringify({ error: { message: `Busy ${status}.` } }))
  }
  const told: unknown[] = []
  const options = {
    clock: hastyClock(),
    onProgress: (sentBytes: number) => void told.push(sentBytes),
    onWait: (...why: unknown[]) => void told.push(why),
  }
  expect(await uploadBlob(url, 'secret', content, options)).toBe(hash)
  expect(told).toEqual([12, ['Busy 429.', 2_000], 12, ['Busy 503.', 5_000], 12])
})

test('gives up on a coordinator that stays full, in its own words', async () => {
  answer = (request, _body, response) => {
    const status = request.method === 'HEAD' ? 404 : 507
    response.writeHead(status, { 'retry-after': '60' }).end(JSON.stringify({ error: { message: 'The disk is full.' } }))
  }
  const uploading = uploadBlob(url, 'secret', content, { clock: hastyClock(), waitMaxMs: 150_000 })
  await expect(uploading).rejects.toThrow('The coordinator did not take the blob: The disk is full.')
  expect(seen.filter(line => line.startsWith('PUT'))).toHaveLength(3)
})

test('reads only bytes that are what was named', async () => {
  answer = (_request, _body, response) => response.end('some content')
  expect(await fetchBlob(`${url}/blob/${hash}`, hash)).toEqual(content)
  answer = (_request, _body, response) => response.end('some contend')
  await expect(fetchBlob(`${url}/blob/${hash}`, hash)).rejects.toThrow(/SHA-256 differs/)
  answer = (_request, _body, response) => response.writeHead(404).end()
  await expect(fetchBlob(`${url}/blob/${hash}`, hash)).rejects.toThrow(/cannot be read/)
})

test('says that nobody answers', async () => {
  server.close()
  const error = await uploadBlob('http://127.0.0.1:1', 'secret', content).catch(thrown => thrown)
  expect(error.code).toBe('unreachable')
})

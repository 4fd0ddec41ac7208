import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createPeerHttp } from '../../../../coordinator/settlement/peer-http.ts'
import { TransportError } from '../../../../protocol/index.ts'
import { atEnd } from '../../../support/at-end.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

const later = atEnd()

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  later(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function open() {
  const clock = new VirtualClock()
  const http = createPeerHttp({ clock, fetch }, 3_000)
  later(() => http.close())
  return { clock, http }
}

const failureOf = async (work: Promise<unknown>) => {
  const error = await work.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TransportError)
  return error as TransportError
}

test('brings text there and back', async () => {
  const { http, clock } = open()
  const url = await serve(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    res.writeHead(409, { 'content-type': 'text/x.tlog.size; charset=utf-8' })
    res.end(`${req.method} ${req.url} ${req.headers['content-type']} ${body}`)
  })
  expect(await http.post(`${url}/x`, 'hällo')).toEqual({
    status: 409,
    mediaType: 'text/x.tlog.size',
    body: 'POST /x text/plain; charset=utf-8 hällo',
  })
  expect((await http.get(`${url}/y`)).body).toContain('GET /y')
  expect(clock.timers).toBe(0)
})

test('takes no more than a region would answer', async () => {
  const { http } = open()
  const url = await serve((_, res) => {
    const more = () => {
      while (res.write('x'.repeat(10_000)));
    }
    res.on('drain', more)
    more()
  })
  const failure = await failureOf(http.get(url))
  expect(failure.code).toBe('bad_response')
  expect(failure.message).toContain('more than 32768 bytes')
})

test('takes only text', async () => {
  const { http } = open()
  const url = await serve((_, res) => res.end(Buffer.from([0xff, 0xfe])))
  expect((await failureOf(http.get(url))).message).toContain('its answer is no text')
})

test('is not sent elsewhere', async () => {
  const { http } = open()
  let asked = 0
  const elsewhere = await serve((_, res) => {
    asked++
    res.end()
  })
  const url = await serve((_, res) => res.writeHead(302, { location: elsewhere }).end())
  expect((await failureOf(http.get(url))).code).toBe('unreachable')
  expect(asked).toBe(0)
})

test('gives up on one that does not answer, and on one that never ends', async () => {
  const { http, clock } = open()
  const begun: (() => void)[] = []
  const two = new Promise<void>(resolve => begun.push(() => begun.length > 2 && resolve()))
  const url = await serve((req, res) => {
    if (req.url === '/drip') res.write('x')
    begun.push(() => {})
    begun[0]?.()
  })
  const asked = [failureOf(http.get(`${url}/silent`)), failureOf(http.get(`${url}/drip`))]
  await two
  await settle()
  await clock.advance(3_000)
  for (const failure of await Promise.all(asked)) {
    expect(failure.code).toBe('timeout')
    expect(failure.message).toContain('did not answer within 3 s')
  }
})

test('says who cannot be reached, and lets go of everything when it is closed', async () => {
  const { http } = open()
  const failure = await failureOf(http.get('http://127.0.0.1:1/'))
  expect(failure.code).toBe('unreachable')
  expect(failure.message).toContain('http://127.0.0.1:1/ cannot be reached')
  const begun = Promise.withResolvers<void>()
  const url = await serve(() => begun.resolve())
  const asked = failureOf(http.get(url))
  await begun.promise
  http.close()
  await asked
})

/** The device's link and its transfers against servers that are, and are not, its region's: real TLS over TCP. */
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { ServerCredentials } from '../../coordinator/tls/types.ts'
import { nodeHttp } from '../../device/index.ts'
import type { RegionTrust } from '../../device/link/index.ts'
import { mqttLink } from '../../device/link/mqtt-link.ts'
import { deviceId, regionName, TransportError } from '../../protocol/index.ts'
import { TestAuthority } from '../support/test-authority.ts'
import { startTestBroker } from '../support/test-broker.ts'

const HANDLERS = { downlink: () => undefined, closed: () => undefined }
const region = new TestAuthority('The region')
const stranger = new TestAuthority('The region')
const trust: RegionTrust = { caKeySha256: region.keySha256, nowMs: () => Date.now() }

async function listening(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A TLS server that notes what it is sent and answers like a broker, or like an HTTP server. */
async function secureServer(credentials: ServerCredentials, options: { maxVersion?: 'TLSv1.2' } = {}) {
  const heard: Buffer[] = []
  const sockets = new Set<TLSSocket>()
  const server = createTlsServer({ key: credentials.key, cert: credentials.chain, ...options }, socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', data => {
      heard.push(data)
      if (data[0] === 0x10) socket.write(Buffer.from([0x20, 2, 0, 0]))
      if (data[0] === 0x82) socket.write(Buffer.from([0x90, 3, data[2] ?? 0, data[3] ?? 0, 0]))
      if (data[0] === 0x47) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')
    })
  })
  server.on('tlsClientError', () => undefined)
  const port = await listening(server)
  return {
    port,
    heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const targetOf = (address: string) => ({
  address,
  region: regionName('north'),
  device: deviceId('a'.repeat(26)),
  password: new Uint8Array(100),
})

async function refusalOf(attempt: Promise<unknown>): Promise<TransportError> {
  const thrown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof TransportError)) throw new Error('It was not refused.', { cause: thrown })
  return thrown
}

const connect = (port: number, by = trust, host = '127.0.0.1', scheme = 'mqtts') =>
  mqttLink({ trust: by, connectTimeoutMs: 2_000 }).connect(targetOf(`${scheme}://${host}:${port}`), HANDLERS)

describe('a device with a pinned authority', () => {
  test('connects to its region, by address and by name, and is told the authority', async () => {
    await using server = await secureServer(region.credentials())
    const told: string[] = []
    for (const host of ['127.0.0.1', 'localhost']) {
      const connection = await connect(server.port, { ...trust, onAuthority: pem => told.push(pem) }, host)
      connection.close()
    }
    expect(told).toEqual([region.pem, region.pem])
  })

  test.each([
    ['other_authority', stranger.credentials(), /shows a certificate of another authority than the claim names/],
    [
      'other_host',
      region.credentials({ names: { dns: ['elsewhere.example'], ips: [] } }),
      /shows a certificate for another address/,
    ],
    ['expired', region.credentials({ days: [-90, -1] }), /shows a certificate that has expired/],
    ['not_yet_valid', region.credentials({ days: [1, 90] }), /shows a certificate that is not valid yet/],
    ['not_signed', mixed(), /the region's authority did not sign/],
  ])('refuses what is %s in one sentence, and sends it nothing [JOIN-4.2]', async (reason, shown, sentence) => {
    await using server = await secureServer(shown)
    const refusal = await refusalOf(connect(server.port))
    expect(refusal).toMatchObject({ code: 'untrusted', info: { reason } })
    expect(refusal.message).toMatch(sentence)
    expect(refusal.message).toMatch(/^What answers at mqtts:\/\/127\.0\.0\.1:\d+ [^.]*(\.[^ ][^.]*)*\.$/)
    expect(server.heard).toEqual([])
  })

  test.each([[-90, -1] as const, [1, 90] as const])(
    'whose clock was never set takes what is valid from day %i to %i [JOIN-4.3]',
    async (from, to) => {
      await using server = await secureServer(region.credentials({ days: [from, to] }))
      const connection = await connect(server.port, { ...trust, nowMs: () => null })
      connection.close()
    },
  )

  test('does not speak what is older than TLS 1.3', async () => {
    await using server = await secureServer(region.credentials(), { maxVersion: 'TLSv1.2' })
    expect(await refusalOf(connect(server.port))).toMatchObject({ code: 'untrusted', info: { reason: 'old_tls' } })
    expect(server.heard).toEqual([])
  })

  test('transfers over HTTPS by the same rules', async () => {
    await using right = await secureServer(region.credentials())
    await using wrong = await secureServer(stranger.credentials())
    const http = nodeHttp(trust)
    const ask = (port: number) => http({ method: 'GET', url: `https://127.0.0.1:${port}/blob/x`, headers: {} })
    for (let times = 0; times < 2; times++) {
      const response = await ask(right.port)
      const body: Uint8Array[] = []
      for await (const chunk of response.body) body.push(chunk)
      expect(Buffer.concat(body).toString()).toBe('hi')
    }
    expect(await refusalOf(ask(wrong.port))).toMatchObject({ code: 'untrusted', info: { reason: 'other_authority' } })
    expect(wrong.heard).toEqual([])
    expect(
      Buffer.concat(right.heard)
        .toString()
        .match(/GET \/blob\/x/g),
    ).toHaveLength(2)
  })
})

describe('ports that are mixed up', () => {
  test('TLS at the port without it: one sentence, and nothing of the device has left', async () => {
    await using broker = await startTestBroker()
    const refusal = await refusalOf(connect(broker.broker.port))
    expect(refusal.code).toBe('untrusted')
    expect(refusal.message).toMatch(
      /hangs up instead of beginning TLS: it may be the port without TLS, or it may be busy\.$/,
    )
  })

  test('TLS at a port of HTTP', async () => {
    const server = createTcpServer(socket => {
      socket.on('error', () => undefined)
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    const port = await listening(server)
    const refusal = await refusalOf(connect(port))
    expect(refusal).toMatchObject({ code: 'untrusted', info: { reason: 'not_tls' } })
    expect(refusal.message).toMatch(/does not speak TLS: the address must name the port that does/)
    server.close()
  })

  test('silence where TLS should be', async () => {
    const server = createTcpServer(socket => socket.on('error', () => undefined))
    const port = await listening(server)
    const link = mqttLink({ trust, connectTimeoutMs: 100 })
    const refusal = await refusalOf(link.connect(targetOf(`mqtts://127.0.0.1:${port}`), HANDLERS))
    expect(refusal.code).toBe('timeout')
    expect(refusal.message).toMatch(/does not finish TLS within 0\.1 s\.$/)
    server.close()
  })

  test('nobody there', async () => {
    const server = createTcpServer()
    const port = await listening(server)
    await new Promise(resolve => server.close(resolve))
    expect(await refusalOf(connect(port))).toMatchObject({ code: 'unreachable' })
  })
})

/** A stranger's certificate, and behind it the region's authority, which is public. */
function mixed(): ServerCredentials {
  const { key, chain } = stranger.credentials()
  return { key, chain: chain.replace(stranger.pem, region.pem) }
}

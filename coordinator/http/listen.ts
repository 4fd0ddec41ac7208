import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, TransportError, utf8 } from '../../protocol/index.ts'
import type { TlsFront, TlsUse } from '../tls/index.ts'

export interface ListenInit {
  /** Address to listen on, such as `127.0.0.1` or `::`. */
  host: string
  /** 0 lets the system choose. */
  port: number
  /** When the port is taken: true lets the system choose another, false (the default) fails. */
  fallback?: boolean
  /** Makes every connection secure before it is answered; none for plain HTTP. */
  tls?: TlsFront | undefined
}

/**
 * Starts listening.
 * @returns the port
 * @throws {TransportError} `port_taken`, or `refused` when the address cannot be listened on
 */
export async function listen(server: Server, init: ListenInit): Promise<number> {
  try {
    return await tryListen(server, init.host, init.port)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : messageOf(cause)
    if (code === 'EADDRINUSE' && init.fallback && init.port !== 0) return listen(server, { ...init, port: 0 })
    throw failureOf(`${init.host}:${init.port}`, code, cause)
  }
}

const HTTPS_ONLY = `${JSON.stringify({
  error: { code: 'https_only', message: 'This port speaks HTTPS only: write https:// in place of http://.' },
})}\n`
const TO_PLAIN_CLIENT = utf8(
  'HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\n' +
    `content-length: ${HTTPS_ONLY.length}\r\n\r\n${HTTPS_ONLY}`,
)

/**
 * Puts TLS before a server that was made a moment ago. It goes on listening itself, since only then does it watch over the time that
 * requests take.
 */
export function makeSecure(server: Server, front: TlsFront): void {
  const [serve] = server.listeners('connection')
  server.removeAllListeners('connection')
  const use: TlsUse = { toPlainClient: TO_PLAIN_CLIENT, serve: secure => void serve?.call(server, secure) }
  server.on('connection', raw => front.accept(raw, use))
}

function tryListen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function failureOf(address: string, code: string, cause: unknown): TransportError {
  if (code === 'EADDRINUSE') {
    const message = `The HTTP server cannot listen on ${address}: another program has the port. Stop it or choose another port.`
    return new TransportError({ code: 'port_taken', address }, message, { cause })
  }
  const message = `The HTTP server cannot listen on ${address} (${code}): choose an address of this machine and a port it may use.`
  return new TransportError({ code: 'refused', address, reason: code }, message, { cause })
}

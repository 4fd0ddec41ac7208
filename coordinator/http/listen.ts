import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, TransportError } from '../../protocol/index.ts'

export interface ListenInit {
  /** Address to listen on, such as `127.0.0.1` or `::`. */
  host: string
  /** 0 lets the system choose. */
  port: number
  /** When the port is taken: true lets the system choose another, false (the default) fails. */
  fallback?: boolean
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

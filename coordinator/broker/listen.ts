import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TransportError } from '../../protocol/index.ts'
import type { TlsFront, TlsUse } from '../tls/index.ts'

/**
 * Bytes a socket takes before it asks the broker to wait. The broker must never wait for one client: `slow-readers.ts` ends
 * those that would fill this.
 */
const SOCKET_BYTES_MAX = 4_194_304
/** Bytes kept of a client whose packets are not read for a while; what follows stays in the network. */
const UNREAD_BYTES_MAX = 65_536

export interface ListenInit {
  /** Address to listen on, such as `127.0.0.1` or `::`. */
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** When the port is taken: true lets the system choose another, false fails. */
  readonly fallback: boolean
  /** Makes every connection secure before it is handed on; none for plain TCP. */
  readonly tls?: TlsFront
}

export interface Listener {
  readonly port: number
  /** Takes no more connections. Resolves once every connection it took is closed. */
  close(): Promise<void>
}

export interface ListenHandlers {
  onSocket(socket: Socket): void
  /** One connection could not be taken, such as for want of file descriptors; the others go on. */
  onFault(error: Error): void
}

/** RFC 8446 §6: a fatal alert, protocol version. Whoever speaks MQTT without TLS here can tell by it what was wrong. */
const ALERT_TO_PLAIN_CLIENT = Uint8Array.of(21, 3, 3, 0, 2, 2, 70)

/**
 * Accepts TCP connections, or those of TLS.
 * @throws {TransportError} `port_taken`, or `refused` when the address cannot be listened on
 */
export async function listen(init: ListenInit, handlers: ListenHandlers): Promise<Listener> {
  try {
    return await open(init, handlers)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    if (code === 'EADDRINUSE' && init.fallback && init.port !== 0) return listen({ ...init, port: 0 }, handlers)
    throw failureOf(init, code, cause)
  }
}

function open(init: ListenInit, handlers: ListenHandlers): Promise<Listener> {
  const options = { noDelay: true, keepAlive: true, highWaterMark: SOCKET_BYTES_MAX }
  const server = createServer(options, socket => {
    if (init.tls !== undefined) return init.tls.accept(socket, secureUse)
    setMarks(socket)
    handlers.onSocket(socket)
  })
  const secureUse: TlsUse = {
    toPlainClient: ALERT_TO_PLAIN_CLIENT,
    serve: secure => {
      setMarks(secure)
      handlers.onSocket(secure)
    },
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: init.host, port: init.port }, () => {
      server.off('error', reject)
      server.on('error', error => handlers.onFault(error))
      const { port } = server.address() as AddressInfo
      resolve({ port, close: () => new Promise(closed => server.close(() => closed())) })
    })
  })
}

/**
 * A server gives its sockets one mark for both directions, one made secure takes none from it, and a stream has no public way to change
 * either.
 */
function setMarks(socket: Socket): void {
  const { _readableState, _writableState } = socket as unknown as Record<StreamState, { highWaterMark: number }>
  _readableState.highWaterMark = UNREAD_BYTES_MAX
  _writableState.highWaterMark = SOCKET_BYTES_MAX
}

type StreamState = '_readableState' | '_writableState'

function failureOf(init: ListenInit, code: string, cause: unknown): TransportError {
  const address = `${init.host}:${init.port}`
  if (code === 'EADDRINUSE') {
    const message = `The MQTT broker cannot listen on ${address}: another program has the port. Stop that program or choose another port.`
    return new TransportError({ code: 'port_taken', address }, message, { cause })
  }
  const message = `The MQTT broker cannot listen on ${address} (${code}). Choose an address of this machine and a port it may use.`
  return new TransportError({ code: 'refused', address, reason: code }, message, { cause })
}

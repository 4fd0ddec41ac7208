/**
 * Stands before a server that knows nothing of TLS: takes its connections, makes them secure and hands them on. One front serves MQTT and
 * HTTP. What does not begin a handshake is told so in its own language, and what does not finish one in time is cut.
 */
import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { Clock } from '../../protocol/index.ts'
import { addressKey } from '../broker/address.ts'
import { HandshakeGate, type HandshakeLimits } from './handshake-gate.ts'
import type { ServerCredentials } from './types.ts'

export interface TlsFrontComponents {
  readonly clock: Clock
  /** Counts one refusal; reasons begin with `tls:`. */
  count(reason: string): void
}

export interface TlsFrontInit {
  readonly credentials: ServerCredentials
  /** From accept to a finished handshake. Default 10 000. */
  readonly handshakeMs?: number
  readonly limits?: HandshakeLimits
}

/** What a server does with the connections of its port. */
export interface TlsUse {
  /** A handshake is done. */
  serve(secure: TLSSocket): void
  /** The last words to a client that speaks without TLS; it is disconnected then. */
  readonly toPlainClient: Uint8Array
}

export interface TlsFront {
  /** Takes a connection that was accepted a moment ago. */
  accept(raw: Socket, use: TlsUse): void
  /** Shows another certificate from now on; who is connected stays. */
  setCredentials(credentials: ServerCredentials): void
  /** Cuts whatever has not finished its handshake. */
  close(): void
}

const HANDSHAKE_MS = 10_000
/** RFC 8446 §5.1: the first byte of a client that begins a handshake. */
const HANDSHAKE_RECORD = 22

/** A handshake that is under way. */
interface Pending {
  readonly use: TlsUse
  /** It is not under way any more. Does nothing when called again. */
  end(): void
}

/** @throws when the credentials are no certificate and key that OpenSSL can use */
export function createTlsFront({ clock, count }: TlsFrontComponents, init: TlsFrontInit): TlsFront {
  const handshakeTimeout = init.handshakeMs ?? HANDSHAKE_MS
  const gate = new HandshakeGate(clock, init.limits)
  const pending = new Map<string, Pending>()
  const raws = new Set<Socket>()
  // It listens nowhere: it is handed connections.
  const terminator = createServer({ ...contextOf(init.credentials), handshakeTimeout })

  const settle = (socket: Socket): Pending | undefined => {
    const found = pending.get(keyOf(socket))
    found?.end()
    return found
  }
  terminator.on('secureConnection', secure => {
    const found = settle(secure)
    if (found === undefined) secure.destroy()
    else found.use.serve(secure)
  })
  terminator.on('tlsClientError', (_error, secure) => {
    count('tls:handshake_failed')
    secure.destroy()
  })

  const begin = (raw: Socket, use: TlsUse): void => {
    const key = keyOf(raw)
    const address = addressKey(raw.remoteAddress ?? '')
    const refusal = gate.begin(address)
    if (refusal !== null) {
      count(`tls:${refusal}`)
      raw.destroy()
      return
    }
    // An idle time would be drawn out by a byte now and then.
    const timer = clock.setTimeout(() => {
      count('tls:handshake_timeout')
      raw.destroy()
    }, handshakeTimeout)
    const end = () => {
      if (!raws.delete(raw)) return
      pending.delete(key)
      timer.cancel()
      gate.end(address)
    }
    raws.add(raw)
    pending.set(key, { use, end })
    raw.once('close', end)
    raw.on('error', () => raw.destroy())
    raw.once('readable', () => greet(raw, use, end))
  }

  const greet = (raw: Socket, use: TlsUse, end: () => void): void => {
    const first: Uint8Array | null = raw.read()
    if (first === null) return void raw.destroy()
    if (first[0] === HANDSHAKE_RECORD) {
      raw.unshift(first)
      terminator.emit('connection', raw)
      return
    }
    end()
    count('tls:plain_client')
    raw.end(use.toPlainClient)
    raw.destroySoon()
  }

  return {
    accept(raw, use) {
      // Without an address the peer has already gone.
      if (raw.destroyed || raw.remoteAddress === undefined) raw.destroy()
      else begin(raw, use)
    },
    setCredentials: credentials => terminator.setSecureContext(contextOf(credentials)),
    close() {
      for (const raw of [...raws]) raw.destroy()
    },
  }
}

/** TLS 1.3 alone: every client this serves knows it, and nothing older is left to configure. */
function contextOf({ key, chain }: ServerCredentials) {
  return { key, cert: chain, minVersion: 'TLSv1.3' } as const
}

/** Two connections never have both ends in common. */
function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}

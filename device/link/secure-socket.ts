/** Opens connections with TLS and hands out none before the other end has shown who it is. Loads nothing of TLS before the first. */
import type { TLSSocket } from 'node:tls'
import { TransportError } from '../../protocol/index.ts'
import { judgeCertificate } from './judge-certificate.ts'
import { certificateRefused, tlsFailure } from './tls-failure.ts'

/** How a device knows its region's servers. */
export interface RegionTrust {
  /** SHA-256 of the SubjectPublicKeyInfo of the region's own authority; null to trust the authorities that this machine knows. */
  readonly caKeySha256: Uint8Array | null
  /** The time of day; null while it is not known. */
  nowMs(): number | null
  /** Told the certificate of the region's authority, PEM, each time it has been shown and found to be right. */
  onAuthority?(pem: string): void
}

/** Trusts the authorities that this machine knows. */
export const KNOWN_AUTHORITIES: RegionTrust = { caKeySha256: null, nowMs: () => null }

export interface SecureTarget {
  /** As people wrote it, for sentences. */
  readonly address: string
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

/**
 * Connects, shakes hands and judges the certificate.
 * @returns the connection, over which nothing has been sent
 * @throws {TransportError} `untrusted` or `timeout`; the system's own error when nobody was there
 */
export function openSecure(target: SecureTarget, trust: RegionTrust): Promise<TLSSocket> {
  const { address, host, port, timeoutMs } = target
  const tls = process.getBuiltinModule('node:tls')
  const pinned = trust.caKeySha256 !== null
  const socket = tls.connect({
    host,
    port,
    // A name is asked for by name; an address cannot be.
    ...(process.getBuiltinModule('node:net').isIP(host) === 0 ? { servername: host } : {}),
    minVersion: 'TLSv1.3',
    // With a pin the judgement is ours: OpenSSL would want to know the authority, and the time.
    rejectUnauthorized: !pinned,
    ...(pinned ? {} : { secureContext: knownAuthorities() }),
  })
  socket.setNoDelay(true)
  // One that is connected but silent would otherwise hold the device for ever.
  socket.setTimeout(timeoutMs, () => socket.destroy(silent(address, timeoutMs)))
  return new Promise((resolve, reject) => {
    const fail = (thrown: unknown) => reject(tlsFailure(address, thrown) ?? thrown)
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      const fault = pinned ? judge(socket, target, trust) : null
      if (fault !== null) {
        socket.destroy()
        return reject(fault)
      }
      socket.setTimeout(0)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

function judge(socket: TLSSocket, { address, host }: SecureTarget, trust: RegionTrust): TransportError | null {
  const server = socket.getPeerX509Certificate()
  const authority = server?.issuerCertificate
  const { caKeySha256 } = trust
  if (server === undefined || caKeySha256 === null) return certificateRefused(address, 'no_authority')
  const fault = judgeCertificate({ server, authority }, { caKeySha256, host, nowMs: trust.nowMs() })
  if (fault !== null) return certificateRefused(address, fault)
  if (authority !== undefined) trust.onAuthority?.(authority.toString())
  return null
}

let context: ReturnType<typeof makeContext> | null = null

/** Those that Node brings and those of the operating system, where a municipality installs its own. Made once: there are hundreds. */
function knownAuthorities() {
  context ??= makeContext()
  return context
}

function makeContext() {
  const tls = process.getBuiltinModule('node:tls')
  return tls.createSecureContext({
    ca: [...tls.getCACertificates('default'), ...tls.getCACertificates('system')],
    minVersion: 'TLSv1.3',
  })
}

function silent(address: string, timeoutMs: number): TransportError {
  const message = `What answers at ${address} does not finish TLS within ${timeoutMs / 1_000} s.`
  return new TransportError({ code: 'timeout', address, timeoutMs }, message)
}

/** Whether what a server shows is the certificate of the region that made the claim. Pure: the time is given, or known to be unknown. */
import { createHash, type X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { equalBytes } from '../../protocol/index.ts'

/** What a server shows in its handshake, which has proven that it has the key of the first. */
export interface ShownCertificates {
  readonly server: X509Certificate
  /** Whoever signed it, when that is shown too. */
  readonly authority: X509Certificate | undefined
}

/** What the device goes by. */
export interface CertificateRules {
  /** SHA-256 of the SubjectPublicKeyInfo of the region's authority. */
  readonly caKeySha256: Uint8Array
  /** The host that was asked for. */
  readonly host: string
  /** Null while this machine's clock is not known to be set. */
  readonly nowMs: number | null
}

/** What can be wrong, in the order in which it is looked for. */
export type CertificateFault =
  | 'no_authority'
  | 'other_authority'
  | 'not_signed'
  | 'other_host'
  | 'expired'
  | 'not_yet_valid'

/** Extended key usage of RFC 5280 §4.2.1.12. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

/**
 * Judges the two certificates.
 * @returns null when they are the region's
 * @see spec/clauses.md [JOIN-4.2] [JOIN-4.3]
 */
export function judgeCertificate(
  { server, authority }: ShownCertificates,
  rules: CertificateRules,
): CertificateFault | null {
  if (authority === undefined || !authority.ca) return 'no_authority'
  if (!equalBytes(keySha256(authority), rules.caKeySha256)) return 'other_authority'
  const isSigned = !server.ca && server.checkIssued(authority) && server.verify(authority.publicKey)
  if (!isSigned || server.keyUsage?.includes(SERVER_AUTH) !== true) return 'not_signed'
  if (!isFor(server, rules.host)) return 'other_host'
  const { nowMs } = rules
  if (nowMs === null) return null
  if (nowMs > Date.parse(server.validTo)) return 'expired'
  return nowMs < Date.parse(server.validFrom) ? 'not_yet_valid' : null
}

function isFor(server: X509Certificate, host: string): boolean {
  const found = isIP(host) === 0 ? server.checkHost(host, { subject: 'never' }) : server.checkIP(host)
  return found !== undefined
}

function keySha256(certificate: X509Certificate): Uint8Array {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return new Uint8Array(createHash('sha256').update(spki).digest())
}

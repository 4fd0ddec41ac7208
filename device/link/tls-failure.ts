/** Why a secure connection did not come about, as a sentence for the device's owner. */
import { TransportError } from '../../protocol/index.ts'
import type { CertificateFault } from './judge-certificate.ts'

/** What Node and OpenSSL call it, and what it means. */
const CAUSES: Readonly<Record<string, Reason>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown_authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_authority',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other_host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not_tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not_tls',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'old_tls',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'old_tls',
  ECONNRESET: 'no_handshake',
  EPROTO: 'not_tls',
}

type Reason = CertificateFault | 'unknown_authority' | 'not_tls' | 'old_tls' | 'no_handshake'

const SENTENCES: Readonly<Record<Reason, (at: string) => string>> = {
  no_authority: at =>
    `${at} shows a certificate without the authority behind it, so it is not the region that made the claim.`,
  other_authority: at =>
    `${at} shows a certificate of another authority than the claim names: somebody may be in between, or the region has begun ` +
    'anew and its owner must make a new claim.',
  not_signed: at => `${at} shows a certificate that the region's authority did not sign: somebody may be in between.`,
  unknown_authority: at =>
    `${at} shows a certificate of an authority that this machine does not know: install that authority's certificate here, or make ` +
    'a new claim, which names it if it is the region’s own.',
  other_host: at =>
    `${at} shows a certificate for another address: start the coordinator with --public-host and this address, or make a new claim.`,
  expired: at =>
    `${at} shows a certificate that has expired: restart the coordinator, or renew the certificate it was given.`,
  not_yet_valid: at =>
    `${at} shows a certificate that is not valid yet: the clock of this machine or of the coordinator is wrong.`,
  not_tls: at =>
    `${at} does not speak TLS: the address must name the port that does, 8883 unless the coordinator says otherwise.`,
  old_tls: at => `${at} does not speak TLS 1.3: update what answers there.`,
  no_handshake: at => `${at} hangs up instead of beginning TLS: it may be the port without TLS, or it may be busy.`,
}

/** What a certificate is refused for. Nothing has been sent. */
export function certificateRefused(address: string, reason: Reason): TransportError {
  return new TransportError({ code: 'untrusted', address, reason }, SENTENCES[reason](`What answers at ${address}`))
}

/** The failure behind an error of a secure connection before anything was sent; null when it is none of TLS. */
export function tlsFailure(address: string, thrown: unknown): TransportError | null {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const reason = Object.hasOwn(CAUSES, code) ? CAUSES[code] : undefined
  if (reason === undefined && !code.startsWith('ERR_SSL_')) return null
  const { info, message } = certificateRefused(address, reason ?? 'no_handshake')
  return new TransportError(info, message, { cause: thrown })
}

/** The first bytes from a port that was asked without TLS, when they are an alert of TLS: RFC 8446 §5.1. */
export function isTlsAlert(first: Uint8Array): boolean {
  return first[0] === 21 && first[1] === 3
}

/** TLS is spoken where none was expected. */
export function tlsExpected(address: string): TransportError {
  const message =
    `The broker at ${address} speaks TLS there: the address must begin with mqtts://. If the region has moved to TLS, its owner must make ` +
    'a new claim for this device.'
  return new TransportError({ code: 'closed', address }, message)
}

/** A certificate that the operator brings, from a public authority or the municipality's: read again when its files change. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type Clock, ConfigError, messageOf } from '../../protocol/index.ts'
import { readText } from './pem-file.ts'
import type { CertificateSource, ServerCredentials } from './types.ts'

export interface OwnCertificateInit {
  /** PEM: the server's certificate first, then those between it and a known authority. */
  readonly certFile: string
  /** PEM, without a password. */
  readonly keyFile: string
  /** What devices are told to connect to, which the certificate must be for. */
  readonly publicHost: string
}

export interface OwnCertificateComponents {
  readonly clock: Pick<Clock, 'wallMs'>
  /** What is wrong with files that changed while the region runs; it goes on with those before. */
  warn(reason: string): void
}

/**
 * Reads the files.
 * @throws {ConfigError} `not_found` or `bad_option` when they cannot be used
 */
export function openOwnCertificate(components: OwnCertificateComponents, init: OwnCertificateInit): CertificateSource {
  let credentials = readPair(components, init)
  return {
    authority: null,
    get credentials() {
      return credentials
    },
    refresh() {
      try {
        const next = readPair(components, init)
        if (next.chain === credentials.chain && next.key === credentials.key) return false
        credentials = next
        return true
      } catch (thrown) {
        components.warn(messageOf(thrown))
        return false
      }
    },
  }
}

function readPair({ clock }: OwnCertificateComponents, init: OwnCertificateInit): ServerCredentials {
  const { certFile, keyFile, publicHost } = init
  const chain = readText(certFile, 'certificate of --tls-cert')
  const key = readText(keyFile, 'key of --tls-key')
  const certificate = parse(certFile, 'certificate', () => new X509Certificate(chain))
  const privateKey: KeyObject = parse(keyFile, 'private key without a password', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) {
    throw unusable(keyFile, `it is not the key of the certificate in ${certFile}`)
  }
  const fits = isIP(publicHost) === 0 ? certificate.checkHost(publicHost) : certificate.checkIP(publicHost)
  if (fits === undefined) {
    const names = certificate.subjectAltName?.replaceAll(/(DNS|IP Address):/g, '') ?? 'no name at all'
    throw unusable(certFile, `it is for ${names} and not for ${publicHost}; name one of its names with --public-host`)
  }
  if (Date.parse(certificate.validTo) <= clock.wallMs()) {
    throw unusable(certFile, `it was valid until ${certificate.validTo}; renew it`)
  }
  return { chain, key }
}

function parse<T>(path: string, what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw unusable(path, `it holds no ${what} in PEM form`, cause)
  }
}

function unusable(path: string, reason: string, cause?: unknown): ConfigError {
  const options = cause === undefined ? undefined : { cause }
  return new ConfigError(
    { code: 'bad_option', path, reason },
    `The file ${path} cannot be used for TLS: ${reason}.`,
    options,
  )
}

/** A region's TLS as its entry point starts it: certificates from one of two sources, shown by one front, renewed in time. */
import { join } from 'node:path'
import { type Clock, ConfigError, messageOf, type Random, type RegionName } from '../../protocol/index.ts'
import { createTlsFront, type TlsFront } from './front.ts'
import { type NameSources, namesOf } from './names.ts'
import { openOwnCertificate } from './own-certificate.ts'
import { openRegionAuthority } from './region-authority.ts'
import type { Authority, CertificateSource } from './types.ts'

/** What can be chosen. */
export interface TlsOptions {
  /** PEM files of a certificate (with what is between it and a known authority) and its key. The region is its own authority without. */
  certFile?: string
  keyFile?: string
  /** For MQTT over TLS. Default 8883. With `portFallback`, a free one when it is taken. */
  mqttPort?: number
  /** MQTT without TLS for the network too, not only for this machine. Default false. */
  plainToo?: boolean
}

export interface RegionTlsComponents {
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  readonly log: {
    info(event: string, fields: Readonly<Record<string, string | number>>): void
    warn(event: string, fields: Readonly<Record<string, string | number>>): void
  }
  count(reason: string): void
}

export interface RegionTlsInit {
  readonly options: TlsOptions
  /** The coordinator's folder. */
  readonly stateDir: string
  readonly region: RegionName
  /** Asked at each look at the certificates. */
  names(): NameSources
}

export interface RegionTls {
  readonly front: TlsFront
  /** The region's own authority as it is now; null with a certificate that was given. */
  readonly authority: Authority | null
  /** Looks whether a certificate is due. Call it every minute or so; a failure is logged and tried again. */
  refresh(): void
}

/**
 * Opens the certificates and the front that shows them.
 * @throws {ConfigError} when the options or the files cannot be used
 */
export function openRegionTls(components: RegionTlsComponents, init: RegionTlsInit): RegionTls {
  const { clock, count, log } = components
  const source = openSource(components, init)
  const front = createTlsFront({ clock, count }, { credentials: source.credentials })
  return {
    front,
    get authority() {
      return source.authority
    },
    refresh() {
      try {
        if (!source.refresh()) return
        front.setCredentials(source.credentials)
        log.info('tls_certificate_renewed', {})
      } catch (thrown) {
        log.warn('tls_certificate_not_renewed', { message: messageOf(thrown) })
      }
    },
  }
}

function openSource(components: RegionTlsComponents, init: RegionTlsInit): CertificateSource {
  const { clock, random, log } = components
  const { certFile, keyFile } = init.options
  if (certFile === undefined && keyFile === undefined) {
    const { stateDir, region } = init
    const names = () => namesOf(init.names())
    return openRegionAuthority({ clock, random }, { folder: join(stateDir, 'tls'), region, names })
  }
  if (certFile === undefined || keyFile === undefined) {
    const path = certFile === undefined ? 'tls-cert' : 'tls-key'
    const message = `--${path} is missing: a certificate of your own needs --tls-cert and --tls-key.`
    throw new ConfigError({ code: 'bad_option', path, reason: 'it is missing' }, message)
  }
  const warn = (message: string) => log.warn('tls_certificate_not_renewed', { message })
  return openOwnCertificate({ clock, warn }, { certFile, keyFile, publicHost: init.names().publicHost })
}

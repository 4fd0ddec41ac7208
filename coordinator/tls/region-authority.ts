/** A region's own authority: makes its key once, and certificates whenever they are due, without anybody's help. */
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, ConfigError, type Random, type RegionName, toHex } from '../../protocol/index.ts'
import {
  keyPem,
  makeAuthority,
  makeServerCertificate,
  nameConstraints,
  newKey,
  spkiOf,
  type Validity,
} from './certificate.ts'
import { permittedFor } from './names.ts'
import { readPrivate, writePrivate } from './pem-file.ts'
import type { Authority, CertificateSource, HostNames, ServerCredentials } from './types.ts'

const DAY_MS = 86_400_000
/** Ten years: people have it in their browsers. Devices know the key behind it, which never ends. */
const AUTHORITY = { lifetimeMs: 3_650 * DAY_MS, renewMs: 365 * DAY_MS, backMs: DAY_MS }
/** What a stolen server key is good for. Renewed in time for a region that is off for weeks, and for readers whose clock is behind. */
const SERVER = { lifetimeMs: 90 * DAY_MS, renewMs: 30 * DAY_MS, backMs: DAY_MS }
const SERIAL_BYTES = 12

export interface AuthorityComponents {
  readonly clock: Pick<Clock, 'wallMs'>
  readonly random: Pick<Random, 'bytes'>
}

export interface RegionAuthorityInit {
  /** Where its three files are; made when missing. */
  readonly folder: string
  readonly region: RegionName
  /** Asked at each look, since addresses change. */
  names(): HostNames
}

/**
 * Opens a region's authority, and makes what is missing or due.
 * @throws {ConfigError} `damaged` or `bad_option` when its key cannot be used
 */
export function openRegionAuthority(components: AuthorityComponents, init: RegionAuthorityInit): CertificateSource {
  return new RegionAuthority(components, init)
}

class RegionAuthority implements CertificateSource {
  authority: Authority
  credentials: ServerCredentials
  readonly #components: AuthorityComponents
  readonly #init: RegionAuthorityInit
  readonly #key: KeyObject

  constructor(components: AuthorityComponents, init: RegionAuthorityInit) {
    this.#components = components
    this.#init = init
    mkdirSync(init.folder, { recursive: true, mode: 0o700 })
    this.#key = openKey(this.#path('authority.key'))
    const keySha256 = new Uint8Array(createHash('sha256').update(spkiOf(this.#key)).digest())
    const pem = readPrivate(this.#path('authority.pem'), "authority's certificate") ?? ''
    this.authority = { pem, keySha256 }
    this.credentials = parted(readPrivate(this.#path('server.pem'), "server's certificate") ?? '')
    this.refresh()
  }

  refresh(): boolean {
    const names = this.#init.names()
    const authorityChanged = this.#refreshAuthority(names)
    return this.#refreshServer(names) || authorityChanged
  }

  #refreshAuthority(names: HostNames): boolean {
    const permitted = permittedFor(names)
    const constraints = nameConstraints(permitted)
    const found = certificateOf(this.authority.pem)
    if (
      found?.checkPrivateKey(this.#key) &&
      this.#isFresh(found, AUTHORITY.renewMs) &&
      // The same names are the same bytes.
      found.raw.includes(Buffer.from(constraints))
    )
      return false
    const pem = makeAuthority({
      name: this.#authorityName,
      key: this.#key,
      serial: this.#serial(),
      permitted,
      ...this.#validity(AUTHORITY),
    })
    writePrivate(this.#path('authority.pem'), pem)
    this.authority = { ...this.authority, pem }
    this.credentials = { ...this.credentials, chain: `${firstOf(this.credentials.chain)}${pem}` }
    return true
  }

  #refreshServer(names: HostNames): boolean {
    const { key, chain } = this.credentials
    const found = certificateOf(firstOf(chain))
    if (
      found?.verify(new X509Certificate(this.authority.pem).publicKey) &&
      isKeyOf(found, key) &&
      this.#isFresh(found, SERVER.renewMs) &&
      names.dns.every(name => found.checkHost(name)) &&
      names.ips.every(ip => found.checkIP(ip))
    ) {
      this.credentials = { key, chain: `${firstOf(chain)}${this.authority.pem}` }
      return false
    }
    const serverKey = newKey()
    const pem = makeServerCertificate({
      name: `Hedgerow region ${this.#init.region}, server`,
      publicKey: serverKey,
      serial: this.#serial(),
      names,
      authority: { name: this.#authorityName, key: this.#key },
      ...this.#validity(SERVER),
    })
    writePrivate(this.#path('server.pem'), `${pem}${keyPem(serverKey)}`)
    this.credentials = { key: keyPem(serverKey), chain: `${pem}${this.authority.pem}` }
    return true
  }

  /** Valid now by this machine's clock, and for long enough; one from a time when that was wrong is not. */
  #isFresh(certificate: X509Certificate, renewMs: number): boolean {
    const now = this.#components.clock.wallMs()
    return Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo) - renewMs
  }

  #validity({ lifetimeMs, backMs }: { lifetimeMs: number; backMs: number }): Validity {
    const now = this.#components.clock.wallMs()
    return { notBeforeMs: now - backMs, notAfterMs: now + lifetimeMs }
  }

  #serial(): Uint8Array {
    return this.#components.random.bytes(SERIAL_BYTES)
  }

  #path(name: string): string {
    return join(this.#init.folder, name)
  }

  /** Regions have equal names; a browser that knows two of them tells them apart by this. */
  get #authorityName(): string {
    return `Hedgerow region ${this.#init.region} ${toHex(this.authority.keySha256.subarray(0, 4))}`
  }
}

function openKey(path: string): KeyObject {
  const pem = readPrivate(path, "authority's key")
  if (pem === null) {
    const key = newKey()
    writePrivate(path, keyPem(key))
    return key
  }
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    const reason = 'it is no private key'
    const message =
      `The authority's key ${path} is damaged: ${reason}. Restore it from your backup, or remove it and give every device ` +
      'a new claim.'
    throw new ConfigError({ code: 'damaged', path, reason }, message, { cause })
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/
const KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/

/** The first certificate of a PEM text, or nothing. */
function firstOf(pem: string): string {
  return CERTIFICATE.exec(pem)?.[0] ?? ''
}

/** Both parts of `server.pem`: in one file, so that they always belong together. */
function parted(pem: string): ServerCredentials {
  return { key: KEY.exec(pem)?.[0] ?? '', chain: firstOf(pem) }
}

function isKeyOf(certificate: X509Certificate, pem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem))
  } catch {
    return false
  }
}

/** Null for whatever cannot be read: it is made anew. */
function certificateOf(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

/** Makes the two certificates of a region: its authority's, and the one its servers show. ECDSA with P-256 and SHA-256. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { utf8 } from '../../protocol/index.ts'
import { bits, explicit, implicit, integer, octets, oid, sequence, set, text, time, yes } from './der.ts'
import { addressBytes, type PermittedNames } from './names.ts'
import type { HostNames } from './types.ts'

/** From when to when, in milliseconds since 1970. */
export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface AuthorityInit extends Validity {
  /** What people see in their browser's list. */
  readonly name: string
  readonly key: KeyObject
  /** 8 to 16 random bytes. */
  readonly serial: Uint8Array
  readonly permitted: PermittedNames
}

export interface ServerInit extends Validity {
  readonly name: string
  /** The server's public key. */
  readonly publicKey: KeyObject
  readonly serial: Uint8Array
  readonly names: HostNames
  /** Who vouches for it. */
  readonly authority: { readonly name: string; readonly key: KeyObject }
}

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  altNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const
/** Bits of RFC 5280 §4.2.1.3, from the left. */
const DIGITAL_SIGNATURE = bits(Uint8Array.of(0x80), 7)
const SIGNS_CERTIFICATES = bits(Uint8Array.of(0x04), 2)
const SIGNATURE = sequence(oid(OID.ecdsaWithSha256))
const VERSION_3 = explicit(0, integer(Uint8Array.of(2)))

/** A new P-256 key. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** A key as it is kept in a file. */
export function keyPem(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }))
}

/** The certificate of a region's authority, PEM: signed by itself, good for servers of the permitted names and for nothing else. */
export function makeAuthority({ name, key, serial, permitted, ...validity }: AuthorityInit): string {
  const extensions = [
    extension(OID.basicConstraints, sequence(yes(), integer(Uint8Array.of(0))), { critical: true }),
    extension(OID.keyUsage, SIGNS_CERTIFICATES, { critical: true }),
    extension(OID.subjectKeyId, octets(keyId(key))),
    nameConstraints(permitted),
  ]
  return certificate({ issuer: name, subject: name, publicKey: key, signer: key, serial, extensions, ...validity })
}

/** The certificate of the region's servers, PEM. */
export function makeServerCertificate({ name, publicKey, serial, names, authority, ...validity }: ServerInit): string {
  const extensions = [
    extension(OID.basicConstraints, sequence(), { critical: true }),
    extension(OID.keyUsage, DIGITAL_SIGNATURE, { critical: true }),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
    extension(OID.subjectKeyId, octets(keyId(publicKey))),
    extension(OID.authorityKeyId, sequence(implicit(0, keyId(authority.key)))),
    extension(OID.altNames, sequence(...names.dns.map(dnsName), ...names.ips.map(ip => implicit(7, addressBytes(ip))))),
  ]
  const { name: issuer, key: signer } = authority
  return certificate({ issuer, subject: name, publicKey, signer, serial, extensions, ...validity })
}

/** The extension that holds an authority to its names, as it stands in the certificate: DER. */
export function nameConstraints({ dns, networks }: PermittedNames): Uint8Array {
  const subtrees = [...dns.map(dnsName), ...networks.map(net => implicit(7, net))].map(base => sequence(base))
  return extension(OID.nameConstraints, sequence(explicit(0, ...subtrees)), { critical: true })
}

interface CertificateParts extends Validity {
  readonly issuer: string
  readonly subject: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly serial: Uint8Array
  readonly extensions: readonly Uint8Array[]
}

/** @see RFC 5280 §4.1 */
function certificate({
  issuer,
  subject,
  publicKey,
  signer,
  serial,
  extensions,
  ...validity
}: CertificateParts): string {
  const body = sequence(
    VERSION_3,
    integer(serial),
    SIGNATURE,
    nameOf(issuer),
    sequence(time(validity.notBeforeMs), time(validity.notAfterMs)),
    nameOf(subject),
    spkiOf(publicKey),
    explicit(3, sequence(...extensions)),
  )
  const der = sequence(body, SIGNATURE, bits(sign('sha256', body, signer)))
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extension(id: string, value: Uint8Array, { critical = false } = {}): Uint8Array {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value))
}

const dnsName = (name: string): Uint8Array => implicit(2, utf8(name))
const nameOf = (commonName: string): Uint8Array => sequence(set(sequence(oid(OID.commonName), text(commonName))))

/** DER of a key's SubjectPublicKeyInfo. */
export function spkiOf(key: KeyObject): Uint8Array {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
}

/** RFC 7093 §2 method 1, over the whole SubjectPublicKeyInfo: any stable value does. */
function keyId(key: KeyObject): Uint8Array {
  return new Uint8Array(createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20))
}

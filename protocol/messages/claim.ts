/**
 * Claims: how an owner's one-time secret becomes the proof that enrols a device, and the code a person copies.
 * The coordinator keeps only the key derived from the secret, so its database cannot be turned back into claim codes.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, fromBase64, toBase64Url, utf8 } from '../bytes.ts'
import type { CborValue } from '../cbor/index.ts'
import { decode, encode } from '../cbor/index.ts'
import { ProtocolError } from '../errors.ts'
import type { RegionName } from '../ids.ts'
import { regionName } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { fitsBytes } from './text.ts'

/** What a claim code says. */
export interface ClaimCode {
  /** Where the region's broker is: `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  mqttUrl: string
  region: RegionName
  /** SHA-256 thumbprint (RFC 9679) of the region's key: what the device trusts from its first byte. */
  regionKeyThumbprint: Uint8Array
  /** 16 random bytes, used once. */
  secret: Uint8Array
  /**
   * SHA-256 of the SubjectPublicKeyInfo of the region's TLS authority, where it is one of its own: the device then trusts no other. Left
   * out in regions without TLS, and in those whose certificate a known authority vouches for.
   */
  caKeySha256?: Uint8Array
}

const PREFIX = /^hedgerow-claim:([0-9]{1,3}):/
/** The form without the authority's key, and the one with it. */
const PLAIN = 1
const PINNED = 2
const SECRET_BYTES = 16
const THUMBPRINT_BYTES = 32
/** Twice what the longest code takes; keeps a stray file from being decoded. */
const CODE_LENGTH_MAX = 2_048
const CA_KEY_BYTES = 32
const BROKER_URL = /^(mqtts?|wss?):\/\/[^\s/]+/
const SECURE_URL = /^(mqtts|wss):/

/**
 * The HMAC key of a claim: all that a coordinator stores of its secret.
 * @see spec/clauses.md [JOIN-3.1]
 */
export function claimKey(secret: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8('hedgerow/claim-key/1'), secret))
}

/**
 * The 8 bytes that name a claim in a join.
 * @see spec/clauses.md [JOIN-3.2]
 */
export function claimId(secret: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8('hedgerow/claim-id/1'), secret)).slice(0, 8)
}

/**
 * Proof that a device holds a claim, worthless to any other device and in any other region.
 * @param key - see {@link claimKey}
 * @param deviceThumb - 32-byte thumbprint of the device's key
 * @param regionThumb - 32-byte thumbprint of the region's key
 * @see spec/clauses.md [JOIN-3.3]
 */
export function claimProof(key: Uint8Array, deviceThumb: Uint8Array, regionThumb: Uint8Array): Uint8Array {
  return hmac(sha256, key, concatBytes(utf8('hedgerow/claim-proof/1'), deviceThumb, regionThumb))
}

/**
 * The text an owner copies or a QR code holds.
 * @throws {ProtocolError} `bad_claim` when a part of it could not be read back
 */
export function encodeClaimCode(code: ClaimCode): string {
  const { mqttUrl, region, regionKeyThumbprint, secret, caKeySha256 } = code
  const version = caKeySha256 === undefined ? PLAIN : PINNED
  const fields: CborValue[] = [version, mqttUrl, region, regionKeyThumbprint, secret]
  if (caKeySha256 !== undefined) fields.push(caKeySha256)
  checkClaim(version, fields)
  return `hedgerow-claim:${version}:${toBase64Url(encode(fields))}`
}

/**
 * Reads a claim code; spaces around it are ignored.
 * @throws {ProtocolError} `bad_claim`, with the part that is wrong as reason
 * @see spec/clauses.md [JOIN-3.4]
 */
export function decodeClaimCode(text: string): ClaimCode {
  const code = text.trim()
  const [prefix, version] = PREFIX.exec(code) ?? []
  if (prefix === undefined) throw badClaim('prefix', "A claim code starts with 'hedgerow-claim:' and a number.")
  if (version !== `${PLAIN}` && version !== `${PINNED}`) throw newerForm()
  if (code.length > CODE_LENGTH_MAX) throw badClaim('length', 'The claim code is far too long.')
  return checkClaim(Number(version), claimFields(code.slice(prefix.length)))
}

function claimFields(body: string): CborValue {
  let fields: CborValue
  let canonical: string
  try {
    const bytes = fromBase64(body)
    canonical = toBase64Url(bytes)
    fields = decode(bytes)
  } catch (cause) {
    throw badClaim('encoding', 'The claim code is damaged or cut short: copy the whole of it again.', cause)
  }
  // One code, one text: leftover bits and padding would let a claim be written in several ways.
  if (canonical !== body) throw badClaim('encoding', 'The claim code is damaged: copy the whole of it again.')
  return fields
}

/** @param form - the version its text names, which decides how many fields there are */
function checkClaim(form: number, fields: CborValue): ClaimCode {
  if (!Array.isArray(fields) || fields.length !== (form === PLAIN ? 5 : 6)) {
    throw badClaim('fields', 'The claim code is not of this form.')
  }
  const [version, mqttUrl, region, regionKeyThumbprint, secret, caKeySha256] = fields
  if (version !== form) throw newerForm()
  if (typeof mqttUrl !== 'string' || !BROKER_URL.test(mqttUrl) || !fitsBytes(mqttUrl, LIMITS.urlBytesMax)) {
    throw badClaim('mqttUrl', 'The claim code names no broker that can be reached (mqtt, mqtts, ws or wss).')
  }
  if (!isBytes(regionKeyThumbprint, THUMBPRINT_BYTES)) {
    throw badClaim(
      'regionKeyThumbprint',
      `The region key's thumbprint in the claim code is not ${THUMBPRINT_BYTES} bytes.`,
    )
  }
  if (!isBytes(secret, SECRET_BYTES)) throw badClaim('secret', `The claim's secret is not ${SECRET_BYTES} bytes.`)
  const claim: ClaimCode = { mqttUrl, region: claimRegion(region), regionKeyThumbprint, secret }
  return form === PLAIN ? claim : { ...claim, caKeySha256: checkPin(mqttUrl, caKeySha256) }
}

function checkPin(mqttUrl: string, caKeySha256: CborValue | undefined): Uint8Array {
  if (!SECURE_URL.test(mqttUrl)) {
    throw badClaim('mqttUrl', 'The claim code names a TLS authority and a broker without TLS (mqtts or wss is needed).')
  }
  if (isBytes(caKeySha256, CA_KEY_BYTES)) return caKeySha256
  throw badClaim('caKeySha256', `The key of the TLS authority in the claim code is not ${CA_KEY_BYTES} bytes.`)
}

function newerForm(): ProtocolError {
  return badClaim('version', 'The claim code is of a newer form: update this software.')
}

function claimRegion(value: CborValue | undefined): RegionName {
  try {
    return regionName(typeof value === 'string' ? value : '')
  } catch (cause) {
    throw badClaim('region', 'The region named in the claim code is not a region name.', cause)
  }
}

function isBytes(value: CborValue | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}

function badClaim(reason: string, message: string, cause?: unknown): ProtocolError {
  return new ProtocolError({ code: 'bad_claim', reason }, message, cause === undefined ? undefined : { cause })
}

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
}

const PREFIX = 'hedgerow-claim:1:'
const VERSION = 1
const SECRET_BYTES = 16
const THUMBPRINT_BYTES = 32
/** Twice what the longest code takes; keeps a stray file from being decoded. */
const CODE_LENGTH_MAX = 2_048
const BROKER_URL = /^(mqtts?|wss?):\/\/[^\s/]+/

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
  const { mqttUrl, region, regionKeyThumbprint, secret } = code
  checkClaim([VERSION, mqttUrl, region, regionKeyThumbprint, secret])
  return PREFIX + toBase64Url(encode([VERSION, mqttUrl, region, regionKeyThumbprint, secret]))
}

/**
 * Reads a claim code; spaces around it are ignored.
 * @throws {ProtocolError} `bad_claim`, with the part that is wrong as reason
 * @see spec/clauses.md [JOIN-3.4]
 */
export function decodeClaimCode(text: string): ClaimCode {
  const code = text.trim()
  if (!code.startsWith(PREFIX)) throw badClaim('prefix', `A claim code starts with '${PREFIX}'.`)
  if (code.length > CODE_LENGTH_MAX) throw badClaim('length', 'The claim code is far too long.')
  const body = code.slice(PREFIX.length)
  return checkClaim(claimFields(body))
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

function checkClaim(fields: CborValue): ClaimCode {
  if (!Array.isArray(fields) || fields.length !== 5) throw badClaim('fields', 'The claim code is not of this form.')
  const [version, mqttUrl, region, regionKeyThumbprint, secret] = fields
  if (version !== VERSION) throw badClaim('version', 'The claim code is of a newer form: update this software.')
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
  return { mqttUrl, region: claimRegion(region), regionKeyThumbprint, secret }
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

/** Branded identifiers. Each is built only by its checked constructor, so a value of the type is always well formed. */
import { fromBase32, toBase32 } from './bytes.ts'
import { ProtocolError } from './errors.ts'

type Brand<Name extends string> = string & { readonly __brand: Name }

/** Lower-case base32 of the first 16 bytes of a device key's thumbprint (RFC 9679); equals its MQTT client id. */
export type DeviceId = Brand<'DeviceId'>
/** The same form, of the region's key. It is what signatures are bound to. */
export type RegionId = Brand<'RegionId'>
/** The region's name in topics. */
export type RegionName = Brand<'RegionName'>
export type OwnerName = Brand<'OwnerName'>
export type SubmitterName = Brand<'SubmitterName'>
/** Base32 of 10 random bytes. */
export type JobId = Brand<'JobId'>
/** Base32 of 10 random bytes, like a job's. */
export type CampaignId = Brand<'CampaignId'>
/** Lower-case hexadecimal SHA-256. */
export type Sha256Hex = Brand<'Sha256Hex'>

const THUMBPRINT_ID = /^[a-z2-7]{26}$/
const NAME = /^[a-z0-9-]{1,32}$/

function checked<Id extends string>(kind: string, value: string, pattern: RegExp, form: string): Id {
  if (typeof value !== 'string' || !pattern.test(value)) {
    const shown = String(value).slice(0, 64)
    throw new ProtocolError({ code: 'bad_id', kind, value: shown }, `'${shown}' is not a ${kind}: it must be ${form}.`)
  }
  return value as Id
}

const ID_FORM = '26 characters of a-z and 2-7'
const NAME_FORM = '1 to 32 characters of a-z, 0-9 and -'

/** @throws {ProtocolError} `bad_id` */
export const deviceId = (value: string): DeviceId => checked('device id', value, THUMBPRINT_ID, ID_FORM)
/** @throws {ProtocolError} `bad_id` */
export const regionId = (value: string): RegionId => checked('region id', value, THUMBPRINT_ID, ID_FORM)
/** @throws {ProtocolError} `bad_id` */
export const regionName = (value: string): RegionName => checked('region name', value, NAME, NAME_FORM)
/** @throws {ProtocolError} `bad_id` */
export const ownerName = (value: string): OwnerName => checked('owner name', value, NAME, NAME_FORM)
/** @throws {ProtocolError} `bad_id` */
export const submitterName = (value: string): SubmitterName => checked('submitter name', value, NAME, NAME_FORM)
/** @throws {ProtocolError} `bad_id` */
export const jobId = (value: string): JobId =>
  checked('job id', value, /^[a-z2-7]{16}$/, '16 characters of a-z and 2-7')
/** @throws {ProtocolError} `bad_id` */
export const campaignId = (value: string): CampaignId =>
  checked('campaign id', value, /^[a-z2-7]{16}$/, '16 characters of a-z and 2-7')
/** @throws {ProtocolError} `bad_id` */
export const sha256Hex = (value: string): Sha256Hex =>
  checked('SHA-256', value, /^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')

/** @throws {ProtocolError} `bad_id` unless there are exactly 10 bytes */
export const jobIdFromBytes = (bytes: Uint8Array): JobId => jobId(toBase32(bytes))

/** The 10 bytes of a job id, as they travel in a lease. */
export const jobIdBytes = (id: JobId): Uint8Array => fromBase32(id)

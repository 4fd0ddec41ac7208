/** Names of sensors and of profiles: the beginning of a SHA-256, as hexadecimal text and as the 8 bytes that travel. */
import { sha256 } from '@noble/hashes/sha2.js'
import { fromHex, toHex, utf8 } from '../bytes.ts'
import { ProtocolError } from '../errors.ts'
import type { ProfileId, SensorId } from './types.ts'

/** Bytes of a sensor's or a profile's id on the wire. */
export const READING_ID_BYTES = 8

const SENSOR_DOMAIN = 'hedgerow/sensor/1\0'
const FORM = /^[0-9a-f]{16}$/

/**
 * The id of a sensor: the first 8 bytes of SHA-256("hedgerow/sensor/1" NUL model NUL serial). A sensor keeps it when it moves to
 * another device, unless its hardware has no serial and the device had to make one up.
 * @see spec/clauses.md [SENSE-1.1]
 */
export function sensorIdOf(model: string, serial: string): SensorId {
  return sensorIdFromBytes(beginningOf(utf8(`${SENSOR_DOMAIN}${model}\0${serial}`)))
}

/**
 * The id of a profile.
 * @param bytes - as {@link encodeProfile} makes them
 * @see spec/clauses.md [READ-1.2]
 */
export function profileIdOf(bytes: Uint8Array): ProfileId {
  return profileIdFromBytes(beginningOf(bytes))
}

/** @throws {ProtocolError} `bad_id` unless it is 16 lower-case hexadecimal digits */
export const sensorId = (text: string): SensorId => checked('sensor id', text) as SensorId
/** @throws {ProtocolError} `bad_id` unless it is 16 lower-case hexadecimal digits */
export const profileId = (text: string): ProfileId => checked('profile id', text) as ProfileId
/** @throws {ProtocolError} `bad_id` unless there are exactly 8 bytes */
export const sensorIdFromBytes = (bytes: Uint8Array): SensorId => sensorId(toHex(bytes))
/** @throws {ProtocolError} `bad_id` unless there are exactly 8 bytes */
export const profileIdFromBytes = (bytes: Uint8Array): ProfileId => profileId(toHex(bytes))
/** The 8 bytes of an id, as they travel. */
export const readingIdBytes = (id: SensorId | ProfileId): Uint8Array => fromHex(id)

function beginningOf(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, READING_ID_BYTES)
}

function checked(kind: string, text: string): string {
  if (typeof text === 'string' && FORM.test(text)) return text
  const shown = String(text).slice(0, 64)
  const form = '16 lower-case hexadecimal digits'
  throw new ProtocolError({ code: 'bad_id', kind, value: shown }, `'${shown}' is not a ${kind}: it must be ${form}.`)
}

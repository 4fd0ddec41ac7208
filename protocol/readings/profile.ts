/** What the columns of reading frames mean, and its one byte form. */
import type { CborValue } from '../cbor/index.ts'
import { encode } from '../cbor/index.ts'
import { LIMITS } from '../limits.ts'
import { Reader } from '../messages/read.ts'
import { READING_ID_BYTES, readingIdBytes, sensorIdFromBytes } from './ids.ts'
import { EXPONENT_MAX, GAIN_PPM_MAX, QUANTITY_FORM, QUANTITY_NAME, UNIT_FORM, UNIT_NAME } from './quantities.ts'
import type { Calibration, Profile, ProfileChannel, ProfileKind, SensorChannel } from './types.ts'

/** Kinds of profiles and streams by their number on the wire. */
export const PROFILE_KINDS: readonly ProfileKind[] = ['sample', 'statistics']

/** Elements of a profile's array. */
export const PROFILE_FIELDS = 3

/** Columns that a channel takes in a frame of this kind. */
export function columnsPerChannel(kind: ProfileKind): number {
  return kind === 'statistics' ? 4 : 1
}

/** Columns of a frame of this profile. */
export function columnsOf(profile: Profile): number {
  return profile.channels.length * columnsPerChannel(profile.kind)
}

/** The one byte form of a profile; its SHA-256 names it. */
export function encodeProfile(profile: Profile): Uint8Array {
  return encode(profileFields(profile))
}

/**
 * Reads a profile.
 * @throws {ProtocolError} `bad_cbor` or `bad_message`
 * @see spec/clauses.md [READ-1.1]
 */
export function decodeProfile(bytes: Uint8Array): Profile {
  return readProfile(Reader.open('profile', bytes, PROFILE_FIELDS))
}

/** A profile as it stands in a message. */
export function profileFields({ periodMs, kind, channels }: Profile): CborValue {
  return [
    periodMs,
    PROFILE_KINDS.indexOf(kind),
    channels.map(({ sensor, quantity, unit, exponent, calibration }): CborValue => {
      return [readingIdBytes(sensor), quantity, unit, exponent, calibration && calibrationFields(calibration)]
    }),
  ]
}

/** Reads the elements of a profile. No two channels may be of one sensor and quantity, since these two name a series. */
export function readProfile(read: Reader): Profile {
  const periodMs = read.uint('periodMs', 1, LIMITS.periodMsMax)
  const kind = read.choice('kind', PROFILE_KINDS)
  const series = new Set<string>()
  const channels = read.records('channels', LIMITS.profileChannelsMax, 5, fields => {
    const channel = readChannel(fields)
    const name = `${channel.sensor}/${channel.quantity}`
    if (series.has(name)) throw fields.fault('quantity', 'must differ from those of the same sensor before it')
    series.add(name)
    return channel
  })
  return { periodMs, kind, channels }
}

/** Reads what a sensor and a profile say alike of a channel. */
export function readSensorChannel(read: Reader): SensorChannel {
  return {
    quantity: read.textLike('quantity', QUANTITY_NAME, QUANTITY_FORM),
    unit: read.textLike('unit', UNIT_NAME, UNIT_FORM),
    exponent: read.int('exponent', -EXPONENT_MAX, EXPONENT_MAX),
  }
}

function readChannel(read: Reader): ProfileChannel {
  const sensor = sensorIdFromBytes(read.bytes('sensor', READING_ID_BYTES))
  const channel = readSensorChannel(read)
  return {
    sensor,
    ...channel,
    calibration: read.nullable('calibration', field => readCalibration(read.record(field, 3))),
  }
}

function calibrationFields({ offset, gainPpm, formula }: Calibration): CborValue {
  return [offset, gainPpm, formula]
}

function readCalibration(read: Reader): Calibration {
  return {
    offset: read.int('offset', -LIMITS.readingValueMax, LIMITS.readingValueMax),
    gainPpm: read.int('gainPpm', -GAIN_PPM_MAX, GAIN_PPM_MAX),
    formula: read.text('formula', LIMITS.formulaBytesMax),
  }
}

/** The shapes that sensing shares: what a device says it has, how it is to sample, and what it measured. */

/** 16 lower-case hexadecimal digits: the first 8 bytes of SHA-256, see {@link sensorIdOf}. A sensor keeps it when it moves to another device. */
export type SensorId = string & { readonly __brand: 'SensorId' }
/** 16 lower-case hexadecimal digits: the first 8 bytes of SHA-256 of an encoded profile. */
export type ProfileId = string & { readonly __brand: 'ProfileId' }

/** Where a device stands. Whole numbers, since nothing signed holds a float. */
export interface Location {
  /** -90 000 000..90 000 000 */
  readonly latitudeMicroDeg: number
  /** -180 000 000..180 000 000 */
  readonly longitudeMicroDeg: number
  /** Above sea level, -500..9 000. */
  readonly elevationM: number
  /** Measures a room rather than the weather; such sensors are compared with each other only. */
  readonly indoor: boolean
}

/** One quantity that a sensor measures. A value is a whole number of 10^`exponent` of `unit`. */
export interface SensorChannel {
  readonly quantity: string
  readonly unit: string
  /** -9..9 */
  readonly exponent: number
}

/** A sensor as a device announces it. */
export interface SensorInfo {
  readonly sensor: SensorId
  /** Such as `sds011`; the driver's name for the model. */
  readonly model: string
  /** What the hardware says of itself, such as a 1-wire ROM id; else the device's id and the port. */
  readonly serial: string
  /** Each of another quantity: sensor and quantity together name a series. */
  readonly channels: readonly SensorChannel[]
}

/** What was done to raw values before they were sent, as whole numbers: value = raw × gainPpm / 10^6 + offset (in the channel's resolution). */
export interface Calibration {
  /** In units of the channel's resolution. */
  readonly offset: number
  /** Millionths; 1 000 000 leaves values as they are. */
  readonly gainPpm: number
  /** The formula that made a raw value a quantity, as it was configured; empty when there was none. */
  readonly formula: string
}

/** One column of a profile. */
export interface ProfileChannel extends SensorChannel {
  readonly sensor: SensorId
  /** Null when values are as the sensor gave them. */
  readonly calibration: Calibration | null
}

/** `sample`: a value at each tick. `statistics`: mean, least, greatest and number of the samples of each period. */
export type ProfileKind = 'sample' | 'statistics'

/** What the columns of a frame mean. Sent once a session, then named by its id. */
export interface Profile {
  /** Distance of readings in time, 1 ms..one day. */
  readonly periodMs: number
  readonly kind: ProfileKind
  /** 1..{@link LIMITS}.profileChannelsMax */
  readonly channels: readonly ProfileChannel[]
}

/** Why a value is missing. The position is its number on the wire. */
export const SENSOR_FAULTS = [
  'unknown',
  'warming_up',
  'no_answer',
  'bad_frames',
  'fan_dead',
  'out_of_range',
  'power_on_value',
  'unplugged',
  'switched_off',
  'stale',
] as const
export type SensorFault = (typeof SENSOR_FAULTS)[number]

/**
 * A stretch of missing values of one channel. Spans of a frame ascend by channel and then by `first`, do not overlap, and cover readings
 * without a value only; a missing value outside every span has no known reason.
 */
export interface FaultSpan {
  /** Channel of the profile. */
  readonly channel: number
  /** First reading of the frame it concerns, and how many. */
  readonly first: number
  readonly count: number
  readonly fault: SensorFault
}

/** Why readings of a whole profile are missing. The position is its number on the wire. */
export const GAP_CAUSES = ['restart', 'thinned', 'quota', 'paused', 'clock', 'disk'] as const
export type GapCause = (typeof GAP_CAUSES)[number]

/** A stretch of time without readings of this profile, or with fewer. `toMs` is exclusive. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  readonly cause: GapCause
}

/**
 * One column: whole numbers of -(2^47)..2^47, NaN where there is no value. A profile of kind `statistics` has four columns a channel:
 * mean, least, greatest, number of samples. In them a reading is missing in all four or in none (a period without samples has NaN
 * four times, not a number of 0), least <= mean <= greatest, and the number is 1..2^32-1.
 */
export type Column = Float64Array

/** What a device measured, as one signed message. Reading i was taken at `fromMs + i × periodMs` of the region's time. */
export interface ReadingFrame {
  readonly session: number
  /** Unique in the device's life; what an ack names. */
  readonly seq: number
  readonly profile: ProfileId
  readonly fromMs: number
  /** How far `fromMs` may be from the truth either way: a device without a clock knows the time only by and by. 0..2^32-1. */
  readonly uncertaintyMs: number
  /** Readings a column, 0..{@link LIMITS}.frameReadingsMax; 0 when the frame only tells of gaps. */
  readonly count: number
  readonly columns: readonly Column[]
  readonly faults: readonly FaultSpan[]
  readonly gaps: readonly Gap[]
}

/** A frame before its columns are read, which needs no profile. */
export interface ReadingHead extends Omit<ReadingFrame, 'columns'> {
  /** The columns as they travel, see {@link packColumns}. */
  readonly packed: Uint8Array
}

/** What a device has, and where. */
export interface Sensors {
  readonly session: number
  readonly seq: number
  readonly location: Location | null
  /** 0..{@link LIMITS}.sensorsMax */
  readonly sensors: readonly SensorInfo[]
}

/** A profile on its way to the coordinator. */
export interface ProfileMessage {
  readonly session: number
  readonly seq: number
  readonly profile: Profile
}

/** Channels that are sampled together. */
export interface Stream {
  readonly periodMs: number
  /** Ticks are at region times that leave this rest when divided by the period. 0..periodMs-1. */
  readonly phaseMs: number
  /** For `statistics`: distance of the samples within a period. Equal to `periodMs` for `sample`. */
  readonly sampleMs: number
  /** Readings that make a frame full; it is sent then. */
  readonly readingsPerFrame: number
  readonly kind: ProfileKind
  /** By sensor, and the position of the channel in the sensor's list. */
  readonly channels: readonly { readonly sensor: SensorId; readonly channel: number }[]
}

/** How a device is to sample from now on; replaces every earlier plan. An empty one ends sampling. */
export interface Plan {
  readonly session: number
  /** Grows with every change; kept by the device. */
  readonly revision: number
  /** 0..{@link LIMITS}.streamsMax */
  readonly streams: readonly Stream[]
}

/** What every sensor looks like to the device, whatever bus it is on. */
import type { SensorChannel, SensorFault } from '../protocol/index.ts'

/** What one look at a sensor gave: a value or a fault for each channel, in the order of `channels`. */
export interface Measurement {
  /** Whole numbers of 10^exponent of the channel's unit; null where there is none. */
  readonly values: readonly (number | null)[]
  /** Why a value is null; null where there is one. */
  readonly faults: readonly (SensorFault | null)[]
}

/** A measurement that a sensor took by itself and kept, with the region time it was taken at. */
export interface Recorded extends Measurement {
  readonly atMs: number
}

export type SensorState = 'ok' | 'warming_up' | 'silent' | 'faulty' | 'unplugged'

/** How a sensor is, for its owner. */
export interface SensorHealth {
  readonly state: SensorState
  /** A sentence that says what is wrong and what to do; empty when `ok`. */
  readonly advice: string
  /** Such as frames read and frames with a wrong checksum; names end in their unit or what they count. */
  readonly counters: Readonly<Record<string, number>>
}

export interface Sensor {
  /** The driver's name for the model, such as `sds011`. */
  readonly model: string
  /** What the hardware says of itself; null when it has no identity of its own. */
  readonly serial: string | null
  readonly channels: readonly SensorChannel[]
  /**
   * The newest measurement. Never rejects for what a sensor does: a fault says why there is no value.
   * Serial sensors that speak by themselves answer from the last good frame, and `stale` or `no_answer` when it is too old.
   */
  sample(): Promise<Measurement>
  health(): SensorHealth
  /**
   * Measurements the sensor took by itself, oldest first (a data logger, or the replay of a file). Sensors without it are sampled live.
   * Ends when there are no more.
   */
  recordings?(): AsyncIterable<Recorded>
  close(): Promise<void>
}

/** What every kind of input of a board has in common. */
import type { Calibration, Clock, SensorChannel, SensorFault } from '../../protocol/index.ts'
import type { Outcome } from '../scaled.ts'
import type { FirmataBoard } from './library.ts'

export interface BoardInput {
  /** Its part of the sensor's place, such as `A0`. */
  readonly label: string
  readonly model: string
  readonly channels: readonly SensorChannel[]
  readonly calibrations: readonly (Calibration | null)[]
  /** Starts reading from a board that is ready. Called anew after each loss. @throws when the board has no such pin */
  start(board: FirmataBoard): void
  /** The newest outcome of each channel; only called while the board is there. */
  take(): readonly Outcome[]
  /** Monotonic time of the newest data; null before the first. Inputs that only speak of changes give null for ever. */
  readonly heardAtMs: number | null
  /** Whether a silence of {@link SILENT_MS} means that something is wrong. */
  readonly speaksAlways: boolean
  /** What to look at when it gives nothing. */
  readonly advice: string
}

/** Data older than this says nothing about now: boards report four times a second. */
export const STALE_MS = 10_000
/** A chip that is silent for this long does not come back by itself: the board is started anew. */
export const SILENT_MS = 60_000

/** Why an input that was started has given nothing yet. */
export function unheardFault(clock: Clock, startedMs: number): SensorFault {
  return clock.monotonicMs() - startedMs > STALE_MS ? 'no_answer' : 'warming_up'
}

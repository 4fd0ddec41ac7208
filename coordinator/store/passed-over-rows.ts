/** Rows that say why somebody got nothing. */
import type { DeviceId, JobId } from '../../protocol/index.ts'

/** Why a device got nothing of a job when it was last looked at, in words; a device that got something meanwhile keeps its row. */
export interface ExclusionRow {
  job: JobId
  device: DeviceId
  reason: string
  atMs: number
}

/**
 * Why somebody was passed over, by kind. A count and the newest sentence stand for all the times: who passes over whom is decided thousands
 * of times a second.
 */
export interface PassedOverRow {
  /** What was not handed out, or who got nothing: `job/ID`, `second-look/ID`, `campaign/ID` or `device/ID`. */
  scope: string
  /** One of the kinds that go with the scope; of a campaign also `sensor/ID`, for that sensor alone. */
  kind: string
  /** The end of a sentence about the device or sensor, as it was the last time. */
  reason: string
  times: number
  firstAtMs: number
  /** When it last happened, or began. */
  lastAtMs: number
  /** When it ended; null while it lasts, and `lastAtMs` for what has no duration. */
  untilMs: number | null
}

export interface ExclusionsFilter {
  job?: JobId
  device?: DeviceId
  limit?: number
}

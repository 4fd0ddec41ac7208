/** The rows of sensing: what is where, the frames as they were received, and what was made of them. Units as in `rows.ts`. */
import type { CampaignId, DeviceId, ProfileId, SensorId, SubmitterName } from '../../protocol/index.ts'

/** Where a device stands, as it last said. */
export interface PlaceRow {
  device: DeviceId
  latitudeMicroDeg: number
  longitudeMicroDeg: number
  elevationM: number
  indoor: boolean
  /** Since when it has been here; a device that moves starts anew. */
  sinceMs: number
}

/** A sensor, whichever device it is on. */
export interface SensorRow {
  id: SensorId
  /** The device that announced it last and has it now. */
  device: DeviceId
  model: string
  serial: string
  /** `[quantity, unit, exponent][]` as JSON. */
  channels: string
  /** When the region first heard of it: its seniority. */
  firstSeenMs: number
  /** Since when it has been on this device at this place. */
  placedSinceMs: number
  /** Another device that announces the same sensor at the same time; null when there is none. */
  rival: DeviceId | null
}

/** What the columns of frames mean; never changes. */
export interface ProfileRow {
  id: ProfileId
  /** The encoded profile. */
  bytes: Uint8Array
  /** Each channel's sensor and quantity, in the profile's order, so that frames can be found by them. */
  channels: readonly { sensor: SensorId; quantity: string }[]
}

/** A signed frame of readings as it was received. */
export interface FrameRow {
  /** Ascending in the order of receipt. */
  id: number
  device: DeviceId
  /** The device's own number; unique with the device. */
  seq: number
  profile: ProfileId
  receivedAtMs: number
  /** Region time of its first reading, and just past its last one (its gaps included). */
  fromMs: number
  toMs: number
  /** The whole COSE_Sign1 frame. */
  frame: Uint8Array
}

/** `settling`: over, but late readings are still paid. */
export type CampaignState = 'running' | 'settling' | 'done' | 'cancelled' | 'failed'

export interface CampaignRow {
  id: CampaignId
  submitter: SubmitterName
  ref: string
  /** The checked specification as canonical JSON. */
  spec: string
  state: CampaignState
  /** Why it failed or was cancelled; empty otherwise. */
  reason: string
  createdAtMs: number
  startMs: number
  endMs: number
  finishedAtMs: number | null
  /** The region's fee, as it was when the campaign was taken. */
  feeBasisPoints: number
  budgetMicro: bigint
  paidMicro: bigint
  feeMicro: bigint
  /** Judged so far, each reading once. */
  readings: number
  accepted: number
  rejected: number
  late: number
  /** Bytes of the frames that brought them, shared between the campaigns of a frame. */
  frameBytes: number
}

/** What one sensor's readings in one window of a campaign came to. */
export interface JudgementRow {
  campaign: CampaignId
  windowMs: number
  sensor: SensorId
  device: DeviceId
  cell: string
  /** Judged anew when late readings come: 1, 2, … */
  revision: number
  /** Frames up to this id were looked at; with it anybody can gather the same evidence. */
  frameMax: number
  /** `frameMax` of the first revision: what came after it was late. */
  frameFirst: number
  /** Where the sensor stood then: `[latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor]` as JSON. */
  place: string
  /** The flags of each reading in time order, two bytes each, big-endian. */
  flags: Uint8Array
  readings: number
  accepted: number
  /** Place among the sensors of its cell in this window, from 1. */
  rank: number
  paidReadings: number
  paidMicro: bigint
  /** Why accepted readings were not paid, such as `rank`; empty when they were. */
  unpaidReason: string
}

/** What a cell came to in one window of a campaign. */
export interface WindowRow {
  campaign: CampaignId
  cell: string
  windowMs: number
  revision: number
  /** Decimal text of the aggregate in the quantity's unit; null when no reading was accepted. */
  value: string | null
  least: string | null
  greatest: string | null
  readings: number
  accepted: number
  sensors: number
  judgedAtMs: number
}

/** Frames that touch `fromMs`..`toMs` (exclusive). */
export interface FramesFilter {
  /** Only frames with a channel of this sensor, and of this quantity when it is given. */
  sensor?: SensorId
  quantity?: string
  device?: DeviceId
  fromMs?: number
  toMs?: number
  /** Only frames with an id up to this. */
  idMax?: number
  newestFirst?: boolean
  limit?: number
}

export interface CampaignsFilter {
  states?: readonly CampaignState[]
  submitter?: SubmitterName
  limit?: number
}

/** Windows that begin in `fromMs`..`toMs` (exclusive). */
export interface JudgementsFilter {
  campaign?: CampaignId
  sensor?: SensorId
  device?: DeviceId
  fromMs?: number
  toMs?: number
  limit?: number
}

export interface WindowsFilter {
  campaign: CampaignId
  cell?: string
  fromMs?: number
  toMs?: number
  newestFirst?: boolean
  limit?: number
}

/**
 * The JSON of a coordinator's HTTP interface about sensing, one type for each reply, so that the coordinator and whoever asks agree.
 * Amounts are decimal texts of micro-credits, times are region time in milliseconds, values are exact decimal texts in the quantity's
 * unit, absent values are null.
 */
import type { Flags, Neighbour, SeriesInput, VerdictCode } from '../quality/index.ts'
import type { CampaignState } from './replies.ts'

/** One campaign, how far it is and what it has cost: `GET /api/campaigns` (newest first), `GET /api/campaigns/:id`. */
export interface Campaign {
  id: string
  /** Empty when the submission named none. */
  name: string
  submitter: string
  state: CampaignState
  /** Why it failed or was cancelled; empty otherwise. */
  reason: string
  quantity: string
  unit: string
  periodMs: number
  windowMs: number
  aggregate: string
  /** Sensors assigned now, and cells with at least one of them. */
  sensors: number
  cells: number
  /** Judged so far, each reading once. */
  readings: number
  accepted: number
  rejected: number
  late: number
  priceMicro: string
  budgetMicro: string
  spentMicro: string
  /** Of what was spent, the region's fee. */
  feeMicro: string
  /** Bytes of the signed frames that brought the readings. */
  frameBytes: number
  createdAtMs: number
  startMs: number
  endMs: number
  finishedAtMs: number | null
}

/** What a cell came to in one window: `GET /api/campaigns/:id/windows?from=&to=&cell=`, by ascending window, then cell. */
export interface CellWindow {
  cell: string
  fromMs: number
  toMs: number
  revision: number
  /** Null when no reading was accepted. */
  value: string | null
  least: string | null
  greatest: string | null
  readings: number
  accepted: number
  sensors: number
}

/** Which windows to list. Those that touch `from`..`to` (exclusive), of every cell when none is named. */
export interface WindowsQuery {
  from?: number
  to?: number
  cell?: string
}

/** A sensor and where it is: `GET /api/sensors`. */
export interface SensorSummary {
  id: string
  device: string
  deviceLabel: string
  model: string
  serial: string
  channels: { quantity: string; unit: string; exponent: number }[]
  /** H3 cell at resolution 8, and elevation; null when its device has no place. */
  cell: string | null
  elevationM: number | null
  indoor: boolean | null
  firstSeenMs: number
  /** Since when it has been on this device at this place. */
  placedSinceMs: number
  online: boolean
  /** Another device that announces the same sensor; null when there is none. */
  rival: string | null
}

/** One reading of a sensor: `GET /api/sensors/:id/readings?format=json`, by ascending time, then quantity. */
export interface SensorReading {
  atMs: number
  quantity: string
  unit: string
  /** Null where the sensor had none. */
  value: string | null
  /** The verdict's codes; null when no campaign of the query has judged it. */
  codes: VerdictCode[] | null
  accepted: boolean | null
}

/** How readings are written: JSON as a list of {@link SensorReading}, CSV with the header {@link CSV_HEADER}, SenML (RFC 8428) as JSON or CBOR. */
export const READING_FORMATS = ['json', 'csv', 'senml', 'senml-cbor'] as const
export type ReadingFormat = (typeof READING_FORMATS)[number]

/**
 * Which readings to write: `GET /api/sensors/:id/readings?from=&to=&campaign=&format=`, and of all sensors of a campaign
 * `GET /api/campaigns/:id/readings?from=&to=&format=`. Those from `from` to before `to`, of the campaign's quantity and with its verdicts when one is named.
 */
export interface ReadingsQuery {
  from?: number
  to?: number
  campaign?: string
  format: ReadingFormat
}

/** Which evidence: of one sensor in the window of a campaign that holds the moment `window`. */
export interface EvidenceQuery {
  campaign: string
  sensor: string
  /** Any region time within the window. */
  window: number
}

/**
 * What the region's verdicts about a sensor in a window were made from, and the verdicts:
 * `GET /api/evidence?campaign=&sensor=&window=`. Whoever has it can compute them again with protocol/quality.
 */
export interface Evidence {
  /** QUALITY_VERSION of the verdicts. */
  version: number
  campaign: string
  sensor: string
  /** Start of the window, and its length. */
  windowMs: number
  windowLengthMs: number
  revision: number
  /** Frames up to this id were looked at. */
  frameMax: number
  /** The region's verdicts, one for each of `input.points`. */
  flags: Flags[]
  input: SeriesInput
  /** Above sea level, where the sensor stood; 0 when its device has no place. */
  elevationM: number
  neighbours: Neighbour[]
  /** Codes that follow from the frame and not from the values. */
  extraFlags: { index: number; codes: VerdictCode[] }[]
  /** How the sensor fared in the window: its place in its cell, what was paid, and why the rest was not. */
  cell: string
  rank: number
  paidReadings: number
  paidMicro: string
  unpaidReason: string
}

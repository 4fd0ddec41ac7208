/**
 * What everybody may see of a region, and what changes while one watches. Values are as in the rest of the API: amounts are decimal
 * strings of micro-credits, times are wall-clock milliseconds, measured values are exact decimal texts, absent values are null.
 */
import type { CellWindow } from '../../protocol/index.ts'
import type { DeviceStanding } from '../store/index.ts'
import type { Device, Job, Region } from './admin-api.ts'
import type { Prices } from './price-api.ts'

/** What one cell came to in the newest window of a running campaign. */
export interface PublicCell {
  /** The campaign's id, and its name; empty when it has none. */
  campaign: string
  name: string
  quantity: string
  unit: string
  /** An H3 cell. */
  cell: string
  fromMs: number
  toMs: number
  /** Null when no reading was accepted. */
  value: string | null
  least: string | null
  greatest: string | null
  sensors: number
  accepted: number
  readings: number
}

/** Newest windows, by campaign and cell; up to 10 000. */
export interface PublicCells {
  cells: PublicCell[]
}

/** Which windows of a cell are asked for. Times are milliseconds; the newest 2 000 windows of the time are given. */
export interface PublicHistoryQuery {
  campaign: string
  cell: string
  from?: number
  to?: number
}

/** The windows of one cell, by ascending time. */
export interface PublicHistory {
  campaign: string
  name: string
  quantity: string
  unit: string
  cell: string
  windows: CellWindow[]
}

/** What the region has come to. Counted anew at most every ten seconds. */
export interface PublicTotals {
  devices: Record<DeviceStanding, number>
  /** Who has a device here. */
  owners: number
  jobsFinished: number
  /** Units of finished jobs. */
  unitsVerified: number
  transfers: number
  /** Earned by devices in all. */
  paidMicro: string
}

/** The newest signed checkpoint of the public log. */
export interface LiveCheckpoint {
  /** Entries it covers. */
  size: number
  rootHashHex: string
  timestampMs: number
}

/**
 * Events of `GET /api/events`, Server-Sent Events in answer to a GET with the token as in every other call, or with none. Each has its
 * name in `event:` and this as JSON in `data:`; every 15 s there is a comment, `: ping`.
 *
 * The first events are `region`, `prices`, `checkpoint` and `ledger` as they are now, and mean that changes are told from here on: ask
 * for lists after them, then nothing is missed. Afterwards only what changed is sent, at most once a second.
 */
export interface LiveEvents {
  /** `uptimeMs` alone is no change. */
  region: Region
  /** Those that changed: all for the operator, an owner's own for an owner, none otherwise. Up to 1 000 in a second; others follow. */
  devices: { devices: Device[] }
  /** Those that began, changed or ended: all for the operator, a submitter's own for a submitter, none otherwise. Up to 200 in a second. */
  jobs: { jobs: Job[] }
  /** Those whose newest window changed. Only the operator's where data is not open. */
  cells: PublicCells
  prices: Prices
  checkpoint: LiveCheckpoint
  ledger: { transfers: number }
}

/** The name of an event. */
export type LiveEventName = keyof LiveEvents

/** Each method names its route, as in {@link AdminApi}. */
export interface PublicAdminApi {
  /** `GET /api/public/cells`, where data is open. */
  publicCells(): Promise<PublicCells>
  /** `GET /api/public/history?campaign=&cell=&from=&to=`, where data is open. */
  publicHistory(query: PublicHistoryQuery): Promise<PublicHistory>
  /** `GET /api/public/totals` */
  publicTotals(): Promise<PublicTotals>
}

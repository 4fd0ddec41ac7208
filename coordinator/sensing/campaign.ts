/** A campaign at work: who measures for it, and where its windows stand. */
import type { CampaignSpec, DeviceId, Location, OwnerName, SensorId } from '../../protocol/index.ts'
import type { Books } from '../ledger/holdback.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { CampaignRow } from '../store/rows.ts'
import type { Registry } from './registry.ts'
import type { SensorPassBook } from './sensor-passes.ts'

/** A sensor that measures for a campaign. */
export interface Assignment {
  readonly sensor: SensorId
  readonly device: DeviceId
  readonly owner: OwnerName
  readonly cell: string
  readonly place: Location
  /** Position of the quantity in the sensor's list of channels. */
  readonly channel: number
}

/** What a sensor's readings in one window have come to so far. */
export interface Tally {
  readonly readings: number
  readonly accepted: number
  readonly late: number
  readonly paidReadings: number
  readonly paidMicro: bigint
}

/** One window that is open or may still change. */
export interface WindowState {
  readonly windowMs: number
  /** Wall time of the last frame that touched it. */
  touchedMs: number
  /** The first frame that no judgement has seen; null when all were seen. */
  unseenFrame: number | null
  /** Its evidence is being gathered. */
  judging: boolean
  /** 0 before the first judgement. */
  revision: number
  /** Frames seen by the first judgement, and by the last. */
  frameFirst: number
  frameMax: number
  firstJudgedMs: number
  readonly tallies: Map<SensorId, Tally>
}

export interface Campaign {
  readonly row: CampaignRow
  readonly spec: CampaignSpec
  assigned: ReadonlyMap<SensorId, Assignment>
  readonly windows: Map<number, WindowState>
  /** Windows that do not change any more. */
  readonly closed: Set<number>
  /** Up to which region time each sensor has reported. */
  readonly reportedToMs: Map<SensorId, number>
}

/** What the department's parts share. */
export interface SensingDesk extends Books {
  readonly registry: Registry
  readonly pricing: Pick<PriceBook, 'readingPriceMicro' | 'readingFloorMicro'>
  readonly dirty: Set<Campaign>
  /** Why sensors are not asked. */
  readonly passes: SensorPassBook
}

export function createCampaign(row: CampaignRow, spec: CampaignSpec): Campaign {
  return { row, spec, assigned: new Map(), windows: new Map(), closed: new Set(), reportedToMs: new Map() }
}

/** Start of the window that holds a time. */
export function windowOf({ spec, row }: Campaign, atMs: number): number {
  return row.startMs + Math.floor((atMs - row.startMs) / spec.windowMs) * spec.windowMs
}

/** The window's state, made at its first touch; null for a time that the campaign does not cover, or that is closed. */
export function openWindow(campaign: Campaign, windowMs: number, nowMs: number): WindowState | null {
  const { row, windows, closed } = campaign
  if (windowMs < row.startMs || windowMs >= row.endMs || closed.has(windowMs)) return null
  let window = windows.get(windowMs)
  if (window === undefined) {
    window = {
      windowMs,
      touchedMs: nowMs,
      unseenFrame: null,
      judging: false,
      revision: 0,
      frameFirst: 0,
      frameMax: 0,
      firstJudgedMs: 0,
      tallies: new Map(),
    }
    windows.set(windowMs, window)
  }
  return window
}

/** Windows whose time for corrections is over are forgotten but for their name. */
export function closeWindows({ spec, windows, closed }: Campaign, nowMs: number): void {
  for (const [windowMs, { revision, judging, firstJudgedMs }] of windows) {
    if (revision === 0 || judging || nowMs <= firstJudgedMs + spec.correctionMs) continue
    windows.delete(windowMs)
    closed.add(windowMs)
  }
}

/** Whether a window waits for a judgement or is at it. */
export const isPending = ({ unseenFrame, judging }: WindowState): boolean => unseenFrame !== null || judging

/** The last frame, of those up to `frameId`, behind which no window waits for a judgement. */
export function settledFrame(campaigns: Iterable<Campaign>, frameId: number): number {
  let settled = frameId
  for (const { windows } of campaigns) {
    for (const { unseenFrame, judging, frameMax } of windows.values()) {
      if (judging) settled = Math.min(settled, frameMax)
      if (unseenFrame !== null) settled = Math.min(settled, unseenFrame - 1)
    }
  }
  return settled
}

/** A campaign as people and programs outside see it. */
import {
  type CampaignResult,
  type CampaignStatus,
  type CampaignWindow,
  type CellWindow,
  parseStoredCampaign,
  QUANTITIES,
  RESULT_CELLS_MAX,
  summarizeCells,
} from '../../protocol/index.ts'
import type * as SensingApi from '../../protocol/sensing/api-types.ts'
import type { Campaign } from '../sensing/campaign.ts'
import type { CampaignRow, WindowRow } from '../store/rows.ts'

const unitOf = (quantity: string): string => QUANTITIES.get(quantity)?.unit ?? ''

/** What the submitter has been charged so far. */
const spentMicro = (row: CampaignRow): string => `${row.paidMicro + row.feeMicro}`

/** Sensors assigned now, and cells with at least one of them. */
function reach(campaign: Campaign | undefined): { sensors: number; cells: number } {
  const assigned = [...(campaign?.assigned.values() ?? [])]
  return { sensors: assigned.length, cells: new Set(assigned.map(({ cell }) => cell)).size }
}

export function campaignStatus(row: CampaignRow, campaign: Campaign | undefined): CampaignStatus {
  const { id, ref, state, reason, readings, accepted, rejected, late, budgetMicro, startMs, endMs } = row
  return {
    campaign: id,
    ...(ref === '' ? {} : { ref }),
    state,
    reason,
    quantity: parseStoredCampaign(row.spec).quantity,
    ...reach(campaign),
    readings,
    accepted,
    rejected,
    late,
    spentMicro: spentMicro(row),
    budgetMicro: `${budgetMicro}`,
    startMs,
    endMs,
  }
}

export function campaignWindow(row: CampaignRow, window: WindowRow): CampaignWindow {
  const { quantity, windowMs } = parseStoredCampaign(row.spec)
  return { campaign: row.id, quantity, unit: unitOf(quantity), ...cellWindow(window, windowMs) }
}

export function cellWindow(window: WindowRow, lengthMs: number): CellWindow {
  const { cell, windowMs: fromMs, revision, value, least, greatest, readings, accepted, sensors } = window
  return { cell, fromMs, toMs: fromMs + lengthMs, revision, value, least, greatest, readings, accepted, sensors }
}

/** @param windows - all of the campaign, by ascending time */
export function campaignResult(
  row: CampaignRow,
  campaign: Campaign | undefined,
  windows: readonly WindowRow[],
  csvUrl: string,
): CampaignResult {
  const status = campaignStatus(row, campaign)
  const summary = summarizeCells(windows).slice(0, RESULT_CELLS_MAX)
  return { ...status, unit: unitOf(status.quantity), summary, csvUrl }
}

/** The reply of the HTTP interface. */
export function apiCampaign(row: CampaignRow, campaign: Campaign | undefined): SensingApi.Campaign {
  const spec = parseStoredCampaign(row.spec)
  const { quantity, periodMs, windowMs, aggregate, name } = spec
  const { id, submitter, state, reason, readings, accepted, rejected, late, frameBytes } = row
  const { createdAtMs, startMs, endMs, finishedAtMs } = row
  const plan = { quantity, unit: unitOf(quantity), periodMs, windowMs, aggregate }
  const money = {
    priceMicro: `${spec.priceMicro}`,
    budgetMicro: `${row.budgetMicro}`,
    spentMicro: spentMicro(row),
    feeMicro: `${row.feeMicro}`,
  }
  const counts = { readings, accepted, rejected, late, frameBytes }
  const times = { createdAtMs, startMs, endMs, finishedAtMs }
  return { id, name, submitter, state, reason, ...plan, ...reach(campaign), ...counts, ...money, ...times }
}

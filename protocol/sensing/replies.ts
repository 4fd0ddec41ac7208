/**
 * The JSON that a coordinator publishes about campaigns, one form per topic leaf, and the checked parsers of it.
 * Amounts are decimal texts of micro-credits, values exact decimal texts in the quantity's unit, times region time in milliseconds.
 * A reader ignores fields it does not know. Explained in docs/campaigns.md.
 */
import { type CampaignId, campaignId } from '../ids.ts'
import { ReplyReader } from './reply-reader.ts'

/** Where a campaign stands; the last three are final. `settling`: nothing more is measured, late readings are still judged and paid. */
export const CAMPAIGN_STATES = ['running', 'settling', 'done', 'cancelled', 'failed'] as const
export type CampaignState = (typeof CAMPAIGN_STATES)[number]

/** Whether nothing about a campaign in this state will change any more. */
export function isCampaignOver(state: CampaignState): state is 'done' | 'cancelled' | 'failed' {
  return state === 'done' || state === 'cancelled' || state === 'failed'
}

/** Cells that a result lists at most; the CSV has all. */
export const RESULT_CELLS_MAX = 500

/** On `…/<campaign>/status`: once on acceptance, at most once a second while readings come, at each change of state, and on request. */
export interface CampaignStatus {
  campaign: CampaignId
  /** The submitter's own text, when the submission carried one. */
  ref?: string
  state: CampaignState
  /** Why it failed or was cancelled; empty otherwise. */
  reason: string
  quantity: string
  /** Sensors assigned now, and cells with at least one of them. */
  sensors: number
  cells: number
  /** Judged so far, each reading once; late ones are accepted or rejected as well. */
  readings: number
  accepted: number
  rejected: number
  late: number
  spentMicro: string
  budgetMicro: string
  startMs: number
  endMs: number
}

/**
 * On `…/<campaign>/window` and, retained, on `hr/1/<region>/out/<campaign>/<cell>`: what a cell came to in one window, and again with
 * the next revision when late readings have changed it.
 */
export interface CampaignWindow {
  campaign: CampaignId
  quantity: string
  unit: string
  /** H3 cell. */
  cell: string
  /** The window; `toMs` is exclusive. */
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

/** What a cell came to over the whole campaign. */
export interface CellSummary {
  cell: string
  /** Windows with a value. */
  windows: number
  readings: number
  accepted: number
  /** Value of the newest window that has one, and the least and greatest accepted reading. */
  latest: string | null
  least: string | null
  greatest: string | null
}

/** On `…/<campaign>/result`: when nothing more is measured, once more when the campaign is over, and on request. */
export interface CampaignResult extends CampaignStatus {
  unit: string
  /** By cell; at most {@link RESULT_CELLS_MAX}. */
  summary: CellSummary[]
  /** Where every window is as CSV; asked with the submitter's token. */
  csvUrl: string
}

/** On `…/campaigns/<submitter>/refused`: a submission, or a request about a campaign, that was not accepted. */
export interface CampaignRefused {
  ref?: string
  /** The campaign of a refused `get` or `stop`, as the topic spelled it. */
  campaign?: string
  error: {
    code: string
    /** A sentence that says what to do. */
    message: string
    /** The wrong field of the submission, such as `quality.range.min`; empty when it is not about one field. */
    path: string
  }
}

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseCampaignStatus(value: unknown): CampaignStatus {
  return readStatus(new ReplyReader('campaign status', value))
}

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseCampaignWindow(value: unknown): CampaignWindow {
  const reply = new ReplyReader('campaign window', value)
  return {
    campaign: readId(reply),
    quantity: reply.text('quantity'),
    unit: reply.text('unit'),
    cell: reply.text('cell'),
    fromMs: reply.integer('fromMs'),
    toMs: reply.integer('toMs'),
    revision: reply.count('revision'),
    value: reply.decimalOrNull('value'),
    least: reply.decimalOrNull('least'),
    greatest: reply.decimalOrNull('greatest'),
    readings: reply.count('readings'),
    accepted: reply.count('accepted'),
    sensors: reply.count('sensors'),
  }
}

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseCampaignResult(value: unknown): CampaignResult {
  const reply = new ReplyReader('campaign result', value)
  return {
    ...readStatus(reply),
    unit: reply.text('unit'),
    summary: reply.list('summary', RESULT_CELLS_MAX).map(readSummary),
    csvUrl: reply.text('csvUrl'),
  }
}

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseCampaignRefused(value: unknown): CampaignRefused {
  const reply = new ReplyReader('campaign refused', value)
  const error = reply.object('error')
  return {
    ...reply.optionalText('ref'),
    ...reply.optionalText('campaign'),
    error: { code: error.text('code'), message: error.text('message'), path: error.text('path') },
  }
}

function readStatus(reply: ReplyReader): CampaignStatus {
  return {
    campaign: readId(reply),
    ...reply.optionalText('ref'),
    state: reply.oneOf('state', CAMPAIGN_STATES),
    reason: reply.text('reason'),
    quantity: reply.text('quantity'),
    sensors: reply.count('sensors'),
    cells: reply.count('cells'),
    readings: reply.count('readings'),
    accepted: reply.count('accepted'),
    rejected: reply.count('rejected'),
    late: reply.count('late'),
    spentMicro: reply.micro('spentMicro'),
    budgetMicro: reply.micro('budgetMicro'),
    startMs: reply.integer('startMs'),
    endMs: reply.integer('endMs'),
  }
}

function readSummary(reply: ReplyReader): CellSummary {
  return {
    cell: reply.text('cell'),
    windows: reply.count('windows'),
    readings: reply.count('readings'),
    accepted: reply.count('accepted'),
    latest: reply.decimalOrNull('latest'),
    least: reply.decimalOrNull('least'),
    greatest: reply.decimalOrNull('greatest'),
  }
}

function readId(reply: ReplyReader): CampaignId {
  try {
    return campaignId(reply.text('campaign'))
  } catch {
    throw reply.bad('campaign', 'must be a campaign id')
  }
}

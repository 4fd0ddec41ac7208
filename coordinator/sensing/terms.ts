/** On what terms a campaign is taken: when it begins and ends, and what is set aside for it. */
import {
  type CampaignId,
  type CampaignSpec,
  campaignToJson,
  formatCredits,
  type SubmitterName,
} from '../../protocol/index.ts'
import { submitterAccount } from '../ledger/ledger.ts'
import type { CampaignRow } from '../store/rows.ts'
import type { SensingDesk } from './campaign.ts'
import type { Choice } from './choose.ts'

export type CampaignTerms = { ok: true; row: CampaignRow } | { ok: false; code: string; reason: string }

/** A campaign that names no budget gets at most this part of the account, as a job does. */
const ACCOUNT_SHARE = 4n

export interface TermsRequest {
  id: CampaignId
  ref: string
  spec: CampaignSpec
  submitter: SubmitterName
  /** Who would measure now. */
  choice: Choice
  nowMs: number
}

/**
 * The row of a new campaign, or why it cannot be taken. Windows begin at whole multiples of their length, so that campaigns and regions line up.
 * @see spec/clauses.md [SENSE-2.1] [SENSE-2.2]
 */
export function campaignTerms(desk: Pick<SensingDesk, 'ledger' | 'policy'>, request: TermsRequest): CampaignTerms {
  const { id, ref, spec, submitter, choice, nowMs } = request
  const startMs = floorTo(spec.startMs ?? nowMs, spec.windowMs)
  const endMs = startMs + Math.ceil(spec.durationMs / spec.windowMs) * spec.windowMs
  const heldMicro = desk.ledger.availableMicro(submitterAccount(submitter))
  const budgetMicro = spec.budgetMicro ?? defaultBudgetMicro(spec, choice, endMs - startMs, heldMicro)
  if (endMs + spec.correctionMs < nowMs) {
    return {
      ok: false,
      code: 'over',
      reason: 'The campaign would be over before it begins: set a later startMs or a longer durationMs.',
    }
  }
  if (budgetMicro < spec.priceMicro) {
    const reason = `The budget of ${formatCredits(budgetMicro)} credits does not pay one reading at ${formatCredits(spec.priceMicro)}: fund the account or set a higher budgetMicro.`
    return { ok: false, code: 'insufficient', reason }
  }
  if (heldMicro < budgetMicro) {
    const needed = `The budget is ${formatCredits(budgetMicro)} credits and the account of ${submitter} holds ${formatCredits(heldMicro)}.`
    return {
      ok: false,
      code: 'insufficient',
      reason: `${needed} Set a smaller budgetMicro or have the account funded.`,
    }
  }
  const row: CampaignRow = {
    id,
    submitter,
    ref,
    spec: campaignToJson(spec),
    state: 'running',
    reason: '',
    createdAtMs: Math.round(nowMs),
    startMs,
    endMs,
    finishedAtMs: null,
    feeBasisPoints: desk.policy.feeBasisPoints,
    budgetMicro,
    paidMicro: 0n,
    feeMicro: 0n,
    readings: 0,
    accepted: 0,
    rejected: 0,
    late: 0,
    frameBytes: 0,
  }
  return { ok: true, row }
}

/** Every reading of every paid sensor of the cells there are now, or a part of the account if that is less. */
function defaultBudgetMicro(spec: CampaignSpec, choice: Choice, lengthMs: number, heldMicro: bigint): bigint {
  const cells = new Set([...choice.assigned.values()].map(({ cell }) => cell)).size
  const sensors = Math.max(1, cells) * spec.paidPerCell
  const wantedMicro = BigInt(Math.ceil(lengthMs / spec.periodMs) * sensors) * spec.priceMicro
  const shareMicro = heldMicro / ACCOUNT_SHARE
  return wantedMicro < shareMicro ? wantedMicro : shareMicro
}

const floorTo = (ms: number, step: number): number => Math.floor(ms / step) * step

/** All that the books say of a disputed verdict. */
import { type CampaignId, parseStoredCampaign, type SensorId } from '../../protocol/index.ts'
import type { CampaignRow, JudgementRow, Store } from '../store/rows.ts'
import { disputeId } from './dispute.ts'

export interface VerdictFile {
  readonly campaign: CampaignRow
  /** The disputed judgement. */
  readonly judgement: JudgementRow
  /** Every judgement of the window. */
  readonly window: readonly JudgementRow[]
  /** When the window was last judged. */
  readonly judgedAtMs: number
  /** The dispute that there has been about it. */
  readonly earlier: string | null
}

export type VerdictStore = Pick<Store, 'campaign' | 'judgements' | 'windows' | 'dispute'>

/**
 * The file of a verdict; null when there is none.
 * @param atMs - any time in the window
 */
export function readVerdictFile(
  store: VerdictStore,
  campaignId: CampaignId,
  atMs: number,
  sensor: SensorId,
): VerdictFile | null {
  const campaign = store.campaign(campaignId)
  if (!campaign) return null
  const { windowMs } = parseStoredCampaign(campaign.spec)
  const fromMs = campaign.startMs + Math.floor((atMs - campaign.startMs) / windowMs) * windowMs
  const window = store.judgements({ campaign: campaignId, fromMs, toMs: fromMs + 1 })
  const judgement = window.find(row => row.sensor === sensor)
  if (judgement === undefined) return null
  const published = store.windows({ campaign: campaignId, cell: judgement.cell, fromMs, toMs: fromMs + 1 })
  const judgedAtMs = published.reduce((latest, row) => Math.max(latest, row.judgedAtMs), 0)
  const earlier = store.dispute(disputeId({ kind: 'verdict', campaign: campaignId, windowMs: fromMs, sensor }))
  return { campaign, judgement, window, judgedAtMs, earlier: earlier?.id ?? null }
}

/** A campaign's working state again from its rows, after a restart. */
import { parseStoredCampaign } from '../../protocol/index.ts'
import type { CampaignRow, JudgementRow, Store } from '../store/rows.ts'
import { type Campaign, createCampaign, openWindow, type Tally } from './campaign.ts'
import { countLate, readFlags } from './flags.ts'

/** What was judged comes back; frames that were not are gone through again by {@link Sensing.resume}. */
export function restoreCampaign(
  store: Pick<Store, 'windows' | 'judgements'>,
  row: CampaignRow,
  nowMs: number,
): Campaign {
  const campaign = createCampaign(row, parseStoredCampaign(row.spec))
  const judgedMs = new Map<number, number>()
  for (const { windowMs, judgedAtMs } of store.windows({ campaign: row.id })) judgedMs.set(windowMs, judgedAtMs)
  for (const [windowMs, atMs] of judgedMs) {
    if (nowMs > atMs + campaign.spec.correctionMs) campaign.closed.add(windowMs)
    else restoreWindow(campaign, windowMs, atMs, store)
  }
  return campaign
}

function restoreWindow(campaign: Campaign, windowMs: number, judgedMs: number, store: Pick<Store, 'judgements'>): void {
  const window = openWindow(campaign, windowMs, judgedMs)
  if (window === null) return
  window.firstJudgedMs = judgedMs
  for (const row of store.judgements({ campaign: campaign.row.id, fromMs: windowMs, toMs: windowMs + 1 })) {
    window.revision = Math.max(window.revision, row.revision)
    window.frameFirst = row.frameFirst
    window.frameMax = Math.max(window.frameMax, row.frameMax)
    window.tallies.set(row.sensor, tallyOf(row))
  }
}

function tallyOf({ readings, accepted, paidReadings, paidMicro, flags }: JudgementRow): Tally {
  return { readings, accepted, late: countLate(readFlags(flags)), paidReadings, paidMicro }
}

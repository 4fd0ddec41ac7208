/** Why a campaign is as it is: who measures, who does not and why, what was rejected and what was not paid. */
import { codesOf, formatCredits, parseStoredCampaign } from '../../protocol/index.ts'
import type { Explanation } from '../http/admin-api.ts'
import type { Region } from '../region.ts'
import type { Campaign } from '../sensing/campaign.ts'
import { readFlags } from '../sensing/flags.ts'
import { campaignScope, SENSOR } from '../sensing/sensor-passes.ts'
import type { CampaignRow, JudgementRow, Store } from '../store/rows.ts'
import { passWords } from './passed-over.ts'

/** Judgements looked at, the newest. */
const RECENT_WINDOWS = 20
const EXCLUDED_SHOWN_MAX = 20

const UNPAID: Readonly<Record<string, string>> = {
  nothing_accepted: 'no reading of theirs was accepted',
  rank: 'enough sensors of their cell did better',
  same_device: 'another sensor of the same device was paid',
  relocated: 'they were moved and earn nothing for a while',
  standing: 'their device does not belong to the region any more',
  budget: 'the budget was spent',
}

export function explainCampaign(
  region: Region,
  row: CampaignRow,
  campaign: Campaign | undefined,
  store: Pick<Store, 'judgements' | 'windows' | 'passedOver'>,
): Explanation {
  const spec = parseStoredCampaign(row.spec)
  const { assigned, excluded } = region.sensing.choose(spec)
  const reasons: string[] = []
  const kept = store.passedOver(campaignScope(row.id))
  const label = (device: CampaignDevice) => region.fleet.member(device)?.row.label ?? device
  if (campaign !== undefined) {
    for (const { sensor, device, cell } of campaign.assigned.values()) {
      const online = region.fleet.member(device)?.presence ? '' : '; its device is not connected'
      const reported = campaign.reportedToMs.get(sensor)
      const until =
        reported === undefined ? 'nothing reported yet' : `reported up to ${new Date(reported).toISOString()}`
      reasons.push(`${label(device)}, sensor ${sensor}, measures for cell ${cell}: ${until}${online}.`)
    }
    for (const { sensor, device, reason } of excluded.slice(0, EXCLUDED_SHOWN_MAX)) {
      reasons.push(`${label(device)}, sensor ${sensor}, is not asked: ${reason}.`)
    }
  } else {
    const alone = kept.filter(({ kind }) => kind.startsWith(SENSOR)).slice(0, EXCLUDED_SHOWN_MAX)
    for (const { kind, reason } of alone) reasons.push(`Sensor ${kind.slice(SENSOR.length)} was not asked: ${reason}.`)
  }
  reasons.push(
    ...passWords(
      'Sensors',
      'it',
      kept.filter(({ kind }) => !kind.startsWith(SENSOR)),
    ),
  )
  const recent = recentJudgements(row, store)
  for (const [code, count] of countCodes(recent)) {
    reasons.push(`${count} readings of the last ${RECENT_WINDOWS} windows are flagged '${code}'.`)
  }
  for (const [reason, count] of countUnpaid(recent)) {
    reasons.push(
      `${count} times in the last ${RECENT_WINDOWS} windows sensors were not paid: ${UNPAID[reason] ?? reason}.`,
    )
  }
  return {
    summary: summaryOf(row, assigned.size, spec.quantity),
    reasons,
    facts: {
      quantity: spec.quantity,
      sensors: campaign?.assigned.size ?? 0,
      readings: row.readings,
      accepted: row.accepted,
      rejected: row.rejected,
      late: row.late,
      paidMicro: `${row.paidMicro}`,
      feeMicro: `${row.feeMicro}`,
      budgetMicro: `${row.budgetMicro}`,
      frameBytes: row.frameBytes,
    },
  }
}

type CampaignDevice = JudgementRow['device']

function summaryOf(row: CampaignRow, sensors: number, quantity: string): string {
  const spent = `${formatCredits(row.paidMicro + row.feeMicro)} of ${formatCredits(row.budgetMicro)} credits are spent`
  if (row.state === 'running') {
    return sensors === 0
      ? `It waits: no sensor of ${quantity} in its area belongs to the region.`
      : `It runs: ${row.accepted} of ${row.readings} readings were accepted; ${spent}.`
  }
  if (row.state === 'settling') return `Nothing more is measured; late readings are still judged and paid; ${spent}.`
  const why = row.reason === '' ? '' : ` because ${row.reason}`
  return `It is ${row.state}${why}; ${row.accepted} of ${row.readings} readings were accepted; ${spent}.`
}

function recentJudgements(row: CampaignRow, store: Pick<Store, 'judgements' | 'windows'>): JudgementRow[] {
  const { windowMs } = parseStoredCampaign(row.spec)
  const [newest] = store.windows({ campaign: row.id, newestFirst: true, limit: 1 })
  if (newest === undefined) return []
  return store.judgements({ campaign: row.id, fromMs: newest.windowMs - (RECENT_WINDOWS - 1) * windowMs })
}

function countCodes(rows: readonly JudgementRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { flags } of rows) {
    for (const code of readFlags(flags).flatMap(codesOf)) counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return counts
}

function countUnpaid(rows: readonly JudgementRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { unpaidReason } of rows) {
    if (unpaidReason !== '') counts.set(unpaidReason, (counts.get(unpaidReason) ?? 0) + 1)
  }
  return counts
}

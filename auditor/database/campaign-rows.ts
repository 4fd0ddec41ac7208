/** The rows of campaigns against their terms, payments and ends. */
import { type CampaignEndEntry, type CampaignEntry, equalBytes, utf8 } from '../../protocol/index.ts'
import type { OpenCampaign } from '../replay/campaigns.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import type { RowScene } from './row-scene.ts'
import { readCampaign } from './window-values.ts'

const TERMS =
  'SELECT c.submitter, c.fee_basis_points, c.budget_micro, c.created_at_ms, c.start_ms, c.end_ms, s.spec ' +
  'FROM campaign c LEFT JOIN campaign_spec s ON s.campaign = c.no WHERE c.id = ?'
const STATE = 'SELECT state, reason, finished_at_ms, paid_micro, fee_micro FROM campaign WHERE id = ?'
const OPEN_STATES = ['running', 'settling']
const END_STATES = ['done', 'cancelled', 'failed']

/** Compares campaigns while their log is replayed. */
export class CampaignRows {
  private readonly scene: RowScene

  constructor(scene: RowScene) {
    this.scene = scene
  }

  /** The terms of a campaign have been told. */
  begin(entry: CampaignEntry, index: number): void {
    const { db, hash, problems } = this.scene
    const name = `The campaign ${entry.campaign}`
    const row = db.get(TERMS, entry.campaign)
    const expected = {
      submitter: entry.submitter,
      fee_basis_points: BigInt(entry.feeBasisPoints),
      budget_micro: entry.budgetMicro,
      created_at_ms: BigInt(entry.atMs),
    }
    compareRow(problems, 'row.campaign', name, index, expected, row)
    if (row === undefined) return
    if (typeof row.spec === 'string' && equalBytes(hash(utf8(row.spec)), entry.spec)) {
      const times = timesOf(row.spec, entry.atMs)
      if (times !== null) compareRow(problems, 'row.campaign', name, index, times, row)
    } else problems.add('row.spec', index, `The specification of campaign ${entry.campaign} is not the one of the log.`)
  }

  /** A campaign is about to end. */
  end(entry: CampaignEndEntry, index: number): void {
    const campaign = this.scene.replay.campaigns.find(entry.campaign)
    if (campaign !== undefined) this.compare(campaign, entry, index)
  }

  finish(): void {
    const { db, replay, problems } = this.scene
    for (const campaign of replay.campaigns.allOpen()) this.compare(campaign, null, null)
    const beganMs = BigInt(replay.genesis?.atMs ?? 0)
    for (const { id, created_at_ms } of db.each('SELECT id, created_at_ms FROM campaign')) {
      if (replay.campaigns.isKnown(String(id))) continue
      if (replay.startsFromBalances && (created_at_ms as bigint) <= beganMs) continue
      problems.add('row.campaign', null, `The campaign ${id} is in the database and not in the log.`)
    }
  }

  private compare(campaign: OpenCampaign, end: CampaignEndEntry | null, index: number | null): void {
    const row = this.scene.db.get(STATE, campaign.id)
    if (row === undefined) return
    const states = end === null ? OPEN_STATES : END_STATES
    const expected: Row = {
      state: states.includes(String(row.state)) ? String(row.state) : states.join(' or '),
      finished_at_ms: end === null ? null : BigInt(end.atMs),
      paid_micro: campaign.paidMicro,
      fee_micro: end === null ? campaign.feeMicro : campaign.takenMicro,
      ...(end === null ? { reason: '' } : {}),
    }
    compareRow(this.scene.problems, 'row.campaign', `The campaign ${campaign.id}`, index, expected, row)
  }
}

/**
 * Whole windows from the beginning of the one in which it starts; null for a specification of another version.
 * @see spec/clauses.md [SENSE-2.1]
 */
function timesOf(json: string, takenAtMs: number): Row | null {
  const spec = readCampaign(json)
  if (spec === null) return null
  const { startMs, windowMs, durationMs } = spec
  const fromMs = Math.floor((startMs ?? takenAtMs) / windowMs) * windowMs
  return { start_ms: BigInt(fromMs), end_ms: BigInt(fromMs + Math.ceil(durationMs / windowMs) * windowMs) }
}

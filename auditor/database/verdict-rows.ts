/** The judgements and windows of campaigns against the verdicts of the log. */
import type { VerdictEntry, VerdictLine } from '../../protocol/index.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import type { RowScene } from './row-scene.ts'

const JUDGEMENT =
  'SELECT j.revision, j.frame_max, j.frame_first, j.flags, j.readings, j.accepted, j.paid_readings, d.id AS device ' +
  'FROM judgement j LEFT JOIN device d ON d.no = j.device ' +
  'WHERE j.campaign = (SELECT no FROM campaign WHERE id = ?) AND j.window_ms = ? AND j.sensor = (SELECT no FROM sensor WHERE id = ?)'
const WINDOWS =
  'SELECT cell, judged_at_ms FROM cell_window WHERE campaign = (SELECT no FROM campaign WHERE id = ?) AND window_ms = ? AND revision = ?'

/** Looks at each verdict whether a row is still of it: a row is of the newest that speaks of it. */
export class VerdictRows {
  private readonly scene: RowScene
  private readonly judgement: (campaign: string, windowMs: number, sensor: string) => Row | undefined
  /** `frameMax` of the first verdict of each window, by open campaign. */
  private readonly first = new Map<string, Map<number, number>>()
  private judgements = 0n
  private cells = 0n
  /** The verdict that was told last; a long one comes in several entries. */
  private last = ''

  constructor(scene: RowScene) {
    this.scene = scene
    this.judgement = scene.db.asking(JUDGEMENT)
  }

  verdict(entry: VerdictEntry, index: number): void {
    const { campaign, windowMs, revision, frameMax, lines } = entry
    if (revision === 1) {
      const first = this.first.get(campaign) ?? new Map<number, number>()
      this.first.set(campaign, first.set(windowMs, frameMax))
    }
    for (const line of lines) this.line(entry, line, index)
    const verdict = `${campaign}/${windowMs}/${revision}`
    if (verdict === this.last) return
    this.last = verdict
    for (const row of this.scene.db.all(WINDOWS, campaign, windowMs, revision)) {
      this.cells++
      const name = `The window ${windowMs} of campaign ${campaign} in ${row.cell}`
      compareRow(this.scene.problems, 'row.window', name, index, { judged_at_ms: BigInt(entry.atMs) }, row)
    }
  }

  /** A campaign is over, and its windows with it. */
  end(campaign: string): void {
    this.first.delete(campaign)
  }

  finish(): void {
    const { replay } = this.scene
    // What was judged before the log is not in it.
    if (replay.startsFromBalances) return
    this.expectCount('row.judgement', 'judgement', this.judgements)
    this.expectCount('row.window', 'cell_window', this.cells)
  }

  private line({ campaign, windowMs, revision, frameMax }: VerdictEntry, line: VerdictLine, index: number): void {
    const { hash, problems } = this.scene
    const { sensor, device, readings, accepted, paidReadings, flags } = line
    const name = `The judgement of sensor ${sensor} in window ${windowMs} of campaign ${campaign}`
    const row = this.judgement(campaign, windowMs, sensor)
    if (row !== undefined && (row.revision as bigint) > BigInt(revision)) return
    const frameFirst = this.first.get(campaign)?.get(windowMs)
    const expected = {
      revision: BigInt(revision),
      device,
      readings: BigInt(readings),
      accepted: BigInt(accepted),
      paid_readings: BigInt(paidReadings),
      frame_max: BigInt(frameMax),
      flags,
      ...(frameFirst === undefined ? {} : { frame_first: BigInt(frameFirst) }),
    }
    const found = row && { ...row, flags: hash(row.flags as Uint8Array) }
    compareRow(problems, 'row.judgement', name, index, expected, found)
    if (row?.revision === BigInt(revision)) this.judgements++
  }

  private expectCount(rule: 'row.judgement' | 'row.window', table: string, expected: bigint): void {
    const found = this.scene.db.get(`SELECT count(*) AS rows FROM ${table}`)?.rows
    if (found === expected) return
    this.scene.problems.add(rule, null, `There are ${found} rows of ${table}, and the log speaks of ${expected}.`)
  }
}

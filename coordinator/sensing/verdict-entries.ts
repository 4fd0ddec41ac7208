/** What the public log says of a judged window. */
import { createHash } from 'node:crypto'
import { LIMITS, type SensorId, type VerdictEntry } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Campaign, WindowState } from './campaign.ts'
import { flagBytes } from './flags.ts'
import type { SeriesVerdict } from './judge-window.ts'
import type { Award } from './pay.ts'

/**
 * Says what was decided about every sensor that sent readings for a window; comes before the payments. A window of which no readings are left
 * has been judged too, so its revision is told without a line.
 */
export function recordVerdict(
  { row }: Campaign,
  { windowMs, revision, frameMax }: WindowState,
  verdicts: readonly SeriesVerdict[],
  awards: ReadonlyMap<SensorId, Award>,
  nowMs: number,
  batch: Batch,
): void {
  const lines = verdicts
    .filter(({ flags }) => flags.length > 0)
    .map(({ member, flags, accepted }) => ({
      sensor: member.sensor,
      device: member.device,
      readings: flags.length,
      accepted,
      paidReadings: awards.get(member.sensor)?.paidReadings ?? 0,
      flags: createHash('sha256').update(flagBytes(flags)).digest(),
    }))
  const head = { type: 'verdict', atMs: Math.round(nowMs), campaign: row.id, windowMs, revision, frameMax } as const
  let at = 0
  do {
    batch.record({ ...head, lines: lines.slice(at, at + LIMITS.verdictLinesMax) } satisfies VerdictEntry)
    at += LIMITS.verdictLinesMax
  } while (at < lines.length)
}

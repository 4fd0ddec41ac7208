/** What the verdicts of one sensor in one window rest on, gathered anew from the frames that were looked at then. */
import {
  codesOf,
  type Evidence,
  type Flags,
  isAccepted,
  type Point,
  QUALITY_VERSION,
  type SensorId,
  type VerdictCode,
} from '../../protocol/index.ts'
import { type EvidencePorts, gatherEvidence, neighboursOf, type Series } from '../sensing/evidence.ts'
import { readFlags } from '../sensing/flags.ts'
import { ownFlags } from '../sensing/judge-window.ts'
import { storedQuestion } from '../sensing/stored-question.ts'
import type { CampaignRow, JudgementRow } from '../store/rows.ts'

/**
 * @param rows - every judgement of the window, which name its sensors and where they stood
 * @returns null when the sensor has none among them
 */
export function evidenceOf(
  ports: EvidencePorts,
  campaign: CampaignRow,
  rows: readonly JudgementRow[],
  sensor: SensorId,
): Evidence | null {
  const row = rows.find(judgement => judgement.sensor === sensor)
  if (row === undefined) return null
  const question = storedQuestion(campaign, row, rows)
  const series = completed(gatherEvidence(ports, question))
  const self = series.find(({ member }) => member.sensor === sensor)
  if (self === undefined) return null
  const { windowMs, frameMax, revision, cell, rank, paidReadings, paidMicro, unpaidReason } = row
  return {
    version: QUALITY_VERSION,
    campaign: campaign.id,
    sensor,
    windowMs,
    windowLengthMs: question.spec.windowMs,
    revision,
    frameMax,
    flags: readFlags(row.flags),
    input: self.input,
    elevationM: self.member.place.elevationM,
    neighbours: neighboursOf(self, series, acceptedPoints),
    extraFlags: extraFlags(self.taken.map(({ flags }) => flags)),
    cell,
    rank,
    paidReadings,
    paidMicro: `${paidMicro}`,
    unpaidReason,
  }
}

/** What steps that can be taken by and by come to, all at once. */
function completed<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

function acceptedPoints(series: Series): Point[] {
  const flags = ownFlags(series)
  return series.input.points.filter((_, i) => isAccepted(flags[i] ?? 0))
}

function extraFlags(flags: readonly Flags[]): { index: number; codes: VerdictCode[] }[] {
  return flags.flatMap((value, index) => (value === 0 ? [] : [{ index, codes: codesOf(value) }]))
}

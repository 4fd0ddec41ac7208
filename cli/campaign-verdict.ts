/** The region's verdict about one reading, computed again here from the evidence it was made from. */
import {
  ConfigError,
  codesOf,
  type Evidence,
  explainVerdict,
  type Flags,
  isAccepted,
  judge,
  QUALITY_VERSION,
  type SensorSummary,
  type VerdictInput,
} from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'
import { formatMicro, formatTime } from './terminal/format.ts'

/** A verdict, and whether this computer comes to the same. */
export interface ReadingVerdict {
  readonly campaign: string
  readonly sensor: string
  readonly cell: string
  /** Region time of the reading that was meant. */
  readonly atMs: number
  readonly value: number | null
  readonly codes: readonly string[]
  readonly accepted: boolean
  /** `same`: computed here from the evidence. `differs`: it came out otherwise here. `other_version`: by rules this program does not have. */
  readonly recomputed: 'same' | 'differs' | 'other_version'
  /** Readings of the window whose verdicts differ here. */
  readonly differing: number
  readonly version: number
  readonly revision: number
  readonly frameMax: number
  /** Why the verdict is what it is, by the computation here. */
  readonly sentences: readonly string[]
  readonly rank: number
  readonly paidReadings: number
  readonly paidMicro: string
  readonly unpaidReason: string
}

/**
 * The campaign that measured with a sensor at a time.
 * @throws {ConfigError} `not_found` when there is none, `bad_option` when there are several
 */
export async function campaignAt(api: AdminClient, sensor: SensorSummary, atMs: number): Promise<string> {
  const quantities = sensor.channels.map(({ quantity }) => quantity)
  const campaigns = (await api.campaignList({})).filter(
    ({ quantity, startMs, endMs }) => quantities.includes(quantity) && startMs <= atMs && atMs < endMs,
  )
  const [first] = campaigns
  if (first !== undefined && campaigns.length === 1) return first.id
  if (first === undefined) {
    const message = `No campaign measured ${quantities.join(' or ')} at ${formatTime(atMs)}, so nothing was judged.`
    throw new ConfigError({ code: 'not_found', path: sensor.id }, message)
  }
  const names = campaigns.map(({ id, quantity }) => `${id} (${quantity})`).join(', ')
  const reason = `${campaigns.length} campaigns measured then: ${names}`
  throw new ConfigError({ code: 'bad_option', path: 'campaign', reason }, `Say which one with --campaign: ${reason}.`)
}

/**
 * Judges the window once more and compares.
 * @param atMs - a time at most a period from the reading that is meant
 * @throws {ConfigError} `not_found` when no reading is near enough
 */
export function verdictOf(evidence: Evidence, atMs: number): ReadingVerdict {
  const { input: series, elevationM, neighbours, extraFlags } = evidence
  const index = nearestReading(evidence, atMs)
  const point = series.points[index]
  const input: VerdictInput = { series, elevationM, neighbours, extraFlags }
  const computed = judge(input)
  const differing = countDiffering(computed, evidence.flags)
  const flags = evidence.flags[index] ?? 0
  const isKnown = evidence.version === QUALITY_VERSION
  const { campaign, sensor, cell, version, revision, frameMax, rank, paidReadings, paidMicro, unpaidReason } = evidence
  return {
    campaign,
    sensor,
    cell,
    atMs: point?.atMs ?? atMs,
    value: point?.value ?? null,
    codes: codesOf(flags),
    accepted: isAccepted(flags),
    recomputed: isKnown ? (differing === 0 ? 'same' : 'differs') : 'other_version',
    differing,
    version,
    revision,
    frameMax,
    sentences: explainVerdict(input, index),
    rank,
    paidReadings,
    paidMicro,
    unpaidReason,
  }
}

function nearestReading({ input: { points, periodMs }, sensor }: Evidence, atMs: number): number {
  let best = -1
  let bestGapMs = Number.POSITIVE_INFINITY
  points.forEach((point, index) => {
    const gapMs = Math.abs(point.atMs - atMs)
    if (gapMs < bestGapMs) [best, bestGapMs] = [index, gapMs]
  })
  if (bestGapMs <= periodMs) return best
  const message = `Sensor ${sensor} has no reading near ${formatTime(atMs)} in that window.`
  throw new ConfigError({ code: 'not_found', path: sensor }, message)
}

function countDiffering(computed: readonly Flags[], told: readonly Flags[]): number {
  const count = Math.max(computed.length, told.length)
  return Array.from({ length: count }, (_, i) => computed[i] !== told[i]).filter(Boolean).length
}

/** The sentence about what the window paid. */
export function paymentSentence({ rank, paidReadings, paidMicro, unpaidReason, cell }: ReadingVerdict): string {
  const place = `The sensor was number ${rank} in cell ${cell} in this window`
  if (paidReadings > 0) return `${place} and was paid ${formatMicro(paidMicro)} for ${paidReadings} readings.`
  return `${place} and was not paid${unpaidReason === '' ? '' : ` (${unpaidReason})`}.`
}

/** The sentence about the computation here. */
export function recomputationSentence({ recomputed, differing, version }: ReadingVerdict): string {
  if (recomputed === 'same') {
    return `Computed again here from the evidence (rules version ${version}): every verdict of the window is the same.`
  }
  if (recomputed === 'other_version') {
    return `It was judged by version ${version} of the rules, and this program has version ${QUALITY_VERSION}: it cannot check it.`
  }
  return `Computed again here from the evidence, ${differing} verdicts of the window DIFFER: keep this output, and ask the operator.`
}

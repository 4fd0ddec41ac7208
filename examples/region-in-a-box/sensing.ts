/** The second half of the example: sensors are read, judged and paid, and the verdicts compared with what was known beforehand. */
import type { SubmitterClient } from 'hedgerow/client'
import type { AdminClient } from '../../cli/admin-client.ts'
import type { Io } from '../../cli/io.ts'
import { formatCount } from '../../cli/terminal/format.ts'
import type { Device } from '../../coordinator/http/admin-api.ts'
import type { Campaign, CellWindow, SensorReading, VerdictCode } from '../../protocol/index.ts'
import { labelsOf, MOTE_PERIOD_MS, MOTES, type Mote } from './motes.ts'

/** The part of the outcome that `--json` prints as `sensing`. */
export interface SensingOutcome {
  readings: number
  accepted: number
  rejected: number
  late: number
  bytesPerReading: number
  /** Of the motes' readings: those with a label that a check rejected, those without one, and labelled ones that were accepted. */
  labelled: { truePositive: number; falsePositive: number; falseNegative: number }
  paidMicro: string
}

export interface SensingReport {
  outcome: SensingOutcome
  campaigns: Campaign[]
  /** The newest window of each cell, by campaign. */
  latest: Map<string, CellWindow[]>
  /** How often each code was given, by campaign. */
  codes: Map<string, Map<VerdictCode, number>>
  /** What each mote's device earned by sensing, by label. */
  earnedMicro: Map<string, bigint>
}

const POLL_MS = 200
const TIMEOUT_MS = 180_000
const QUIET_MS = 4_000
const WINDOW_MS = 300_000
/** Readings in an hour, and the end of the recordings. */
const DURATION_MS = 8 * 3_600_000
/** The box around the motes. */
const AREA = { box: [36.06, -79.82, 36.08, -79.8] }

/** When the recordings begin, so that they end a moment ago. */
export function recordingsStartMs(nowMs: number): number {
  const longest = Math.max(...MOTES.map(mote => labelsOf(mote).length))
  return Math.floor((nowMs - longest * MOTE_PERIOD_MS - 60_000) / WINDOW_MS) * WINDOW_MS
}

/** Hands the campaigns in, as any submitter does. */
export async function submitCampaigns(client: SubmitterClient, startMs: number, hasDust: boolean): Promise<string[]> {
  const climate = {
    area: AREA,
    resolution: 10,
    periodMs: MOTE_PERIOD_MS,
    windowMs: WINDOW_MS,
    readingsPerFrame: 60,
    priceMicro: 20,
    paidPerCell: 4,
    // A device's ticks lie less than a period before the recorded times.
    startMs: startMs - WINDOW_MS,
    durationMs: DURATION_MS,
    latenessMs: 3_000,
  }
  const dust = { area: AREA, resolution: 10, periodMs: 1_000, windowMs: 5_000, readingsPerFrame: 5, priceMicro: 20 }
  const campaigns = [
    { ...climate, name: 'warmth of the motes', quantity: 'temperature' },
    { ...climate, name: 'damp of the motes', quantity: 'humidity' },
    ...(hasDust
      ? [{ ...dust, name: 'dust of the street', quantity: 'pm2.5', durationMs: 3_600_000, latenessMs: 2_000 }]
      : []),
  ]
  const ids: string[] = []
  for (const campaign of campaigns) ids.push((await client.submitCampaign(campaign)).id)
  return ids
}

/**
 * Waits until every recorded reading has been judged, saying how far it is. The motes begin with the first campaign, so the second may
 * lack what they gave before it came.
 */
export async function watchSensing(io: Io, admin: AdminClient, ids: readonly string[], json: boolean): Promise<void> {
  const expected = MOTES.reduce((sum, mote) => sum + labelsOf(mote).length, 0) * 2
  const endMs = io.clock.monotonicMs() + TIMEOUT_MS
  let sayMs = 0
  let lastReadings = 0
  let quietSinceMs = io.clock.monotonicMs()
  for (;;) {
    const campaigns = await Promise.all(ids.slice(0, 2).map(id => admin.campaign(id)))
    const readings = campaigns.reduce((sum, campaign) => sum + campaign.readings, 0)
    if (readings !== lastReadings) quietSinceMs = io.clock.monotonicMs()
    lastReadings = readings
    const isQuiet = io.clock.monotonicMs() > quietSinceMs + QUIET_MS
    const isComplete = campaigns.some(campaign => campaign.readings >= expected / campaigns.length)
    const isDone = readings >= expected || (isComplete && isQuiet) || io.clock.monotonicMs() > endMs
    if (!json && (isDone || io.clock.monotonicMs() >= sayMs)) {
      io.stdout.write(`  ${formatCount(readings)} of ${formatCount(expected)} recorded readings judged\n`)
      sayMs = io.clock.monotonicMs() + 5_000
    }
    if (isDone) return
    await new Promise<void>(resolve => io.clock.setTimeout(resolve, POLL_MS))
  }
}

/**
 * Ends what still measures, and gathers what everybody did.
 * @param startMs - of the recordings
 * @param before - the devices before there was any sensing
 */
export async function reportSensing(
  admin: AdminClient,
  ids: readonly string[],
  startMs: number,
  before: readonly Device[],
): Promise<SensingReport> {
  const campaigns: Campaign[] = []
  const latest = new Map<string, CellWindow[]>()
  const codes = new Map<string, Map<VerdictCode, number>>()
  for (const id of ids) {
    campaigns.push(await admin.campaignStop(id))
    latest.set(id, newestOfEachCell(await admin.campaignWindows(id, {})))
    codes.set(id, new Map())
  }
  const sensors = await admin.sensorList()
  const verdicts = new Map<Mote, boolean[]>()
  for (const sensor of sensors) {
    const mote = MOTES.find(({ number }) => sensor.serial === `telosb-${number}`)
    for (const { id, quantity } of campaigns) {
      if (!sensor.channels.some(channel => channel.quantity === quantity)) continue
      const readings = await readingsOf(admin, sensor.id, id)
      for (const code of readings.flatMap(reading => reading.codes ?? [])) {
        const counts = codes.get(id) ?? new Map<VerdictCode, number>()
        codes.set(id, counts.set(code, (counts.get(code) ?? 0) + 1))
      }
      if (mote !== undefined) noteRejected(verdicts, mote, readings, startMs)
    }
  }
  const total = (pick: (campaign: Campaign) => number) => campaigns.reduce((sum, campaign) => sum + pick(campaign), 0)
  const readings = total(campaign => campaign.readings)
  const paidMicro = campaigns.reduce((sum, { spentMicro, feeMicro }) => sum + BigInt(spentMicro) - BigInt(feeMicro), 0n)
  const outcome = {
    readings,
    accepted: total(({ accepted }) => accepted),
    rejected: total(({ rejected }) => rejected),
    late: total(({ late }) => late),
    bytesPerReading: Math.round((total(({ frameBytes }) => frameBytes) / Math.max(1, readings)) * 100) / 100,
    labelled: compareLabels(verdicts),
    paidMicro: `${paidMicro}`,
  }
  const after = new Map((await admin.deviceList()).map(({ label, earnedMicro }) => [label, BigInt(earnedMicro)]))
  const earned = before
    .filter(({ label }) => MOTES.some(({ device }) => device === label))
    .map(({ label, earnedMicro }) => [label, (after.get(label) ?? 0n) - BigInt(earnedMicro)] as const)
  const earnedMicro = new Map(earned)
  return { outcome, campaigns, latest, codes, earnedMicro }
}

async function readingsOf(admin: AdminClient, sensor: string, campaign: string): Promise<SensorReading[]> {
  const response = await admin.readings(sensor, { campaign, format: 'json' })
  return (await response.json()) as SensorReading[]
}

function newestOfEachCell(windows: readonly CellWindow[]): CellWindow[] {
  const newest = new Map<string, CellWindow>()
  for (const window of windows) if (window.value !== null) newest.set(window.cell, window)
  return [...newest.values()]
}

/** A device's ticks lie less than a period before the recorded times. */
function noteRejected(
  verdicts: Map<Mote, boolean[]>,
  mote: Mote,
  readings: readonly SensorReading[],
  startMs: number,
): void {
  const rejected = verdicts.get(mote) ?? []
  verdicts.set(mote, rejected)
  for (const { atMs, accepted } of readings) {
    if (accepted === false) rejected[Math.ceil((atMs - startMs) / MOTE_PERIOD_MS)] = true
  }
}

function compareLabels(verdicts: ReadonlyMap<Mote, readonly boolean[]>): SensingOutcome['labelled'] {
  const counts = { truePositive: 0, falsePositive: 0, falseNegative: 0 }
  for (const mote of MOTES) {
    const rejected = verdicts.get(mote) ?? []
    for (const [index, isLabelled] of labelsOf(mote).entries()) {
      const isRejected = rejected[index] === true
      if (isLabelled && isRejected) counts.truePositive++
      else if (isRejected) counts.falsePositive++
      else if (isLabelled) counts.falseNegative++
    }
  }
  return counts
}

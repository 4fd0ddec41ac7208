import { codesOf, type Flags, isAccepted, type Location } from '../../../protocol/index.ts'
import { readFlags } from '../../sensing/flags.ts'
import type { JudgementRow } from '../../store/rows.ts'
import type { CampaignWindows, SensingSource } from '../source.ts'
import { type Reading, readingsIn, type Series } from './reading.ts'
import type { ReadingsReader } from './readings-reader.ts'

/** Windows whose flags are kept: a few campaigns judge a series at the same time. */
const WINDOWS_KEPT = 32

/** A judged window of a series: the flags of each moment. Null when it has not been judged. */
interface JudgedWindow {
  readonly row: JudgementRow
  readonly flags: ReadonlyMap<number, Flags>
}

/** Finds what campaigns have said about readings. */
export class Verdicts {
  private readonly source: SensingSource
  private readonly reader: ReadingsReader
  private readonly campaigns = new Map<string, readonly CampaignWindows[]>()
  private readonly windows = new Map<string, JudgedWindow | null>()

  constructor(source: SensingSource, reader: ReadingsReader) {
    this.source = source
    this.reader = reader
  }

  /** All that has been said against a reading, by whichever campaign; null when none has judged it. */
  flagsOf(series: Series, reading: Reading): Flags | null {
    let flags: Flags | null = null
    for (const campaign of this.campaignsOf(series.quantity)) {
      const said = this.flagsBy(campaign, series, reading)
      if (said !== null) flags = (flags ?? 0) | said
    }
    return flags
  }

  /** What one campaign has said about a reading; null when it has not judged it. */
  flagsBy(campaign: CampaignWindows, series: Series, reading: Reading): Flags | null {
    return this.judgementOf(campaign, series, reading)?.flags.get(reading.atMs) ?? null
  }

  /** Where the sensor stood when a reading was judged; null when nobody has judged it. */
  placeOf(series: Series, reading: Reading): Location | null {
    for (const campaign of this.campaignsOf(series.quantity)) {
      const window = this.judgementOf(campaign, series, reading)
      if (window === null) continue
      const [latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor] = JSON.parse(window.row.place)
      return { latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor }
    }
    return null
  }

  private judgementOf(campaign: CampaignWindows, series: Series, reading: Reading): JudgedWindow | null {
    const { startMs, endMs, windowMs } = campaign
    const { atMs, device, frame } = reading
    if (atMs < startMs || atMs >= endMs) return null
    const window = this.windowOf(campaign, series, startMs + Math.floor((atMs - startMs) / windowMs) * windowMs)
    // A later frame can still bring a reading that the judgement has not seen.
    return window === null || window.row.device !== device || frame > window.row.frameMax ? null : window
  }

  private campaignsOf(quantity: string): readonly CampaignWindows[] {
    const known = this.campaigns.get(quantity)
    if (known !== undefined) return known
    const found = this.source.campaignsOf(quantity)
    this.campaigns.set(quantity, found)
    return found
  }

  private windowOf(campaign: CampaignWindows, series: Series, fromMs: number): JudgedWindow | null {
    const key = `${campaign.id}/${series.sensor}/${fromMs}`
    const known = this.windows.get(key)
    if (known !== undefined) return known
    const filter = { campaign: campaign.id, sensor: series.sensor, fromMs, toMs: fromMs + 1 }
    const [row] = this.source.judgements(filter)
    const window = row === undefined ? null : this.judged(row, series, fromMs + campaign.windowMs)
    const oldest = this.windows.size >= WINDOWS_KEPT ? this.windows.keys().next().value : undefined
    if (oldest !== undefined) this.windows.delete(oldest)
    this.windows.set(key, window)
    return window
  }

  /** Gives the flags of a judgement to the moments they are about, from the frames it looked at. */
  private judged(row: JudgementRow, series: Series, toMs: number): JudgedWindow | null {
    const { windowMs: fromMs, device, frameMax: idMax } = row
    const moments = new Set<number>()
    for (const frame of this.source.frames({ ...series, device, fromMs, toMs, idMax })) {
      for (const { atMs } of readingsIn(this.reader.opened(frame), series, fromMs, toMs)) moments.add(atMs)
    }
    const flags = readFlags(row.flags)
    if (moments.size !== flags.length) return null
    const ascending = [...moments].sort((a, b) => a - b)
    return { row, flags: new Map(ascending.map((atMs, index) => [atMs, flags[index] ?? 0])) }
  }
}

/** A verdict for people and programs: `unverified`, `accepted`, or the codes of what is wrong joined by `+`, `accepted` first when none of them rejects. */
export function verdictText(flags: Flags | null): string {
  if (flags === null) return 'unverified'
  const codes = codesOf(flags)
  return (isAccepted(flags) ? ['accepted', ...codes] : codes).join('+')
}

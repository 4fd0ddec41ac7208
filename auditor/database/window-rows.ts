/** Judgements and windows against each other, against the payments for them, and against the frames they rest on. */
import { type CampaignSpec, flag, isAccepted, messageOf } from '../../protocol/index.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import type { Profiles } from './profiles.ts'
import type { RowScene } from './row-scene.ts'
import { readCampaign, readingsOf, type SentReading, valuesOf } from './window-values.ts'

const JUDGEMENTS =
  'SELECT j.*, c.id AS campaign_id, s.id AS sensor_id FROM judgement j ' +
  'LEFT JOIN campaign c ON c.no = j.campaign LEFT JOIN sensor s ON s.no = j.sensor ORDER BY j.campaign, j.window_ms, j.sensor'
const CELLS = 'SELECT * FROM cell_window WHERE campaign = ? AND window_ms = ?'
const PAID = 'SELECT coalesce(sum(amount_micro), 0) AS micro FROM transfer WHERE purpose >= ? AND purpose < ?'
const SPEC = 'SELECT spec FROM campaign_spec WHERE campaign = ?'
const CAMPAIGNS = 'SELECT no, id, readings, accepted, rejected, late FROM campaign'

const UNPAID_REASONS = ['', 'nothing_accepted', 'rank', 'same_device', 'relocated', 'standing', 'budget']
/** 15 hexadecimal digits of an H3 index of mode 1. */
const CELL = /^8[0-9a-f]{14}$/
const PLACE = /^\[-?\d{1,8},-?\d{1,9},-?\d{1,5},(?:true|false)\]$/

interface Counts {
  readings: bigint
  accepted: bigint
  late: bigint
}

/** Goes through the judgements window by window. */
export class WindowRows {
  private readonly scene: RowScene
  private readonly profiles: Profiles
  private readonly counts = new Map<bigint, Counts>()
  private readonly paid: (from: string, to: string) => Row | undefined
  private spec: { readonly campaign: bigint; readonly spec: CampaignSpec | null } | null = null

  constructor(scene: RowScene, profiles: Profiles) {
    this.scene = scene
    this.profiles = profiles
    this.paid = scene.db.asking(PAID)
  }

  compare(): void {
    let window: Row[] = []
    for (const row of this.scene.db.each(JUDGEMENTS)) {
      const [first] = window
      if (first !== undefined && (first.campaign !== row.campaign || first.window_ms !== row.window_ms)) {
        this.window(window)
        window = []
      }
      this.judgement(row)
      window.push(row)
    }
    if (window.length > 0) this.window(window)
    for (const { no, id, ...counted } of this.scene.db.all(CAMPAIGNS)) {
      const { readings, accepted, late } = this.counts.get(no as bigint) ?? { readings: 0n, accepted: 0n, late: 0n }
      const expected = { readings, accepted, rejected: readings - accepted, late }
      compareRow(this.scene.problems, 'row.campaign', `The campaign ${id}`, null, expected, counted)
    }
  }

  private judgement(row: Row): void {
    const { problems } = this.scene
    const { campaign_id, window_ms, sensor_id, cell, place, unpaid_reason, rank } = row
    const name = nameOf(row)
    const flags = flagsOf(row)
    const accepted = flags.filter(isAccepted).length
    const prefix = `sense/${campaign_id}/${window_ms}/${sensor_id}`
    const expected = {
      readings: BigInt(flags.length),
      accepted: BigInt(accepted),
      // The next character after the slash ends the range.
      paid_micro: this.paid(`${prefix}/`, `${prefix}0`)?.micro ?? null,
    }
    compareRow(problems, 'row.judgement', name, null, expected, row)
    const reason = String(unpaid_reason)
    const isReason = UNPAID_REASONS.includes(reason) && (reason === 'nothing_accepted') === (accepted === 0)
    const isPlace = PLACE.test(String(place)) && CELL.test(String(cell))
    if (!isReason || !isPlace || (rank as bigint) < 1n) {
      const found = `the place ${place} in ${cell}, the rank ${rank} and the reason '${reason}'`
      problems.add('row.judgement', null, `${name} has ${found}, which do not go together.`)
    }
    const counts = this.counts.get(row.campaign as bigint) ?? { readings: 0n, accepted: 0n, late: 0n }
    counts.readings += row.readings as bigint
    counts.accepted += row.accepted as bigint
    counts.late += BigInt(flags.filter(value => (value & flag('late')) !== 0).length)
    this.counts.set(row.campaign as bigint, counts)
  }

  /** Only the newest revision of a window has all its judgements still. */
  private window(judgements: readonly Row[]): void {
    const [first] = judgements
    if (first === undefined) return
    const newest = judgements.reduce(
      (most, { revision }) => ((revision as bigint) > most ? (revision as bigint) : most),
      0n,
    )
    const cells = new Map<string, Row[]>()
    for (const row of judgements) {
      if (row.revision !== newest) continue
      const cell = cells.get(String(row.cell)) ?? []
      cells.set(String(row.cell), cell)
      cell.push(row)
    }
    const rows = new Map<string, Row>()
    for (const row of this.scene.db.all(CELLS, first.campaign as bigint, first.window_ms as bigint)) {
      if (row.revision === newest) rows.set(String(row.cell), row)
    }
    for (const cell of new Set([...cells.keys(), ...rows.keys()])) {
      this.cell(cell, first, cells.get(cell) ?? [], rows.get(cell))
    }
  }

  private cell(cell: string, first: Row, judgements: readonly Row[], row: Row | undefined): void {
    const { problems } = this.scene
    const name = `The window ${first.window_ms} of campaign ${first.campaign_id} in ${cell}`
    if (row === undefined) {
      problems.add('row.window', null, `${name} was judged and is not in the database.`)
      return
    }
    const sum = (column: string) => judgements.reduce((total, judgement) => total + (judgement[column] as bigint), 0n)
    const expected = { readings: sum('readings'), accepted: sum('accepted'), sensors: BigInt(judgements.length) }
    compareRow(problems, 'row.window', name, null, expected, row)
    this.compareRanks(name, judgements)
    const values = this.valuesOf(judgements)
    if (values !== null) compareRow(problems, 'row.window', name, null, values, row)
  }

  /** Whoever has more accepted readings comes first; sensors without any, or without a reading at all, share what is left. */
  private compareRanks(name: string, judgements: readonly Row[]): void {
    const ranked = judgements.filter(({ accepted }) => accepted !== 0n)
    ranked.sort((a, b) => Number((a.rank as bigint) - (b.rank as bigint)))
    const isOrdered = ranked.every(({ rank, accepted }, i) => {
      return rank === BigInt(i + 1) && (accepted as bigint) <= ((ranked[i - 1]?.accepted ?? accepted) as bigint)
    })
    const others = judgements.filter(({ accepted }) => accepted === 0n)
    const isDistinct = new Set(others.map(({ rank }) => rank)).size === others.length
    if (isOrdered && isDistinct && others.every(({ rank }) => (rank as bigint) > BigInt(ranked.length))) return
    this.scene.problems.add('row.judgement', null, `${name}: its sensors are not ranked by their accepted readings.`)
  }

  /** Null when the campaign cannot be read, which is said elsewhere. */
  private valuesOf(judgements: readonly Row[]): Row | null {
    const [first] = judgements
    const spec = first === undefined ? null : this.specOf(first.campaign as bigint)
    if (spec === null) return null
    const accepted: SentReading[] = []
    for (const row of judgements) {
      const flags = flagsOf(row)
      const readings = this.readings(spec, row)
      if (readings === null) return null
      if (readings.length !== flags.length) {
        const found = `${flags.length} readings were judged, and its frames have ${readings.length}`
        this.scene.problems.add('row.judgement', null, `${nameOf(row)}: ${found}.`)
        return null
      }
      accepted.push(...readings.filter(({ scaled }, i) => scaled !== null && isAccepted(flags[i] ?? 0)))
    }
    return valuesOf(spec.aggregate, accepted)
  }

  private readings(spec: CampaignSpec, row: Row): SentReading[] | null {
    const { device, window_ms, frame_max } = row
    const question = { sensor: String(row.sensor_id), device: device as bigint, windowMs: Number(window_ms) }
    try {
      return readingsOf(this.scene.db, this.profiles, spec, { ...question, frameMax: frame_max as bigint })
    } catch (error) {
      this.scene.problems.add('row.frame', null, `${nameOf(row)} rests on a frame that fails: ${messageOf(error)}`)
      return null
    }
  }

  private specOf(campaign: bigint): CampaignSpec | null {
    if (this.spec?.campaign !== campaign) {
      this.spec = { campaign, spec: readCampaign(this.scene.db.get(SPEC, campaign)?.spec) }
    }
    return this.spec.spec
  }
}

const nameOf = ({ campaign_id, window_ms, sensor_id }: Row): string =>
  `The judgement of sensor ${sensor_id} in window ${window_ms} of campaign ${campaign_id}`

/** Two bytes each, big-endian. */
function flagsOf({ flags }: Row): number[] {
  if (!(flags instanceof Uint8Array)) return []
  const view = new DataView(flags.buffer, flags.byteOffset, flags.byteLength)
  return Array.from({ length: flags.length >> 1 }, (_, i) => view.getUint16(i * 2))
}

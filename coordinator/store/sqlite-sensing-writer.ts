import type { DatabaseSync } from 'node:sqlite'
import type { AllRowNumbers } from './row-numbers.ts'
import type { CampaignRow, FrameRow, JudgementRow, PlaceRow, ProfileRow, SensorRow, WindowRow, Write } from './rows.ts'
import { type ColumnsOf, insert, insertSql, upsert, upsertNumbered } from './sqlite-upsert.ts'

const CAMPAIGN: ColumnsOf<Omit<CampaignRow, 'spec'>> = {
  id: 'id',
  submitter: 'submitter',
  ref: 'ref',
  state: 'state',
  reason: 'reason',
  createdAtMs: 'created_at_ms',
  startMs: 'start_ms',
  endMs: 'end_ms',
  finishedAtMs: 'finished_at_ms',
  feeBasisPoints: 'fee_basis_points',
  budgetMicro: 'budget_micro',
  paidMicro: 'paid_micro',
  feeMicro: 'fee_micro',
  readings: 'readings',
  accepted: 'accepted',
  rejected: 'rejected',
  late: 'late',
  frameBytes: 'frame_bytes',
}

const PLACE = ['device', 'latitude_micro_deg', 'longitude_micro_deg', 'elevation_m', 'indoor', 'since_ms']
const SENSOR = ['no', 'id', 'device', 'model', 'serial', 'channels', 'first_seen_ms', 'placed_since_ms', 'rival']
const FRAME = ['id', 'device', 'seq', 'profile', 'received_at_ms', 'from_ms', 'to_ms', 'frame']
const JUDGEMENT = [
  'campaign',
  'window_ms',
  'sensor',
  'device',
  'cell',
  'revision',
  'frame_max',
  'frame_first',
  'place',
  'flags',
  'readings',
  'accepted',
  'rank',
  'paid_readings',
  'paid_micro',
  'unpaid_reason',
]
const WINDOW = [
  'campaign',
  'window_ms',
  'cell',
  'revision',
  'value',
  'least',
  'greatest',
  'readings',
  'accepted',
  'sensors',
  'judged_at_ms',
]

/** Enough for every device that sends at once; about 100 bytes each. */
const SPANS_MAX = 65_536

/** The statements that change rows of sensing. All run within the transaction of whoever calls them. */
export class SqliteSensingWriter {
  private readonly numbers: AllRowNumbers
  private readonly statements: ReturnType<typeof prepare>
  /** The longest time a frame covered, by profile and device, so that most frames need no write for it. */
  private readonly spans = new Map<string, number>()

  constructor(db: DatabaseSync, numbers: AllRowNumbers) {
    this.numbers = numbers
    this.statements = prepare(db, numbers)
  }

  sensor(row: SensorRow): void {
    const { id, model, serial, channels, firstSeenMs, placedSinceMs, rival } = row
    const no = this.numbers.give('sensor', id)
    const device = this.numbers.of('device', row.device)
    const rivalNumber = rival === null ? null : this.numbers.of('device', rival)
    this.statements.sensor(no, id, device, model, serial, channels, firstSeenMs, placedSinceMs, rivalNumber)
  }

  /** A profile that is there stays as it is: its id is the hash of its bytes. */
  profile({ id, bytes, channels }: ProfileRow): void {
    if (this.numbers.has('profile', id)) return
    this.statements.profile(id, bytes)
    const no = this.numbers.of('profile', id)
    for (const [position, { sensor, quantity }] of channels.entries()) {
      this.statements.profileChannel(no, position, sensor, quantity)
    }
  }

  campaign(row: CampaignRow): void {
    const isNew = !this.numbers.has('campaign', row.id)
    this.statements.campaign(row)
    if (isNew) this.statements.campaignSpec(this.numbers.of('campaign', row.id), row.spec)
  }

  /** Applies a write of the tables that only name other rows. The others are not for it. */
  apply(write: Write): void {
    switch (write.table) {
      case 'place':
        this.place(write.row)
        break
      case 'frame':
        this.frame(write.row)
        break
      case 'judgement':
        this.judgement(write.row)
        break
      case 'window':
        this.window(write.row)
    }
  }

  /** Forgets what a failed transaction may have made. */
  forget(): void {
    this.spans.clear()
  }

  private place(row: PlaceRow): void {
    const { latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor, sinceMs } = row
    const device = this.numbers.of('device', row.device)
    this.statements.place(device, latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor ? 1 : 0, sinceMs)
  }

  private frame(row: FrameRow): void {
    const { id, seq, receivedAtMs, fromMs, toMs, frame } = row
    const device = this.numbers.of('device', row.device)
    const profile = this.numbers.of('profile', row.profile)
    this.statements.frame(id, device, seq, profile, receivedAtMs, fromMs, toMs, frame)
    const key = `${profile}/${device}`
    const span = toMs - fromMs
    if (span <= (this.spans.get(key) ?? -1)) return
    this.statements.frameSeries.run(profile, device, span)
    if (this.spans.size >= SPANS_MAX) this.spans.clear()
    this.spans.set(key, span)
  }

  private judgement(row: JudgementRow): void {
    const { windowMs, cell, revision, frameMax, frameFirst, place, flags, readings, accepted, rank } = row
    this.statements.judgement(
      this.numbers.of('campaign', row.campaign),
      windowMs,
      this.numbers.of('sensor', row.sensor),
      this.numbers.of('device', row.device),
      cell,
      revision,
      frameMax,
      frameFirst,
      place,
      flags,
      readings,
      accepted,
      rank,
      row.paidReadings,
      row.paidMicro,
      row.unpaidReason,
    )
  }

  private window(row: WindowRow): void {
    const { windowMs, cell, revision, value, least, greatest, readings, accepted, sensors, judgedAtMs } = row
    this.statements.window(
      this.numbers.of('campaign', row.campaign),
      windowMs,
      cell,
      revision,
      value,
      least,
      greatest,
      readings,
      accepted,
      sensors,
      judgedAtMs,
    )
  }
}

function prepare(db: DatabaseSync, numbers: AllRowNumbers) {
  return {
    place: upsert(db, 'place', ['device'], PLACE),
    sensor: upsert(db, 'sensor', ['id'], SENSOR),
    profile: insert(db, 'profile', ['id', 'bytes']),
    profileChannel: insert(db, 'profile_channel', ['profile', 'position', 'sensor', 'quantity']),
    frame: insert(db, 'frame', FRAME),
    frameSeries: db.prepare(
      `${insertSql('frame_series', ['profile', 'device', 'span_max_ms'])} ON CONFLICT (profile, device) ` +
        'DO UPDATE SET span_max_ms = max(span_max_ms, excluded.span_max_ms)',
    ),
    campaign: upsertNumbered(db, numbers, 'campaign', CAMPAIGN),
    campaignSpec: insert(db, 'campaign_spec', ['campaign', 'spec']),
    judgement: upsert(db, 'judgement', ['campaign', 'window_ms', 'sensor'], JUDGEMENT),
    window: upsert(db, 'cell_window', ['campaign', 'window_ms', 'cell'], WINDOW),
  }
}

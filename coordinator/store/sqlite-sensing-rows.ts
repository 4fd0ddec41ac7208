/** From database columns to rows of sensing, as `sqlite-rows.ts` does for the others. */
import type { CampaignId, DeviceId, ProfileId, SensorId, SubmitterName } from '../../protocol/index.ts'
import type {
  CampaignRow,
  CampaignState,
  FrameRow,
  JudgementRow,
  PlaceRow,
  ProfileRow,
  SensorRow,
  WindowRow,
} from './rows.ts'
import { bigInt, blob, type Columns, int, nullable, text } from './sqlite-columns.ts'

/** A row of `place` with the id of its device as `device_id`. */
export function placeRow(columns: Columns): PlaceRow {
  return {
    device: text(columns, 'device_id') as DeviceId,
    latitudeMicroDeg: int(columns, 'latitude_micro_deg'),
    longitudeMicroDeg: int(columns, 'longitude_micro_deg'),
    elevationM: int(columns, 'elevation_m'),
    indoor: int(columns, 'indoor') === 1,
    sinceMs: int(columns, 'since_ms'),
  }
}

/** A row of `sensor` with the ids of its device and rival as `device_id` and `rival_id`. */
export function sensorRow(columns: Columns): SensorRow {
  return {
    id: text(columns, 'id') as SensorId,
    device: text(columns, 'device_id') as DeviceId,
    model: text(columns, 'model'),
    serial: text(columns, 'serial'),
    channels: text(columns, 'channels'),
    firstSeenMs: int(columns, 'first_seen_ms'),
    placedSinceMs: int(columns, 'placed_since_ms'),
    rival: nullable(text, columns, 'rival_id') as DeviceId | null,
  }
}

/** The bytes of a row of `profile`, and its rows of `profile_channel` in their order. */
export function profileRow(id: ProfileId, bytes: Columns, channels: readonly Columns[]): ProfileRow {
  return {
    id,
    bytes: blob(bytes, 'bytes'),
    channels: channels.map(channel => ({
      sensor: text(channel, 'sensor') as SensorId,
      quantity: text(channel, 'quantity'),
    })),
  }
}

/** A row of `frame` of this profile and device. */
export function frameRow(profile: ProfileId, device: DeviceId, columns: Columns): FrameRow {
  return {
    id: int(columns, 'id'),
    device,
    seq: int(columns, 'seq'),
    profile,
    receivedAtMs: int(columns, 'received_at_ms'),
    fromMs: int(columns, 'from_ms'),
    toMs: int(columns, 'to_ms'),
    frame: blob(columns, 'frame'),
  }
}

/** A row of `campaign` with its `spec`, read as bigint. */
export function campaignRow(columns: Columns): CampaignRow {
  return {
    id: text(columns, 'id') as CampaignId,
    submitter: text(columns, 'submitter') as SubmitterName,
    ref: text(columns, 'ref'),
    spec: text(columns, 'spec'),
    state: text(columns, 'state') as CampaignState,
    reason: text(columns, 'reason'),
    createdAtMs: int(columns, 'created_at_ms'),
    startMs: int(columns, 'start_ms'),
    endMs: int(columns, 'end_ms'),
    finishedAtMs: nullable(int, columns, 'finished_at_ms'),
    feeBasisPoints: int(columns, 'fee_basis_points'),
    budgetMicro: bigInt(columns, 'budget_micro'),
    paidMicro: bigInt(columns, 'paid_micro'),
    feeMicro: bigInt(columns, 'fee_micro'),
    readings: int(columns, 'readings'),
    accepted: int(columns, 'accepted'),
    rejected: int(columns, 'rejected'),
    late: int(columns, 'late'),
    frameBytes: int(columns, 'frame_bytes'),
  }
}

/** A row of `judgement` with the ids of what it names as `campaign_id`, `sensor_id` and `device_id`, read as bigint. */
export function judgementRow(columns: Columns): JudgementRow {
  return {
    campaign: text(columns, 'campaign_id') as CampaignId,
    windowMs: int(columns, 'window_ms'),
    sensor: text(columns, 'sensor_id') as SensorId,
    device: text(columns, 'device_id') as DeviceId,
    cell: text(columns, 'cell'),
    revision: int(columns, 'revision'),
    frameMax: int(columns, 'frame_max'),
    frameFirst: int(columns, 'frame_first'),
    place: text(columns, 'place'),
    flags: blob(columns, 'flags'),
    readings: int(columns, 'readings'),
    accepted: int(columns, 'accepted'),
    rank: int(columns, 'rank'),
    paidReadings: int(columns, 'paid_readings'),
    paidMicro: bigInt(columns, 'paid_micro'),
    unpaidReason: text(columns, 'unpaid_reason'),
  }
}

/** A row of `cell_window` of this campaign. */
export function windowRow(campaign: CampaignId, columns: Columns): WindowRow {
  return {
    campaign,
    cell: text(columns, 'cell'),
    windowMs: int(columns, 'window_ms'),
    revision: int(columns, 'revision'),
    value: nullable(text, columns, 'value'),
    least: nullable(text, columns, 'least'),
    greatest: nullable(text, columns, 'greatest'),
    readings: int(columns, 'readings'),
    accepted: int(columns, 'accepted'),
    sensors: int(columns, 'sensors'),
    judgedAtMs: int(columns, 'judged_at_ms'),
  }
}

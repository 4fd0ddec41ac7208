/** Small, valid rows of sensing for tests of the store and of what reads it. */
import type {
  CampaignRow,
  FrameRow,
  JudgementRow,
  PlaceRow,
  ProfileRow,
  SensorRow,
  WindowRow,
} from '../../coordinator/store/index.ts'
import { type CampaignId, campaignId, type DeviceId, type ProfileId, type SensorId } from '../../protocol/index.ts'
import { NAMES } from './rows.ts'

/** Ids that differ in the first character. */
export const SENSORS = [`a${'0'.repeat(15)}`, `b${'0'.repeat(15)}`, `c${'0'.repeat(15)}`] as [
  SensorId,
  SensorId,
  SensorId,
]

/** Ids that differ in the first character. */
export const PROFILES = [`a${'1'.repeat(15)}`, `b${'1'.repeat(15)}`, `c${'1'.repeat(15)}`] as [
  ProfileId,
  ProfileId,
  ProfileId,
]

/** Ids that differ in the first character. */
export const CAMPAIGNS = [
  campaignId(`a${'3'.repeat(15)}`),
  campaignId(`b${'3'.repeat(15)}`),
  campaignId(`c${'3'.repeat(15)}`),
] as const

/** Cells of H3 resolution 8 in Berlin, ascending. */
export const CELLS = ['881f1d4887fffff', '881f1d488dfffff'] as const

/** A place in the open, in Berlin. */
export function placeRow(device: DeviceId): PlaceRow {
  return {
    device,
    latitudeMicroDeg: 52_520_000,
    longitudeMicroDeg: 13_405_000,
    elevationM: 34,
    indoor: false,
    sinceMs: 50,
  }
}

/** A particle sensor of two channels. */
export function sensorRow(id: SensorId, device: DeviceId): SensorRow {
  return {
    id,
    device,
    model: 'sds011',
    serial: 'a1b2',
    channels: '[["pm2.5","ug/m3",-1],["pm10","ug/m3",-1]]',
    firstSeenMs: 60,
    placedSinceMs: 70,
    rival: null,
  }
}

/** A profile with these channels; its bytes are none that decode. */
export function profileRow(id: ProfileId, ...channels: [SensorId, string][]): ProfileRow {
  return {
    id,
    bytes: Uint8Array.of(1, 2, id.charCodeAt(0)),
    channels: channels.map(([sensor, quantity]) => ({ sensor, quantity })),
  }
}

/** A frame of a minute that begins at its id in minutes, with the id as the device's number. */
export function frameRow(id: number, device: DeviceId, profile: ProfileId): FrameRow {
  return {
    id,
    device,
    seq: id,
    profile,
    receivedAtMs: id * 60_000 + 61_000,
    fromMs: id * 60_000,
    toMs: (id + 1) * 60_000,
    frame: Uint8Array.of(0x84, id % 256),
  }
}

/** A campaign that runs. */
export function campaignRow(id: CampaignId): CampaignRow {
  return {
    id,
    submitter: NAMES.submitter,
    ref: 'air',
    spec: '{"quantity":"pm2.5"}',
    state: 'running',
    reason: '',
    createdAtMs: 80,
    startMs: 0,
    endMs: 86_400_000,
    finishedAtMs: null,
    feeBasisPoints: 500,
    budgetMicro: 1_000n,
    paidMicro: 0n,
    feeMicro: 0n,
    readings: 0,
    accepted: 0,
    rejected: 0,
    late: 0,
    frameBytes: 0,
  }
}

/** What two readings came to: one accepted, one that jumped. */
export function judgementRow(campaign: CampaignId, windowMs: number, sensor: SensorId, device: DeviceId): JudgementRow {
  return {
    campaign,
    windowMs,
    sensor,
    device,
    cell: CELLS[0],
    revision: 1,
    frameMax: 9,
    frameFirst: 9,
    place: '[52520000,13405000,34,false]',
    flags: Uint8Array.of(0, 0, 0, 4),
    readings: 2,
    accepted: 1,
    rank: 1,
    paidReadings: 1,
    paidMicro: 10n,
    unpaidReason: '',
  }
}

/** What a cell came to. */
export function windowRow(campaign: CampaignId, cell: string, windowMs: number): WindowRow {
  return {
    campaign,
    cell,
    windowMs,
    revision: 1,
    value: '12.3',
    least: '11.9',
    greatest: '12.7',
    readings: 2,
    accepted: 1,
    sensors: 1,
    judgedAtMs: windowMs + 960_000,
  }
}

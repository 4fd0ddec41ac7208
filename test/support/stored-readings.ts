/** A region's stored readings for tests of what reads them: real profiles, real frames (signed by nobody), real rows. */
import { createSensingSource, type SensingSource } from '../../coordinator/outputs/index.ts'
import { flagBytes } from '../../coordinator/sensing/flags.ts'
import { Registry } from '../../coordinator/sensing/registry.ts'
import { createMemoryStore, type JudgementRow, type PlaceRow, type Store } from '../../coordinator/store/index.ts'
import {
  type CampaignId,
  campaignToJson,
  type DeviceId,
  decodeReading,
  encodeProfile,
  encodeReading,
  type FaultSpan,
  type Flags,
  type Profile,
  type ProfileChannel,
  type ProfileKind,
  parseCampaignSpec,
  peekSign1,
  profileIdOf,
  type ReadingFrame,
  regionName,
  type SensorChannel,
  type SensorId,
  sensorIdOf,
  sign1,
} from '../../protocol/index.ts'
import { deviceRow } from './rows.ts'
import { campaignRow, placeRow } from './sensing-rows.ts'

/** 21 November 2026, 08:00 UTC. */
export const MORNING_MS = Date.UTC(2026, 10, 21, 8)

/** What a frame is made of; the rest has small defaults. */
export interface FrameInit {
  readonly device: DeviceId
  readonly sensor: SensorId
  readonly quantity: string
  readonly fromMs: number
  /** Scaled; null where there is none. Of statistics: mean, least, greatest and count of each. */
  readonly values: readonly (number | null | readonly [number, number, number, number])[]
  readonly periodMs?: number
  readonly receivedAtMs?: number
  readonly uncertaintyMs?: number
  readonly faults?: readonly FaultSpan[]
}

const REGION = regionName('hagley')

/** Stored readings of a small region. */
export class StoredReadings {
  readonly store: Store
  private readonly labels = new Map<DeviceId, string>()
  private frames = 0

  constructor(store: Store = createMemoryStore()) {
    this.store = store
  }

  /** A device with a name and, unless it is null, a place. */
  device(id: DeviceId, label: string, place: Partial<PlaceRow> | null = {}): void {
    this.labels.set(id, label)
    this.store.commit([{ table: 'device', row: { ...deviceRow(id), label } }])
    if (place !== null) this.store.commit([{ table: 'place', row: { ...placeRow(id), ...place } }])
  }

  /** A sensor on a device. */
  sensor(device: DeviceId, model: string, channels: readonly SensorChannel[]): SensorId {
    const serial = `${device}/${model}`
    const id = sensorIdOf(model, serial)
    const written = JSON.stringify(channels.map(({ quantity, unit, exponent }) => [quantity, unit, exponent]))
    const times = { firstSeenMs: MORNING_MS, placedSinceMs: MORNING_MS }
    const row = { id, device, model, serial, channels: written, ...times, rival: null }
    this.store.commit([{ table: 'sensor', row }])
    return id
  }

  /** Stores a frame as the coordinator would. Returns its number. */
  frame(init: FrameInit): number {
    const { device, sensor, quantity, fromMs, values, periodMs = 60_000, uncertaintyMs = 0, faults = [] } = init
    const kind: ProfileKind = Array.isArray(values[0]) ? 'statistics' : 'sample'
    const profile: Profile = { periodMs, kind, channels: [this.channelOf(sensor, quantity)] }
    const bytes = encodeProfile(profile)
    const id = profileIdOf(bytes)
    const seq = ++this.frames
    const columns = Array.from({ length: kind === 'sample' ? 1 : 4 }, (_, column) =>
      Float64Array.from(
        values,
        value => (Array.isArray(value) ? (value[column] ?? Number.NaN) : (value ?? Number.NaN)) as number,
      ),
    )
    const frame = {
      session: 1,
      seq,
      profile: id,
      fromMs,
      uncertaintyMs,
      count: values.length,
      columns,
      faults,
      gaps: [],
    }
    const signer = { publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) }
    const toMs = fromMs + values.length * periodMs
    this.store.commit([
      { table: 'profile', row: { id, bytes, channels: [{ sensor, quantity }] } },
      {
        table: 'frame',
        row: {
          id: seq,
          device,
          seq,
          profile: id,
          receivedAtMs: init.receivedAtMs ?? toMs,
          fromMs,
          toMs,
          frame: sign1(encodeReading(frame, profile), new Uint8Array(), signer),
        },
      },
    ])
    return seq
  }

  /** A stored frame as the coordinator opened it when it came. */
  opened(id: number): { frame: ReadingFrame; profile: Profile } {
    const [row] = this.store.framesAbove(id - 1)
    if (row === undefined) throw new Error(`there is no frame ${id}`)
    const profile = this.source().profile(row.profile)
    return { frame: decodeReading(peekSign1(row.frame).payload, profile), profile }
  }

  /** A campaign about a quantity from {@link MORNING_MS} on, for a day. */
  campaign(id: CampaignId, quantity: string, windowMs = 900_000): void {
    const spec = parseCampaignSpec({
      quantity,
      area: { labels: ['shed'] },
      priceMicro: '1',
      durationMs: 86_400_000,
      windowMs,
    })
    const row = { ...campaignRow(id), spec: campaignToJson(spec), startMs: MORNING_MS, endMs: MORNING_MS + 86_400_000 }
    this.store.commit([{ table: 'campaign', row }])
  }

  /** What a campaign said about the readings of a window, with all frames so far. */
  judge(
    campaign: CampaignId,
    windowMs: number,
    { sensor, device }: { sensor: SensorId; device: DeviceId },
    flags: readonly Flags[],
    changes: Partial<JudgementRow> = {},
  ): void {
    const row: JudgementRow = {
      campaign,
      windowMs,
      sensor,
      device,
      cell: '881f1d4887fffff',
      revision: 1,
      frameMax: this.frames,
      frameFirst: this.frames,
      place: '[51000000,7000000,60,true]',
      flags: flagBytes(flags),
      readings: flags.length,
      accepted: 0,
      rank: 1,
      paidReadings: 0,
      paidMicro: 0n,
      unpaidReason: '',
      ...changes,
    }
    this.store.commit([{ table: 'judgement', row }])
  }

  /** What the outputs read, with the sensors as they are now. */
  source(): SensingSource {
    const { store } = this
    const registry = new Registry(store.places(), store.sensors(), { ownerOf: () => null, isOnline: () => true })
    return createSensingSource({ store, registry, labelOf: device => this.labels.get(device) ?? '' }, REGION)
  }

  private channelOf(sensor: SensorId, quantity: string): ProfileChannel {
    const row = this.store.sensors().find(({ id }) => id === sensor)
    const channels = JSON.parse(row?.channels ?? '[]') as [string, string, number][]
    const [, unit, exponent] = channels.find(([name]) => name === quantity) ?? ['', '', 0]
    return { sensor, quantity, unit, exponent, calibration: null }
  }
}

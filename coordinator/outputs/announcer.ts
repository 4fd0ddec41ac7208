/** Publishes readings as they come to whoever follows the region by MQTT: Home Assistants, and clients of SensorThings. */
import {
  type DeviceId,
  type Profile,
  type ReadingFrame,
  type RegionName,
  type SensorId,
  utf8,
} from '../../protocol/index.ts'
import {
  type ChannelValue,
  discoveryMessage,
  discoveryRemoval,
  entityKey,
  type RetainedMessage,
  stateMessage,
} from './home-assistant/discovery.ts'
import { openFrame, readingsIn, type Series } from './readings/reading.ts'
import { observationMessage } from './sensorthings/mqtt.ts'
import type { SensingSource } from './source.ts'

export interface AnnouncerComponents {
  readonly source: SensingSource
  isOnline(device: DeviceId): boolean
  publish(topic: string, payload: Uint8Array): void
  publishRetained(topic: string, payload: Uint8Array): void
  wallMs(): number
}

export interface AnnouncerInit {
  readonly region: RegionName
  readonly version: string
  /** Whether Home Assistants are told of devices and their newest values. */
  readonly homeAssistant: boolean
  /** Whether each reading is published as SensorThings names it. */
  readonly observations: boolean
  /** The address of `/v1.1`, without a slash at its end. */
  baseUrl(): string
}

export interface Announcer {
  /** A frame of readings is stored. */
  observed(device: DeviceId, frame: ReadingFrame, profile: Profile): void
  /** A device has come with these sensors, or gone. */
  changed(device: DeviceId): void
  /** Describes every known device again: the broker keeps retained messages in memory only. */
  republish(): void
}

/** The newest reading of each channel of a device, by {@link entityKey}: streams of several periods arrive in any order. */
type Newest = Map<string, Observed>

/** How a device was described last. */
interface Described {
  readonly payload: string
  /** Every {@link entityKey} that it was ever described with since the region started. */
  readonly keys: ReadonlySet<string>
}

/** Older readings, which a device that was away brings by the thousand, are there to be read and are not announced. */
const OBSERVED_AGO_MS_MAX = 3_600_000

/** A reading from later than this is from a clock that is wrong, and would hide all that follow. The judgement says `future` then. */
const FUTURE_TOLERANCE_MS = 60_000

/** A device that is restarted says with a frame without readings that it did not measure; this many restarts in a row are passed. */
const RECALLED_FRAMES_MAX = 16

export function createAnnouncer(components: AnnouncerComponents, init: AnnouncerInit): Announcer {
  const { source } = components
  const newest = new Map<DeviceId, Newest>()
  const described = new Map<DeviceId, Described>()
  /** The device that each sensor was described with. */
  const homes = new Map<SensorId, DeviceId>()

  const retain = ({ topic, payload }: RetainedMessage) => components.publishRetained(topic, utf8(payload))
  const newestOf = (device: DeviceId): Newest => {
    const known = newest.get(device) ?? new Map()
    newest.set(device, known)
    return known
  }

  const tellState = (device: DeviceId) => {
    const known = [...newestOf(device).values()]
    const atMs = known.length === 0 ? null : Math.max(...known.map(reading => reading.atMs))
    const state = { online: components.isOnline(device), atMs, values: known.map(({ value }) => value) }
    retain(stateMessage(device, state, init.region))
  }

  /** Keeps the newest readings of these channels and of no others; what is not known yet is in the store, or nowhere. */
  const recall = (device: DeviceId, channels: readonly Series[]) => {
    const before = newestOf(device)
    const untilMs = components.wallMs() + FUTURE_TOLERANCE_MS
    const after: Newest = new Map()
    for (const { sensor, quantity } of channels) {
      const key = entityKey(sensor, quantity)
      const reading = before.get(key) ?? newestStored(source, device, { sensor, quantity }, untilMs)
      if (reading !== null) after.set(key, reading)
    }
    newest.set(device, after)
  }

  const describe = (device: DeviceId) => {
    const known = source.registry.ofDevice(device)
    const sensors = known.map(({ row, channels }) => ({ id: row.id, model: row.model, channels }))
    if (sensors.length === 0) {
      described.delete(device)
      newest.delete(device)
      for (const message of discoveryRemoval(device, init)) retain(message)
      return
    }
    const channels = sensors.flatMap(({ id, channels }) => channels.map(({ quantity }) => ({ sensor: id, quantity })))
    const keys = new Set(channels.map(({ sensor, quantity }) => entityKey(sensor, quantity)))
    const before = described.get(device)
    const gone = [...(before?.keys ?? [])].filter(key => !keys.has(key))
    const message = discoveryMessage({ id: device, label: source.labelOf(device), sensors, gone }, init)
    for (const { id } of sensors) homes.set(id, device)
    described.set(device, { payload: message.payload, keys: new Set([...keys, ...gone]) })
    // A Home Assistant that gets the same twice in a row is still busy with the first and may skip what is in it.
    if (message.payload !== before?.payload) retain(message)
    recall(device, channels)
    tellState(device)
  }

  return {
    observed(device, frame, profile) {
      const readings = readingsOf(frame, profile)
      if (init.homeAssistant) {
        const untilMs = components.wallMs() + FUTURE_TOLERANCE_MS
        const timely = readings.filter(({ atMs }) => atMs < untilMs)
        if (keepNewest(newestOf(device), timely)) tellState(device)
      }
      if (!init.observations) return
      const sinceMs = components.wallMs() - OBSERVED_AGO_MS_MAX
      for (const { atMs, value } of readings) {
        if (value.scaled === null || atMs < sinceMs) continue
        const { sensor, quantity, scaled, exponent } = value
        const receivedAtMs = Math.round(components.wallMs())
        const observation = { sensor, quantity, atMs, receivedAtMs, scaled, exponent, flags: null }
        const { topic, payload } = observationMessage(observation, init.baseUrl())
        components.publish(topic, utf8(payload))
      }
    },
    changed(device) {
      if (!init.homeAssistant) return
      const sensors = source.registry.ofDevice(device)
      const moved = new Set(sensors.map(({ row }) => homes.get(row.id) ?? device).filter(home => home !== device))
      for (const former of moved) describe(former)
      describe(device)
    },
    republish() {
      if (!init.homeAssistant) return
      for (const device of new Set([...source.registry.all()].map(({ row }) => row.device))) describe(device)
    },
  }
}

interface Observed {
  readonly atMs: number
  readonly value: ChannelValue
}

/** Every reading of a frame; of statistics the means. */
function readingsOf(frame: ReadingFrame, profile: Profile): Observed[] {
  const columnsEach = profile.kind === 'statistics' ? 4 : 1
  return profile.channels.flatMap(({ sensor, quantity, exponent }, index) =>
    Array.from(frame.columns[index * columnsEach] ?? [], (number, i) => {
      const scaled = Number.isNaN(number) ? null : number
      return { atMs: frame.fromMs + i * profile.periodMs, value: { sensor, quantity, scaled, exponent } }
    }),
  )
}

/** @returns whether any of the readings is newer than what was known of its channel */
function keepNewest(known: Newest, readings: readonly Observed[]): boolean {
  let isNews = false
  for (const reading of readings) {
    const key = entityKey(reading.value.sensor, reading.value.quantity)
    if (reading.atMs <= (known.get(key)?.atMs ?? Number.NEGATIVE_INFINITY)) continue
    known.set(key, reading)
    isNews = true
  }
  return isNews
}

/** The last reading of a series that this device sent, before `toMs`; null when its last frames have none. */
function newestStored(source: SensingSource, device: DeviceId, series: Series, toMs: number): Observed | null {
  for (const row of source.frames({ ...series, device, toMs, newestFirst: true, limit: RECALLED_FRAMES_MAX })) {
    const readings = [...readingsIn(openFrame(row, source.profile(row.profile)), series, row.fromMs, toMs)]
    const last = readings.at(-1)
    if (last !== undefined) {
      return { atMs: last.atMs, value: { ...series, scaled: last.scaled, exponent: last.exponent } }
    }
  }
  return null
}

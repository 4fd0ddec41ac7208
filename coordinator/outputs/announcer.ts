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
  type RetainedMessage,
  stateMessage,
} from './home-assistant/discovery.ts'
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

/** The newest reading of each channel of a device: streams of several periods arrive in any order. */
type Newest = Map<string, Observed>

/** Older readings, which a device that was away brings by the thousand, are there to be read and are not announced. */
const OBSERVED_AGO_MS_MAX = 3_600_000

export function createAnnouncer(components: AnnouncerComponents, init: AnnouncerInit): Announcer {
  const { source } = components
  const newest = new Map<DeviceId, Newest>()

  const retain = ({ topic, payload }: RetainedMessage) => components.publishRetained(topic, utf8(payload))

  const tellState = (device: DeviceId) => {
    const known = [...(newest.get(device)?.values() ?? [])]
    const atMs = known.length === 0 ? null : Math.max(...known.map(reading => reading.atMs))
    const state = { online: components.isOnline(device), atMs, values: known.map(({ value }) => value) }
    retain(stateMessage(device, state, init.region))
  }

  const describe = (device: DeviceId) => {
    const known = source.registry.ofDevice(device)
    const sensors = known.map(({ row, channels }) => ({ id: row.id, model: row.model, channels }))
    if (sensors.length === 0) {
      for (const message of discoveryRemoval(device, init)) retain(message)
      return
    }
    retain(discoveryMessage({ id: device, label: source.labelOf(device), sensors }, init))
    tellState(device)
  }

  return {
    observed(device, frame, profile) {
      const readings = readingsOf(frame, profile)
      if (init.homeAssistant && keepNewest(newest, device, readings)) tellState(device)
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
      if (init.homeAssistant) describe(device)
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
function keepNewest(newest: Map<DeviceId, Newest>, device: DeviceId, readings: readonly Observed[]): boolean {
  const known: Newest = newest.get(device) ?? new Map()
  newest.set(device, known)
  let isNews = false
  for (const reading of readings) {
    const key = keyOf(reading.value.sensor, reading.value.quantity)
    if (reading.atMs <= (known.get(key)?.atMs ?? Number.NEGATIVE_INFINITY)) continue
    known.set(key, reading)
    isNews = true
  }
  return isNews
}

const keyOf = (sensor: SensorId, quantity: string): string => `${sensor}/${quantity}`

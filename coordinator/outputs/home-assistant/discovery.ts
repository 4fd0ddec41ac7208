/**
 * MQTT device discovery of Home Assistant: one retained message describes a device and all its sensors, and a small JSON text carries
 * their newest values. Pure functions; whether anything is published is for the region's policy.
 * @see https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
 */
import {
  assert,
  type DeviceId,
  type RegionName,
  type SensorChannel,
  type SensorId,
  toUnit,
} from '../../../protocol/index.ts'
import { isoTime } from '../iso-time.ts'
import { homeAssistantName, homeAssistantUnit, sensorClassOf } from './sensor-classes.ts'

/** A sensor on the device that is described. */
export interface DiscoveredSensor {
  readonly id: SensorId
  readonly model: string
  readonly channels: readonly SensorChannel[]
}

/** The device that is described. */
export interface DiscoveredDevice {
  readonly id: DeviceId
  /** What its owner calls it; empty when it has no name. */
  readonly label: string
  readonly sensors: readonly DiscoveredSensor[]
  /** {@link entityKey}s that it was described with before and has no more. Home Assistant keeps what is merely left out. */
  readonly gone: readonly string[]
}

/** A message to publish, retained. An empty payload takes the one before it back. */
export interface RetainedMessage {
  readonly topic: string
  readonly payload: string
}

/** Where it is published and by whom. */
export interface DiscoveryInit {
  readonly region: RegionName
  /** The version of this software. */
  readonly version: string
  /** Where people read on, such as the region's page; left out when there is none. */
  readonly url?: string
  /** Home Assistant's own setting `discovery_prefix`. Default `homeassistant`. */
  readonly prefix?: string
}

/** The newest value of a channel; null when the sensor had none. */
export interface ChannelValue {
  readonly sensor: SensorId
  readonly quantity: string
  readonly scaled: number | null
  readonly exponent: number
}

/** Where a device's newest values are, for Home Assistant: `hr/1/<region>/out/ha/<device>`. */
export function homeAssistantStateTopic(region: RegionName, device: DeviceId): string {
  return `hr/1/${region}/out/ha/${device}`
}

/** The retained description of a device and its sensors. A device without sensors has none: see {@link discoveryRemoval}. */
export function discoveryMessage(device: DiscoveredDevice, init: DiscoveryInit): RetainedMessage {
  const { region, version, url } = init
  const { id, sensors, gone } = device
  assert(sensors.length > 0, 'a device that is described has a sensor')
  const state = homeAssistantStateTopic(region, id)
  const models = [...new Set(sensors.map(({ model }) => model))].join(', ')
  const payload = {
    dev: {
      ids: [`hedgerow-${id}`],
      name: nameOf(device),
      mf: 'Hedgerow',
      mdl: models,
      ...(url === undefined ? {} : { cu: url }),
    },
    o: { name: 'hedgerow', sw: version, ...(url === undefined ? {} : { url }) },
    cmps: Object.fromEntries([
      ...gone.map(key => [key, { p: 'sensor' }]),
      ...sensors.flatMap(sensor => components(sensor, device)),
    ]),
    state_topic: state,
    availability: [{ topic: state, value_template: "{{ 'online' if value_json.online else 'offline' }}" }],
    qos: 1,
  }
  return { topic: configTopic(id, init), payload: JSON.stringify(payload) }
}

/** What removes a device and everything under it from Home Assistant: two messages without a payload. */
export function discoveryRemoval(device: DeviceId, init: DiscoveryInit): RetainedMessage[] {
  return [configTopic(device, init), homeAssistantStateTopic(init.region, device)].map(topic => ({
    topic,
    payload: '',
  }))
}

/** The newest values of a device, to be published retained on {@link homeAssistantStateTopic} when they change. */
export function stateMessage(
  device: DeviceId,
  state: { readonly online: boolean; readonly atMs: number | null; readonly values: readonly ChannelValue[] },
  region: RegionName,
): RetainedMessage {
  const { online, atMs, values } = state
  const readings = values.map(({ sensor, quantity, scaled, exponent }) => [
    entityKey(sensor, quantity),
    scaled === null ? null : toUnit(scaled, exponent),
  ])
  const time = atMs === null ? null : isoTime(atMs)
  const payload = JSON.stringify({ online, time, readings: Object.fromEntries(readings) })
  return { topic: homeAssistantStateTopic(region, device), payload }
}

function configTopic(device: DeviceId, { prefix = 'homeassistant' }: DiscoveryInit): string {
  return `${prefix}/device/${device}/config`
}

/** One entity a channel. Where several sensors of the device measure the same, their names tell them apart. */
function components(sensor: DiscoveredSensor, { id, sensors }: DiscoveredDevice): [key: string, component: object][] {
  return sensor.channels.map(({ quantity, unit, exponent }) => {
    const key = entityKey(sensor.id, quantity)
    const { deviceClass, stateClass } = sensorClassOf(quantity, unit)
    const shown = homeAssistantUnit(unit)
    const name = homeAssistantName(quantity)
    const component = {
      p: 'sensor',
      // With the device: of a sensor that moves, Home Assistant gets the new entity before it is rid of the old one.
      unique_id: `hedgerow-${id}-${key}`,
      name: isRepeated(quantity, sensors) ? `${name} (${sensor.model} ${sensor.id.slice(0, 4)})` : name,
      ...(deviceClass === undefined ? {} : { device_class: deviceClass }),
      ...(stateClass === undefined ? {} : { state_class: stateClass }),
      ...(shown === null ? {} : { unit_of_measurement: shown }),
      suggested_display_precision: Math.max(0, -exponent),
      // An index that is not there is a warning in Home Assistant's log for each message; `get` makes it unknown.
      value_template: `{{ value_json.readings.get('${key}') }}`,
    }
    return [key, component]
  })
}

/** What one channel of a sensor is called within its device: `<sensor>-<quantity>`, of characters that need no escape anywhere. */
export function entityKey(sensor: SensorId, quantity: string): string {
  return `${sensor}-${quantity.replaceAll('.', '_')}`
}

function isRepeated(quantity: string, sensors: readonly DiscoveredSensor[]): boolean {
  return sensors.filter(({ channels }) => channels.some(channel => channel.quantity === quantity)).length > 1
}

function nameOf({ id, label }: DiscoveredDevice): string {
  return label === '' ? `Hedgerow ${id.slice(0, 6)}` : label
}

/**
 * How Home Assistant names quantities and units. A device class is only claimed with the unit that its integration accepts for it;
 * for any other unit the entity stays a plain number.
 * @see https://www.home-assistant.io/integrations/sensor/#device-class
 */

import { QUANTITIES } from '../../../protocol/index.ts'

/** What Home Assistant is told about a quantity. */
export interface SensorClass {
  readonly deviceClass?: string
  /** How it may be added up over time; left out for what has no mean. */
  readonly stateClass?: 'measurement' | 'total_increasing'
}

/** By quantity; the unit is ours, as SenML has it. */
const CLASSES: ReadonlyMap<string, { unit: string; deviceClass: string }> = new Map(
  Object.entries<{ unit: string; deviceClass: string }>({
    temperature: { unit: 'Cel', deviceClass: 'temperature' },
    'soc-temperature': { unit: 'Cel', deviceClass: 'temperature' },
    humidity: { unit: '%RH', deviceClass: 'humidity' },
    pressure: { unit: 'Pa', deviceClass: 'atmospheric_pressure' },
    pm1: { unit: 'ug/m3', deviceClass: 'pm1' },
    'pm2.5': { unit: 'ug/m3', deviceClass: 'pm25' },
    pm10: { unit: 'ug/m3', deviceClass: 'pm10' },
    co2: { unit: 'ppm', deviceClass: 'carbon_dioxide' },
    light: { unit: 'lx', deviceClass: 'illuminance' },
    noise: { unit: 'dB', deviceClass: 'sound_pressure' },
    rain: { unit: 'mm', deviceClass: 'precipitation' },
    'wind-speed': { unit: 'm/s', deviceClass: 'wind_speed' },
    voltage: { unit: 'V', deviceClass: 'voltage' },
    current: { unit: 'A', deviceClass: 'current' },
    power: { unit: 'W', deviceClass: 'power' },
    'power-factor': { unit: '/', deviceClass: 'power_factor' },
    'energy-import': { unit: 'kWh', deviceClass: 'energy' },
    'energy-export': { unit: 'kWh', deviceClass: 'energy' },
    'energy-total': { unit: 'kWh', deviceClass: 'energy' },
    frequency: { unit: 'Hz', deviceClass: 'frequency' },
    altitude: { unit: 'm', deviceClass: 'distance' },
    'soil-moisture': { unit: '%', deviceClass: 'moisture' },
  }),
)

/** Units that Home Assistant writes in another way; those that are not here are the same. A plain number has none. */
const UNITS: ReadonlyMap<string, string | null> = new Map(
  Object.entries<string | null>({
    Cel: '°C',
    '%RH': '%',
    'ug/m3': 'µg/m³',
    deg: '°',
    lat: '°',
    lon: '°',
    um: 'µm',
    Ohm: 'Ω',
    '/': null,
    count: null,
  }),
)

/** Home Assistant makes ids of names and writes µ as m: `…_2_5_mm`. These are the names that it has itself, or are in nanometres. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['pm1', 'PM1'],
  ['pm2.5', 'PM2.5'],
  ['pm4', 'PM4'],
  ['pm10', 'PM10'],
  ['particles-0.3', 'Particles above 300 nm in 0.1 l'],
  ['particles-0.5', 'Particles above 500 nm in 0.1 l'],
])

/** What an entity of this quantity is called. */
export function homeAssistantName(quantity: string): string {
  return NAMES.get(quantity) ?? QUANTITIES.get(quantity)?.label ?? quantity
}

/** The classes of a quantity in this unit. */
export function sensorClassOf(quantity: string, unit: string): SensorClass {
  // Home Assistant would take the mean of 359° and 1° for south.
  if (unit === 'deg') return {}
  const known = CLASSES.get(quantity)
  if (known?.unit !== unit) return { stateClass: 'measurement' }
  const stateClass = known.deviceClass === 'energy' ? 'total_increasing' : 'measurement'
  return { deviceClass: known.deviceClass, stateClass }
}

/** The unit as Home Assistant writes it; null for a number without one. */
export function homeAssistantUnit(unit: string): string | null {
  const known = UNITS.get(unit)
  return known === undefined ? unit : known
}

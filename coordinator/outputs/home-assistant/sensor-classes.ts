/**
 * How Home Assistant names quantities and units. A device class is only claimed with the unit that its integration accepts for it;
 * for any other unit the entity stays a plain number.
 * @see https://www.home-assistant.io/integrations/sensor/#device-class
 */

/** What Home Assistant is told about a quantity. */
export interface SensorClass {
  readonly deviceClass?: string
  readonly stateClass: 'measurement' | 'total_increasing'
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

/** The classes of a quantity in this unit. */
export function sensorClassOf(quantity: string, unit: string): SensorClass {
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

/** Public names for what is measured and in which unit. */

const QUDT_KIND = 'http://qudt.org/vocab/quantitykind/'
const QUDT_UNIT = 'http://qudt.org/vocab/unit/'
/** The air quality vocabulary of the European Environment Agency. */
const EEA_POLLUTANT = 'http://dd.eionet.europa.eu/vocabulary/aq/pollutant/'

const DEFINITIONS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    temperature: `${QUDT_KIND}Temperature`,
    'soc-temperature': `${QUDT_KIND}Temperature`,
    humidity: `${QUDT_KIND}RelativeHumidity`,
    pressure: `${QUDT_KIND}AtmosphericPressure`,
    pm10: `${EEA_POLLUTANT}5`,
    'pm2.5': `${EEA_POLLUTANT}6001`,
    light: `${QUDT_KIND}Illuminance`,
    noise: `${QUDT_KIND}SoundPressureLevel`,
    voltage: `${QUDT_KIND}Voltage`,
    current: `${QUDT_KIND}ElectricCurrent`,
    power: `${QUDT_KIND}ActivePower`,
    frequency: `${QUDT_KIND}Frequency`,
  }),
)

/** Name, symbol and name at QUDT of a SenML unit. */
const UNITS: ReadonlyMap<string, readonly [name: string, symbol: string, qudt: string]> = new Map(
  Object.entries<readonly [name: string, symbol: string, qudt: string]>({
    Cel: ['degree Celsius', '°C', 'DEG_C'],
    '%RH': ['percent relative humidity', '%', 'PERCENT_RH'],
    Pa: ['pascal', 'Pa', 'PA'],
    'ug/m3': ['microgram per cubic metre', 'µg/m³', 'MicroGM-PER-M3'],
    ppm: ['parts per million', 'ppm', 'PPM'],
    lx: ['lux', 'lx', 'LUX'],
    dB: ['decibel', 'dB', 'DeciB'],
    mm: ['millimetre', 'mm', 'MilliM'],
    'm/s': ['metre per second', 'm/s', 'M-PER-SEC'],
    deg: ['degree', '°', 'DEG'],
    V: ['volt', 'V', 'V'],
    A: ['ampere', 'A', 'A'],
    W: ['watt', 'W', 'W'],
    kWh: ['kilowatt hour', 'kWh', 'KiloW-HR'],
    Hz: ['hertz', 'Hz', 'HZ'],
    m: ['metre', 'm', 'M'],
    um: ['micrometre', 'µm', 'MicroM'],
    Ohm: ['ohm', 'Ω', 'OHM'],
    '%': ['percent', '%', 'PERCENT'],
  }),
)

/** Where a quantity is defined; a name of our own where no public vocabulary is sure to mean the same. */
export function definitionOf(quantity: string): string {
  return DEFINITIONS.get(quantity) ?? `urn:hedgerow:quantity:${quantity}`
}

/** A unit as SensorThings describes it (OGC 18-088 §8.2.4). */
export function unitOf(unit: string): { name: string; symbol: string; definition: string } {
  const known = UNITS.get(unit)
  if (known === undefined) return { name: unit, symbol: unit, definition: 'https://www.iana.org/assignments/senml' }
  const [name, symbol, qudt] = known
  return { name, symbol, definition: `${QUDT_UNIT}${qudt}` }
}

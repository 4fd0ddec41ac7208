/** What sensors measure: names, SenML units and the resolution in which values travel. One table for drivers, campaigns and outputs. */

/** One measured quantity. A value on the wire is a whole number of 10^`exponent` units. */
export interface Quantity {
  /** The name in campaigns, SenML and topics: `[a-z0-9.-]{1,32}`. */
  readonly name: string
  /** SenML unit (RFC 8428 §12.1 and its registry's secondary units). */
  readonly unit: string
  /** Default resolution of drivers: 10^exponent of the unit. */
  readonly exponent: number
  /** For people. */
  readonly label: string
}

const rows: readonly (readonly [name: string, unit: string, exponent: number, label: string])[] = [
  ['temperature', 'Cel', -2, 'Air temperature'],
  ['humidity', '%RH', -2, 'Relative humidity'],
  ['pressure', 'Pa', 0, 'Air pressure'],
  ['pm1', 'ug/m3', -1, 'Particles below 1 µm'],
  ['pm2.5', 'ug/m3', -1, 'Particles below 2.5 µm'],
  ['pm4', 'ug/m3', -1, 'Particles below 4 µm'],
  ['pm10', 'ug/m3', -1, 'Particles below 10 µm'],
  ['co2', 'ppm', 0, 'Carbon dioxide'],
  ['light', 'lx', 0, 'Illuminance'],
  ['noise', 'dB', -1, 'Sound level'],
  ['rain', 'mm', -2, 'Rain since the last reading'],
  ['wind-speed', 'm/s', -2, 'Wind speed'],
  ['wind-direction', 'deg', 0, 'Wind direction'],
  ['soc-temperature', 'Cel', -1, "Temperature of the computer's chip"],
  ['voltage', 'V', -2, 'Voltage'],
  ['current', 'A', -3, 'Current'],
  ['power', 'W', -1, 'Power'],
  ['power-factor', '/', -2, 'Power factor'],
  ['energy-import', 'kWh', -2, 'Energy taken, as the meter counts it'],
  ['energy-export', 'kWh', -2, 'Energy given, as the meter counts it'],
  ['energy-total', 'kWh', -2, 'Energy in both directions, as the meter counts it'],
  ['frequency', 'Hz', -2, 'Frequency'],
  ['latitude', 'lat', -6, 'Latitude'],
  ['longitude', 'lon', -6, 'Longitude'],
  ['altitude', 'm', -1, 'Altitude'],
  ['satellites', 'count', 0, 'Satellites in use'],
  ['hdop', '/', -1, 'Horizontal dilution of precision'],
  ['particle-size', 'um', -2, 'Typical particle size'],
  ['particles-0.3', 'count', 0, 'Particles above 0.3 µm in 0.1 l'],
  ['particles-0.5', 'count', 0, 'Particles above 0.5 µm in 0.1 l'],
  ['formaldehyde', 'ug/m3', 0, 'Formaldehyde'],
  ['soil-moisture', '%', -1, 'Soil moisture'],
  ['resistance', 'Ohm', 0, 'Resistance'],
  ['level', '/', -3, 'A quantity of its own, as a ratio'],
  ['count', 'count', 0, 'Events since the last reading'],
]

/** Every quantity by its name. */
export const QUANTITIES: ReadonlyMap<string, Quantity> = new Map(
  rows.map(([name, unit, exponent, label]) => [name, { name, unit, exponent, label }]),
)

/** Names of quantities, those of the table and others. */
export const QUANTITY_NAME = /^[a-z0-9.-]{1,32}$/
/** {@link QUANTITY_NAME} in words, for refusals. */
export const QUANTITY_FORM = 'a text of 1 to 32 characters of a-z, 0-9, . and -'
/** Units: visible ASCII, as all those of SenML's registry are. */
export const UNIT_NAME = /^[!-~]{1,16}$/
/** {@link UNIT_NAME} in words, for refusals. */
export const UNIT_FORM = 'a text of 1 to 16 visible characters of ASCII'
/** Bound of a channel's exponent, either sign: a value of 2^47 stays readable as a decimal. */
export const EXPONENT_MAX = 9
/** Bound of a calibration's gain in millionths, either sign: a factor of a thousand. */
export const GAIN_PPM_MAX = 1_000_000_000

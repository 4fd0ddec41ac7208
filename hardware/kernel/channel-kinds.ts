/** What the kernel's channels measure, and in which units. */

/** One kind of channel. */
export interface ChannelKind {
  readonly quantity: string
  /** The kernel's unit is 10^power of the quantity's unit; a divisor covers those that are no power of ten. */
  readonly power: number
  readonly divisor?: number
  /** Only when the owner asks for it: most such channels are about the computer itself. */
  readonly onDemand?: boolean
}

/**
 * Channel types of industrial I/O after scale and offset: thousandths of a degree, thousandths of a percent, kilopascals, percent of
 * volume, µg/m³, lux, mV, mA, mW, ohms.
 * @see Linux Documentation/ABI/testing/sysfs-bus-iio
 */
export const IIO_KINDS: ReadonlyMap<string, ChannelKind> = new Map([
  ['temp', { quantity: 'temperature', power: -3 }],
  ['humidityrelative', { quantity: 'humidity', power: -3 }],
  ['pressure', { quantity: 'pressure', power: 3 }],
  ['concentration_co2', { quantity: 'co2', power: 4 }],
  ['massconcentration_pm1', { quantity: 'pm1', power: 0 }],
  ['massconcentration_pm2p5', { quantity: 'pm2.5', power: 0 }],
  ['massconcentration_pm4', { quantity: 'pm4', power: 0 }],
  ['massconcentration_pm10', { quantity: 'pm10', power: 0 }],
  ['illuminance', { quantity: 'light', power: 0 }],
  ['voltage', { quantity: 'voltage', power: -3 }],
  ['current', { quantity: 'current', power: -3 }],
  ['power', { quantity: 'power', power: -3 }],
  ['resistance', { quantity: 'resistance', power: 0 }],
])

/**
 * Channel types of hardware monitoring: thousandths of a degree, thousandths of a percent, mV, mA, µW, revolutions a minute.
 * @see Linux Documentation/hwmon/sysfs-interface.rst
 */
export const HWMON_KINDS: ReadonlyMap<string, ChannelKind> = new Map([
  ['temp', { quantity: 'temperature', power: -3 }],
  ['humidity', { quantity: 'humidity', power: -3 }],
  ['in', { quantity: 'voltage', power: -3 }],
  ['curr', { quantity: 'current', power: -3 }],
  ['power', { quantity: 'power', power: -6 }],
  ['fan', { quantity: 'frequency', power: 0, divisor: 60, onDemand: true }],
])

/** Opens sensors by the name of their driver. Each driver, and whatever library it needs, is loaded when the first sensor of it is opened. */
import { ConfigError } from '../../protocol/index.ts'
import { withCalibration } from '../calibration.ts'
import type { Sensor } from '../sensor.ts'
import type { ConfigOf, DriverName, SensorConfig } from '../sensor-config.ts'
import type { DriverComponents } from './components.ts'
import { placeOf } from './place.ts'

export type { ConfigOf, DriverName, SensorConfig } from '../sensor-config.ts'
export type { DriverComponents } from './components.ts'

/** A sensor and what tells it from the device's others. */
export interface OpenedSensor {
  readonly sensor: Sensor
  /** For the serial `<device id>/<place>` of a sensor whose hardware has none. Unique among a device's sensors, 1..36 bytes. */
  readonly place: string
}

type Open<Name extends DriverName> = (
  components: DriverComponents,
  config: ConfigOf<Name>,
) => Promise<readonly OpenedSensor[]>

const one = (sensor: Sensor, config: SensorConfig): readonly OpenedSensor[] => [{ sensor, place: placeOf(config) }]

const DRIVERS: { readonly [Name in DriverName]: Open<Name> } = {
  sds011: async (parts, config) => one(await (await import('./sds011.ts')).openSds011(parts, config), config),
  plantower: async (parts, config) => one(await (await import('./plantower.ts')).openPlantower(parts, config), config),
  mhz19: async (parts, config) => one(await (await import('./mhz19.ts')).openMhz19(parts, config), config),
  'senseair-s8': async (parts, config) =>
    one(await (await import('./senseair-s8.ts')).openSenseairS8(parts, config), config),
  sps30: async (parts, config) => one(await (await import('./sps30.ts')).openSps30(parts, config), config),
  gps: async (parts, config) => one(await (await import('./gps.ts')).openGps(parts, config), config),
  modbus: async (parts, config) => one(await (await import('./modbus.ts')).openModbus(parts, config), config),
  ds18b20: async (parts, config) => (await import('./ds18b20.ts')).openDs18b20(parts, config),
  iio: async (parts, config) => one((await import('./iio.ts')).openIio(parts, config), config),
  hwmon: async (parts, config) => one((await import('./hwmon.ts')).openHwmon(parts, config), config),
  soc: async (parts, config) => one((await import('./soc.ts')).openSoc(parts), config),
  firmata: async (parts, config) => (await import('./firmata.ts')).openFirmata(parts, config),
  replay: async (parts, config) => one(await (await import('./replay.ts')).openReplay(parts, config), config),
  synthetic: async (parts, config) => one((await import('./synthetic.ts')).openSynthetic(parts, config), config),
}

/**
 * Opens every sensor that one entry of the owner's list means: one for most drivers, several for a 1-wire bus or a board with inputs.
 * A sensor that is not plugged in opens too, and says so in its health, wherever the driver can know its channels without it.
 * @throws {HardwareError} `not_installed` when the driver needs a package or program that is missing; `unreadable` when the
 *   driver must see the hardware first; `no_answer`
 * @throws {ConfigError} `bad_option` when the entry does not fit the hardware, such as a calibration of what it does not measure
 */
export async function openSensors(
  config: SensorConfig,
  components: DriverComponents,
): Promise<readonly OpenedSensor[]> {
  const open = DRIVERS[config.driver] as Open<DriverName>
  const opened = await open(components, config)
  const measured = opened.flatMap(({ sensor }) => sensor.channels.map(({ quantity }) => quantity))
  const unknown = Object.keys(config.calibration ?? {}).find(quantity => !measured.includes(quantity))
  if (unknown !== undefined) {
    await closeAll(opened)
    const reason = `calibrates '${unknown}', which it does not measure: it measures ${[...new Set(measured)].join(', ')}`
    throw new ConfigError(
      { code: 'bad_option', path: `calibration.${unknown}`, reason },
      `The '${config.driver}' entry ${reason}.`,
    )
  }
  return opened.map(({ sensor, place }) => ({ sensor: withCalibration(sensor, config.calibration ?? {}), place }))
}

/**
 * Opens the one sensor of an entry.
 * @throws {ConfigError} `bad_option` when the entry means several or none
 * @throws {HardwareError} as {@link openSensors}
 */
export async function openSensor(config: SensorConfig, components: DriverComponents): Promise<Sensor> {
  const opened = await openSensors(config, components)
  const [first] = opened
  if (first !== undefined && opened.length === 1) return first.sensor
  await closeAll(opened)
  const reason = `means ${opened.length} sensors where one is wanted: ${opened.map(({ place }) => place).join(', ')}`
  throw new ConfigError({ code: 'bad_option', path: config.driver, reason }, `This '${config.driver}' entry ${reason}.`)
}

async function closeAll(opened: readonly OpenedSensor[]): Promise<void> {
  await Promise.all(opened.map(({ sensor }) => sensor.close()))
}

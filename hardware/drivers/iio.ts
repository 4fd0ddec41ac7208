/** Sensors that the kernel reads through industrial I/O: BME280, SHT4x, SCD4x, SPS30, converters and many more. */
import { iio } from '../kernel/device.ts'
import { openKernelSensor } from '../kernel/sensor.ts'
import type { Sensor } from '../sensor.ts'
import type { IioConfig } from '../sensor-config.ts'
import type { DriverComponents } from './components.ts'

/** Opens one. @throws {HardwareError} `unreadable` @throws {ConfigError} `bad_option`; see {@link openKernelSensor} */
export function openIio({ root }: Pick<DriverComponents, 'root'>, config: Omit<IioConfig, 'driver'>): Sensor {
  return openKernelSensor(iio, root, config)
}

/** Sensors that the kernel reads through hardware monitoring: SHT3x, SHT2x, AHT10, LM75, TMP102 and many more. */
import { hwmon } from '../kernel/device.ts'
import { openKernelSensor } from '../kernel/sensor.ts'
import type { Sensor } from '../sensor.ts'
import type { HwmonConfig } from '../sensor-config.ts'
import type { DriverComponents } from './components.ts'

/** Opens one. @throws {HardwareError} `unreadable` @throws {ConfigError} `bad_option`; see {@link openKernelSensor} */
export function openHwmon({ root }: Pick<DriverComponents, 'root'>, config: Omit<HwmonConfig, 'driver'>): Sensor {
  return openKernelSensor(hwmon, root, config)
}

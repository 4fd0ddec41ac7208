/** Opens sensors of this machine. Imported with the first one: a device without sensors holds nothing of their drivers in memory. */
import { calibrationOf } from '../../hardware/calibration.ts'
import { openSensors } from '../../hardware/drivers/index.ts'
import type { SensorConfig } from '../../hardware/sensor-config.ts'
import { openNodeSerialPort } from '../../hardware/serial/node-port.ts'
import type { Clock } from '../../protocol/index.ts'
import type { OpenSensor } from './sensor-set.ts'

/** Opens what one entry of the owner's list means. @throws {HardwareError} when it cannot be opened now */
export async function openHere(config: SensorConfig, clock: Clock): Promise<readonly OpenSensor[]> {
  const opened = await openSensors(config, { clock, openPort: openNodeSerialPort, root: '/' })
  return opened.map(({ sensor, place }) => {
    const calibrations = sensor.channels.map((_, channel) => calibrationOf(sensor, channel))
    return { sensor, place, calibrations }
  })
}

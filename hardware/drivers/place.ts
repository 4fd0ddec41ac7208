/** What tells a sensor without a serial number of its own from the others of a device. */
import type { SensorConfig } from '../sensor-config.ts'

/** With a device id of 26 characters and a slash it stays within the serial number of a sensor ({@link LIMITS}.sensorTextBytesMax). */
const PLACE_BYTES_MAX = 36

/**
 * The owner's name for it, else its port (and its address on a Modbus), else what the kernel calls it. Of a long port the end is kept, which is where
 * names under `/dev/serial/by-id` differ.
 * @returns 1..36 bytes of ASCII
 */
export function placeOf(config: SensorConfig, input = ''): string {
  const whole = input === '' ? rawPlace(config) : `${rawPlace(config)}/${input}`
  return whole.replaceAll(/[^\x20-\x7e]/g, '?').slice(-PLACE_BYTES_MAX)
}

function rawPlace(config: SensorConfig): string {
  if (config.name !== undefined) return config.name
  if ('port' in config) {
    const port = config.port.replace(/^\/dev\/(serial\/by-(id|path)\/)?/, '')
    return config.driver === 'modbus' ? `${port}/${config.unit ?? 1}` : port
  }
  if ('at' in config && config.at !== undefined) return `${config.device}/${config.at}`
  return 'device' in config ? config.device : config.driver
}

/** Are the sensors there that the owner wrote down, may they be read, and does data come? */
import { accessSync, constants, existsSync } from 'node:fs'
import type { Sensor } from '../../hardware/sensor.ts'
import type { SensorConfig } from '../../hardware/sensor-config.ts'
import { broken, type Clock, type Finding, HedgerowError, messageOf, warning, well } from '../../protocol/index.ts'

export interface SensorsPorts {
  readonly clock: Clock
  /** The owner's list; empty without one. */
  readonly sensors: readonly SensorConfig[]
  /** While the device runs the ports are its own, and it says itself how they are. */
  readonly deviceRuns: boolean
  open(config: SensorConfig): Promise<readonly { readonly sensor: Sensor }[]>
  /** How long a sensor is waited for. Default 12 s: a PM sensor speaks once a second, others warm up. */
  readonly waitMs?: number
}

const WAIT_MS = 12_000
const LOOK_MS = 500

export async function checkSensors(ports: SensorsPorts): Promise<Finding[]> {
  const { sensors } = ports
  if (sensors.length === 0) return [well('sensors', 'No sensors are written down in sensors.yaml.')]
  return (await Promise.all(sensors.map(config => checkOne(config, ports)))).flat()
}

async function checkOne(config: SensorConfig, ports: SensorsPorts): Promise<Finding[]> {
  const check = `sensor ${config.name ?? config.driver}`
  const port = 'port' in config && typeof config.port === 'string' ? config.port : null
  const trouble = port === null || !port.startsWith('/dev/') ? null : portTrouble(check, port)
  if (trouble !== null) return [trouble]
  if (ports.deviceRuns)
    return [well(check, 'It is there; whether data comes the device itself knows: hedgerow device explain.')]
  try {
    const opened = await ports.open(config)
    return await Promise.all(opened.map(({ sensor }) => listen(check, sensor, ports)))
  } catch (error) {
    if (!(error instanceof HedgerowError)) throw error
    return [broken(check, messageOf(error), `Look what is connected: hedgerow hardware scan --probe.`)]
  }
}

function portTrouble(check: string, port: string): Finding | null {
  if (!existsSync(port)) {
    return broken(
      check,
      `There is no port ${port}.`,
      'Plug the sensor in, and see the names of ports with: hedgerow hardware scan. Names under /dev/serial/by-id stay the same.',
    )
  }
  try {
    accessSync(port, constants.R_OK | constants.W_OK)
    return null
  } catch {
    const group = port.includes('i2c') ? 'i2c' : 'dialout'
    return broken(
      check,
      `This user may not use ${port}.`,
      `sudo usermod -aG ${group} $USER, then log in again. For the service: sudo systemctl edit hedgerow-device, with [Service] and SupplementaryGroups=${group}.`,
    )
  }
}

/** Waits for a value, or for the sensor to say what is wrong. */
async function listen(check: string, sensor: Sensor, { clock, waitMs = WAIT_MS }: SensorsPorts): Promise<Finding> {
  const endMs = clock.monotonicMs() + waitMs
  try {
    for (;;) {
      const { values } = await sensor.sample()
      if (values.some(value => value !== null)) return well(check, `Data comes from the ${sensor.model}.`)
      if (clock.monotonicMs() >= endMs) break
      await new Promise<void>(resolve => clock.setTimeout(resolve, LOOK_MS))
    }
    const { state, advice } = sensor.health()
    const fix = 'Look at the cable and its plug, then: hedgerow hardware scan --probe.'
    if (state === 'warming_up')
      return warning(check, `The ${sensor.model} is warming up.`, 'Look again in a few minutes.')
    return broken(check, `No data comes from the ${sensor.model}.${advice === '' ? '' : ` ${advice}`}`, fix)
  } finally {
    await sensor.close()
  }
}

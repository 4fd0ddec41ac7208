/** Serial ports, and with leave to talk to them, what is on each. */
import { HardwareError } from '../../protocol/index.ts'
import { type Detection, detectSensor } from '../detect/index.ts'
import type { DriverComponents } from '../drivers/components.ts'
import { listSerialPorts, type SerialPortInfo } from '../serial/list-ports.ts'

/** A port that was found. */
export interface FoundPort {
  /** The name that stays the same. */
  readonly path: string
  readonly kind: SerialPortInfo['kind']
  /** What the adapter says of itself; empty when it says nothing. */
  readonly adapter: string
  /** The entry for the owner's list; null when nothing was recognised or nobody looked. */
  readonly config: Readonly<Record<string, string | number>> | null
  /** What was heard, in a sentence; empty when nobody looked. */
  readonly note: string
}

/**
 * Lists the ports; several are listened to at once.
 * @param probe - opens each port and asks what is there; takes up to 17 s and changes no setting
 */
export async function scanPorts(components: DriverComponents, probe: boolean): Promise<readonly FoundPort[]> {
  return Promise.all(
    listSerialPorts(components.root).map(async info => {
      const detection = probe ? await detect(info, components) : null
      const sensor = detection?.sensor ?? null
      return {
        path: info.stablePath,
        kind: info.kind,
        adapter: [info.manufacturer, info.product].filter(text => text !== null).join(' '),
        config: sensor === null ? null : { driver: sensor.driver, port: info.stablePath, ...sensor.options },
        note: detection?.seen ?? '',
      }
    }),
  )
}

/** A port that cannot be opened is told of, and the others are still looked at. */
async function detect({ path }: SerialPortInfo, components: DriverComponents): Promise<Detection> {
  try {
    return await detectSensor(path, components)
  } catch (thrown) {
    if (!(thrown instanceof HardwareError)) throw thrown
    return { sensor: null, seen: thrown.message }
  }
}

/** What is connected to this computer, and what to write into the sensors file for it. */
import type { DriverComponents } from '../drivers/components.ts'
import { type FoundSensor, missingBuses, scanKernel } from './kernel.ts'
import { I2C_ON, OVERLAYS, type Overlay, UART_ON, W1_ON } from './overlays.ts'
import { type FoundPort, scanPorts } from './ports.ts'

export type { FoundSensor } from './kernel.ts'
export type { Overlay } from './overlays.ts'
export type { FoundPort } from './ports.ts'

/** The outcome of a scan. */
export interface Scan {
  readonly sensors: readonly FoundSensor[]
  readonly ports: readonly FoundPort[]
  /** Lines for `/boot/firmware/config.txt` that would let the kernel see more. */
  readonly overlays: readonly Overlay[]
}

/** Looks at everything the kernel shows; with `probe` also asks what is on each serial port. */
export async function scanHardware(
  components: DriverComponents,
  { probe }: { readonly probe: boolean },
): Promise<Scan> {
  const [sensors, ports] = await Promise.all([scanKernel(components), scanPorts(components, probe)])
  return { sensors, ports, overlays: missing(components.root, sensors, ports) }
}

function missing(root: string, sensors: readonly FoundSensor[], ports: readonly FoundPort[]): readonly Overlay[] {
  const { i2c, w1 } = missingBuses(root)
  const hasChip = sensors.some(({ config }) => config.driver === 'iio' || config.driver === 'hwmon')
  return [
    ...(w1 ? [{ line: W1_ON, sensor: 'DS18B20 thermometers on GPIO 4' }] : []),
    ...(ports.length === 0 ? [{ line: UART_ON, sensor: 'the serial port on GPIO 14 and 15' }] : []),
    ...(i2c ? [{ line: I2C_ON, sensor: 'the I2C bus on GPIO 2 and 3, for all below' }] : []),
    ...(hasChip ? [] : OVERLAYS),
  ]
}

/** An entry of the owner's list, as one line of YAML. */
export function configLine(config: object): string {
  const fields = Object.entries(config).map(([name, value]) => `${name}: ${scalar(value)}`)
  return `- {${fields.join(', ')}}`
}

/** JSON is YAML; quotes are left out where YAML does not need them. */
function scalar(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z/][\w./@-]*$/.test(value) ? value : JSON.stringify(value)
}

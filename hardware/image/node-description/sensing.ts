/** What the sensors of a description need of the machine. */
import { parseSensorsFile } from '../../config.ts'
import { OVERLAYS } from '../../scan/overlays.ts'
import type { SensorConfig } from '../../sensor-config.ts'
import type { NodeInterfaces } from '../customise/types.ts'
import { ownersYaml } from '../yaml.ts'
import { type Fields, inside, readBoolean, readForm, readList, readObject } from './fields.ts'

/** Where sensors.yaml will be; relative paths in it start there. */
const FOLDER = '/etc/hedgerow'
const INTERFACES = ['i2c', 'spi', 'onewire', 'serial'] as const
const OVERLAYS_MAX = 32
/** The firmware reads no more of a line of config.txt. */
const OVERLAY_BYTES_MAX = 98
const PIN_PORT = /^\/dev\/(?:serial0|ttyAMA0|ttyS0)$/

export interface Sensing {
  readonly interfaces: NodeInterfaces
  readonly overlays: readonly string[]
  readonly sensors?: string
  readonly sensorDevices: readonly string[]
  readonly remarks: readonly string[]
}

/** Reads `sensors`, `interfaces` and `overlays`: what the sensors need is on without being asked for. */
export function readSensing(fields: Fields): Sensing {
  const given = fields.sensors
  const sensors = given === undefined ? [] : parseSensorsFile(given, FOLDER).sensors
  const asked = readList(fields.overlays ?? [], 'overlays', OVERLAYS_MAX).map((line, index) => readOverlay(line, index))
  const overlays = [...asked]
  const remarks: string[] = []
  for (const sensor of sensors) {
    if (sensor.driver !== 'iio' && sensor.driver !== 'hwmon') continue
    if (overlays.some(line => line.includes(sensor.device))) continue
    const line = overlayOf(sensor.device, sensor.at)
    if (line !== null) overlays.push(line)
    else {
      remarks.push(
        `No overlay is known for the sensor '${sensor.device}': if the kernel does not find it by itself, add its line to 'overlays'.`,
      )
    }
  }
  return {
    interfaces: readInterfaces(fields.interfaces ?? {}, sensors, overlays),
    overlays,
    ...(given === undefined ? {} : { sensors: ownersYaml(given) }),
    sensorDevices: [...new Set(sensors.flatMap(sensor => ('port' in sensor ? [sensor.port] : [])))],
    remarks,
  }
}

function readOverlay(value: unknown, index: number): string {
  const wanted = "a line of config.txt such as 'dtoverlay=i2c-sensor,bme280,addr=0x76'"
  return readForm(value, `overlays[${index}]`, OVERLAY_BYTES_MAX, /^(?:dtoverlay|dtparam)=[!-~]+$/, wanted)
}

/** The kernel's overlay of a part, for the address it is at. */
function overlayOf(device: string, at: string | undefined): string | null {
  const known = OVERLAYS.find(({ line }) => line.split('=')[1]?.split(',').includes(device))
  const address = /^\d+-00([0-9a-f]{2})$/.exec(at ?? '')?.[1]
  if (known === undefined || address === undefined) return known?.line ?? null
  return `${known.line.replace(/,addr=0x[0-9a-f]+$/, '')},addr=0x${address}`
}

function readInterfaces(value: unknown, sensors: readonly SensorConfig[], overlays: readonly string[]): NodeInterfaces {
  const fields = readObject(value, 'interfaces', INTERFACES)
  const needed = {
    i2c: overlays.some(line => line.startsWith('dtoverlay=i2c-sensor')),
    spi: false,
    onewire: sensors.some(({ driver }) => driver === 'ds18b20'),
    serial: sensors.some(sensor => 'port' in sensor && PIN_PORT.test(sensor.port)),
  }
  const on = (name: (typeof INTERFACES)[number]) =>
    needed[name] || (fields[name] !== undefined && readBoolean(fields[name], inside('interfaces', name)))
  return { i2c: on('i2c'), spi: on('spi'), onewire: on('onewire'), serial: on('serial') }
}

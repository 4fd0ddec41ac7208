/** The ids of entities. All are texts that say what they name, so they stay as they are whatever is added to the region. */
import { type DeviceId, type Location, QUANTITY_NAME, type SensorId } from '../../../protocol/index.ts'
import type { Series } from '../readings/reading.ts'

const SENSOR = /^[0-9a-f]{16}$/
const DATASTREAM = /^([0-9a-f]{16})-(.+)$/
const OBSERVATION = /^(.+)-(\d{1,16})$/
const FEATURE = /^(-?\d{1,8})_(-?\d{1,9})_(-?\d{1,5})_(in|out)$/

const LATITUDE_MAX = 90_000_000
const LONGITUDE_MAX = 180_000_000

/** The feature of readings whose place nobody remembers. */
export const UNKNOWN_FEATURE = 'unknown'

/** `<sensor>-<quantity>` */
export function datastreamId({ sensor, quantity }: Series): string {
  return `${sensor}-${quantity}`
}

export function parseDatastreamId(id: string): Series | null {
  const [, sensor, quantity = ''] = DATASTREAM.exec(id) ?? []
  return sensor !== undefined && QUANTITY_NAME.test(quantity) ? { sensor: sensor as SensorId, quantity } : null
}

/** `<sensor>-<quantity>-<milliseconds since 1970>` */
export function observationId(series: Series, atMs: number): string {
  return `${datastreamId(series)}-${atMs}`
}

export function parseObservationId(id: string): { series: Series; atMs: number } | null {
  const [, stream = '', at] = OBSERVATION.exec(id) ?? []
  const series = parseDatastreamId(stream)
  const atMs = Number(at)
  return series !== null && Number.isSafeInteger(atMs) ? { series, atMs } : null
}

/** `<micro-degrees north>_<micro-degrees east>_<metres up>_<in|out>`: the place itself, since devices move. */
export function featureId({ latitudeMicroDeg, longitudeMicroDeg, elevationM, indoor }: Location): string {
  return `${latitudeMicroDeg}_${longitudeMicroDeg}_${elevationM}_${indoor ? 'in' : 'out'}`
}

export function parseFeatureId(id: string): Location | null {
  const [, latitude, longitude, elevation, side] = FEATURE.exec(id) ?? []
  const place = {
    latitudeMicroDeg: Number(latitude),
    longitudeMicroDeg: Number(longitude),
    elevationM: Number(elevation),
    indoor: side === 'in',
  }
  const { latitudeMicroDeg, longitudeMicroDeg } = place
  if (!(Math.abs(latitudeMicroDeg) <= LATITUDE_MAX && Math.abs(longitudeMicroDeg) <= LONGITUDE_MAX)) return null
  return place
}

/** Whether a text can be a device's or a sensor's id at all. */
export function isDeviceId(id: string): id is DeviceId {
  return /^[a-z2-7]{26}$/.test(id)
}

export function isSensorId(id: string): id is SensorId {
  return SENSOR.test(id)
}

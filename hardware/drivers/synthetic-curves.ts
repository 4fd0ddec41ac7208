/** The made-up world that synthetic sensors measure: a day's curve and slow weather that all share, and each sensor's own noise. */
import { seededRandom } from '../../protocol/index.ts'

interface Curve {
  /** Over a day, in the quantity's unit. */
  readonly mean: number
  /** Half the distance between the day's least and greatest. */
  readonly swing: number
  /** Hour (UTC) of the greatest value. */
  readonly peakHour: number
  /** Size of the weather, which changes over hours and is the same for all sensors. */
  readonly weather: number
  /** Size of a sensor's own noise, and of its constant bias. */
  readonly noise: number
  readonly min: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Weather is drawn anew this often and changes smoothly between. */
const WEATHER_MS = 3 * HOUR_MS

const curve = (mean: number, swing: number, peakHour: number, weather: number, noise: number, min: number): Curve => {
  return { mean, swing, peakHour, weather, noise, min }
}

const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['temperature', curve(12, 6, 14, 2, 0.1, -40)],
  ['humidity', curve(65, -15, 14, 8, 0.5, 0)],
  ['pressure', curve(101_300, 60, 9, 600, 5, 30_000)],
  ['pm1', curve(6, 3, 19, 3, 0.5, 0)],
  ['pm2.5', curve(10, 4, 19, 5, 0.8, 0)],
  ['pm4', curve(12, 5, 19, 6, 1, 0)],
  ['pm10', curve(16, 7, 19, 8, 1.5, 0)],
  ['co2', curve(430, -15, 14, 20, 3, 380)],
  ['light', curve(20_000, 40_000, 12, 4_000, 200, 0)],
  ['noise', curve(50, 8, 13, 2, 1, 25)],
  ['wind-speed', curve(3, 1.5, 14, 1.5, 0.3, 0)],
  ['soc-temperature', curve(48, 4, 15, 1, 0.3, 0)],
])

/** Quantities that synthetic sensors can imitate. */
export const SYNTHETIC_QUANTITIES: readonly string[] = [...CURVES.keys()]

/**
 * What a synthetic sensor measures.
 * @param quantity - one of {@link SYNTHETIC_QUANTITIES}
 * @param noise - in parts of the usual noise; 0 gives what all sensors share
 * @returns a value in the quantity's unit, the same for the same arguments
 */
export function syntheticValue(quantity: string, seed: string, noise: number, atMs: number): number {
  const shape = CURVES.get(quantity)
  if (shape === undefined) return Number.NaN
  const day = Math.cos((2 * Math.PI * ((atMs % DAY_MS) - shape.peakHour * HOUR_MS)) / DAY_MS)
  const own = symmetric(`bias/${quantity}/${seed}`) + symmetric(`noise/${quantity}/${seed}/${atMs}`)
  const value = shape.mean + shape.swing * day + shape.weather * weather(quantity, atMs) + shape.noise * noise * own
  return Math.max(shape.min, value)
}

/** Smooth between draws, -1..1. */
function weather(quantity: string, atMs: number): number {
  const step = Math.floor(atMs / WEATHER_MS)
  const part = atMs / WEATHER_MS - step
  const ease = part * part * (3 - 2 * part)
  const from = symmetric(`weather/${quantity}/${step}`)
  const to = symmetric(`weather/${quantity}/${step + 1}`)
  return from + (to - from) * ease
}

/** Uniform in -1..1, fixed by its name. */
function symmetric(name: string): number {
  return 2 * seededRandom(name).uniform() - 1
}

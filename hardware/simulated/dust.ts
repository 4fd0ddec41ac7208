/** Air for simulated particle sensors: dust that rises and falls slowly. */
import type { Random } from '../../protocol/index.ts'

/** Tenths of µg/m³. */
export interface Dust {
  readonly pm1Tenths: number
  readonly pm25Tenths: number
  readonly pm10Tenths: number
}

const START_TENTHS = 120
const STEP_TENTHS_MAX = 4
const LEAST_TENTHS = 10
const GREATEST_TENTHS = 2_000
/** Usual shares in the air of a town. */
const PM1_SHARE = 0.7
const PM10_SHARE = 1.6

/** @returns the next moment's dust at each call */
export function dustyAir(random: Random): () => Dust {
  let tenths = START_TENTHS
  return () => {
    const step = (random.uniform() * 2 - 1) * STEP_TENTHS_MAX
    tenths = Math.min(GREATEST_TENTHS, Math.max(LEAST_TENTHS, tenths + step))
    return {
      pm1Tenths: Math.round(tenths * PM1_SHARE),
      pm25Tenths: Math.round(tenths),
      pm10Tenths: Math.round(tenths * PM10_SHARE),
    }
  }
}

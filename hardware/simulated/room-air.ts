/** Air of a room for simulated carbon dioxide sensors: people come and go. */
import type { Random } from '../../protocol/index.ts'

const START_PPM = 520
const STEP_PPM_MAX = 8
const LEAST_PPM = 420
const GREATEST_PPM = 2_400

/** @returns the next moment's carbon dioxide, in ppm, at each call */
export function roomAir(random: Random): () => number {
  let ppm = START_PPM
  return () => {
    ppm = Math.min(GREATEST_PPM, Math.max(LEAST_PPM, ppm + (random.uniform() * 2 - 1) * STEP_PPM_MAX))
    return Math.round(ppm)
  }
}

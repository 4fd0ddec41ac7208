/** Cells and distances on the map. The only file that knows H3 (h3geo.org; Uber's library, kept since 2018). */
import { latLngToCell } from 'h3-js'
import type { Location } from '../../protocol/index.ts'

const MICRO = 1_000_000
/** Mean length of a degree of latitude, WGS 84. */
const METRES_PER_DEGREE = 111_195

/** The cell of a place at a resolution of 0..15. */
export function cellOf({ latitudeMicroDeg, longitudeMicroDeg }: Location, resolution: number): string {
  return latLngToCell(latitudeMicroDeg / MICRO, longitudeMicroDeg / MICRO, resolution)
}

/** Where one place is seen from another on a flat map, in whole metres; good to a percent within a hundred kilometres. */
export function offsetM(from: Location, to: Location): { eastM: number; northM: number } {
  const middle = ((from.latitudeMicroDeg + to.latitudeMicroDeg) / 2 / MICRO) * (Math.PI / 180)
  let across = (to.longitudeMicroDeg - from.longitudeMicroDeg) / MICRO
  if (across > 180) across -= 360
  if (across < -180) across += 360
  const up = (to.latitudeMicroDeg - from.latitudeMicroDeg) / MICRO
  return {
    eastM: Math.round(across * METRES_PER_DEGREE * Math.cos(middle)),
    northM: Math.round(up * METRES_PER_DEGREE),
  }
}

/** Distance in metres, in the same approximation. */
export function distanceM(from: Location, to: Location): number {
  const { eastM, northM } = offsetM(from, to)
  return Math.hypot(eastM, northM)
}

/** Lines of latitude and longitude at round steps, for a map that has nothing else below it. */
import type { Place } from './cells.ts'

/** What of the Earth is in view, in degrees. */
export interface View {
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number
}

/** One line, and what stands at its end. */
export interface GraticuleLine {
  readonly from: Place
  readonly to: Place
  readonly text: string
  readonly isMeridian: boolean
}

const STEPS = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001]
const LINES_MAX = 60

/** @param wanted - degrees that lines should be apart about */
export function graticuleOf(
  { south, west, north, east }: View,
  wanted: number,
): { lines: GraticuleLine[]; step: number } {
  const step = STEPS.findLast(known => known >= wanted) ?? 30
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const top = Math.min(north, 85)
  const bottom = Math.max(south, -85)
  const lines: GraticuleLine[] = []
  for (const degrees of rounds(west, east, step)) {
    const text = `${Math.abs(degrees).toFixed(digits)}° ${degrees < 0 ? 'W' : 'E'}`
    lines.push({ from: [bottom, degrees], to: [top, degrees], text, isMeridian: true })
  }
  for (const degrees of rounds(bottom, top, step)) {
    const text = `${Math.abs(degrees).toFixed(digits)}° ${degrees < 0 ? 'S' : 'N'}`
    lines.push({ from: [degrees, west], to: [degrees, east], text, isMeridian: false })
  }
  return { lines, step }
}

function rounds(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step)
  const count = Math.min(LINES_MAX, Math.max(0, Math.floor(to / step) - first + 1))
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toFixed(6)))
}

/** The neighbours of a reading at its time, brought to its height. */
import { medianOf } from './numbers.ts'
import { nearest, type Sample, samplesOf } from './series.ts'
import type { Neighbour, NeighbourSelf } from './types.ts'

/** A neighbour with its readings ready to be looked up. */
export interface PreparedNeighbour {
  readonly id: string
  /** From the judged sensor. */
  readonly eastM: number
  readonly northM: number
  /** Square of the distance, in square metres. */
  readonly distance2: number
  /** How much higher it stands; negative when lower. */
  readonly riseM: number
  readonly samples: readonly Sample[]
  readonly median: number
}

/** What a neighbour measures at one time, as it would at the height of the judged sensor. */
export interface NeighbourValue {
  readonly id: string
  readonly eastM: number
  readonly northM: number
  readonly value: number
}

/** Which neighbours a check compares with. */
export interface Reach {
  readonly radiusM: number
  /** Null when height does not matter. */
  readonly elevationDifferenceMaxM: number | null
  readonly perMetre: number
}

/** Nearest neighbours that are looked at; more of them add work and no insight. */
const NEIGHBOURS_MAX = 32

/** The neighbours that have readings, nearest first, whatever order they came in. */
export function prepareNeighbours(self: NeighbourSelf, neighbours: readonly Neighbour[]): PreparedNeighbour[] {
  const prepared = neighbours.map(({ id, eastM, northM, elevationM, points }) => {
    const east = eastM - self.eastM
    const north = northM - self.northM
    const samples = samplesOf(points, { range: null }, self.periodMs)
    const median = medianOf(samples.map(({ value }) => value))
    const distance2 = east * east + north * north
    return { id, eastM: east, northM: north, distance2, riseM: elevationM - self.elevationM, samples, median }
  })
  return prepared
    .filter(({ samples, distance2, riseM }) => samples.length > 0 && Number.isFinite(distance2 + riseM))
    .sort(byDistance)
}

function byDistance(a: PreparedNeighbour, b: PreparedNeighbour): number {
  if (a.distance2 !== b.distance2) return a.distance2 - b.distance2
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.eastM - b.eastM || a.northM - b.northM || a.riseM - b.riseM || a.median - b.median
}

/** The neighbours within reach. @see spec/quality.md [QC-6.1] */
export function withinReach(prepared: readonly PreparedNeighbour[], reach: Reach): PreparedNeighbour[] {
  const { radiusM, elevationDifferenceMaxM: rise } = reach
  return prepared
    .filter(({ distance2 }) => distance2 <= radiusM * radiusM)
    .filter(({ riseM }) => rise === null || Math.abs(riseM) <= rise)
    .slice(0, NEIGHBOURS_MAX)
}

/**
 * What neighbours measure at a time: each its reading nearest in time within a period, or the median of its window.
 * @see spec/quality.md [QC-6.2]
 */
export function valuesAt(
  neighbours: readonly PreparedNeighbour[],
  { perMetre }: Pick<Reach, 'perMetre'>,
  atMs: number,
  periodMs: number,
): NeighbourValue[] {
  return neighbours.map(({ id, eastM, northM, riseM, samples, median }) => {
    const value = nearest(samples, atMs, periodMs)?.value ?? median
    return { id, eastM, northM, value: value - riseM * perMetre }
  })
}

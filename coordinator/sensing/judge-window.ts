/** Verdicts and values of one window, from its evidence. A function of nothing else. */
import {
  type Flags,
  isAccepted,
  judgeNeighbours,
  judgeSeries,
  type Point,
  type QualityRules,
} from '../../protocol/index.ts'
import { aggregateValues, type Scaled } from './aggregate.ts'
import { type Member, neighboursOf, type Question, type Series } from './evidence.ts'

/** What a sensor's readings in the window came to. */
export interface SeriesVerdict {
  readonly member: Member
  /** One for each reading, in time order. */
  readonly flags: readonly Flags[]
  readonly accepted: number
}

/** What a cell came to; texts are exact decimals, null when nothing was accepted. */
export interface CellValue {
  readonly cell: string
  readonly value: string | null
  readonly least: string | null
  readonly greatest: string | null
  readonly readings: number
  readonly accepted: number
  readonly sensors: number
}

export interface WindowVerdict {
  readonly windowMs: number
  readonly frameMax: number
  readonly series: readonly SeriesVerdict[]
  readonly cells: readonly CellValue[]
}

/** Judges every reading of a window and aggregates what is accepted, cell by cell. Yields after each sensor. */
export function* judgeWindow(question: Question, evidence: readonly Series[]): Generator<void, WindowVerdict> {
  const { spec, windowMs, frameMax } = question
  const own = new Map<Series, Flags[]>()
  for (const item of evidence) {
    own.set(item, ownFlags(item))
    yield
  }
  const acceptedPoints = (series: Series): Point[] => {
    const flags = own.get(series) ?? []
    return series.input.points.filter((_, i) => isAccepted(flags[i] ?? 0))
  }
  const series: (SeriesVerdict & { taken: Series['taken'] })[] = []
  for (const item of evidence) {
    const flags = withNeighbours(item, own.get(item) ?? [], evidence, acceptedPoints, spec.quality)
    series.push({ member: item.member, taken: item.taken, flags, accepted: flags.filter(isAccepted).length })
    yield
  }
  const cells = [...new Set(series.map(({ member }) => member.cell))].sort()
  const cellValues = cells.map(cell => {
    const here = series.filter(({ member }) => member.cell === cell)
    const values = here.flatMap(({ taken, flags }) =>
      taken.flatMap(({ scaled, exponent }, i): Scaled[] =>
        scaled !== null && isAccepted(flags[i] ?? 0) ? [{ scaled, exponent }] : [],
      ),
    )
    const readings = here.reduce((sum, { taken }) => sum + taken.length, 0)
    const sensors = here.filter(({ taken }) => taken.length > 0).length
    return { cell, ...aggregateValues(spec.aggregate, values), readings, accepted: values.length, sensors }
  })
  const verdicts = series.map(({ member, flags, accepted }) => ({ member, flags, accepted }))
  return { windowMs, frameMax, series: verdicts, cells: cellValues }
}

/** What the readings and their frames alone say. */
export function ownFlags({ input, taken }: Series): Flags[] {
  return judgeSeries(input).map((flags, i) => flags | (taken[i]?.flags ?? 0))
}

function withNeighbours(
  series: Series,
  flags: readonly Flags[],
  evidence: readonly Series[],
  accepted: (series: Series) => Point[],
  rules: QualityRules,
): Flags[] {
  const { periodMs, points } = series.input
  const { elevationM } = series.member.place
  const self = { eastM: 0, northM: 0, elevationM, periodMs, points }
  return judgeNeighbours(self, [...flags], neighboursOf(series, evidence, accepted), rules)
}

/** From readings to verdicts. */
import { checkBuddies, type Deviation, isFar } from './buddy.ts'
import { type FlatLine, findFlatLines } from './constant.ts'
import { flag, isAccepted } from './flags.ts'
import { historyMsOf } from './history.ts'
import { findJumps, type Jump } from './jump.ts'
import { type PreparedNeighbour, prepareNeighbours } from './neighbourhood.ts'
import { isInRange, isPresent, samplesOf } from './series.ts'
import { checkSpatially } from './spatial.ts'
import { askTwins, isOutvoted, type TwinVote } from './twin.ts'
import type { Flags, Neighbour, NeighbourSelf, Point, QualityRules, SeriesInput, VerdictInput } from './types.ts'

/** What the own checks found about one reading; null where a check found nothing or was not made. */
export interface OwnFinding {
  readonly missing: boolean
  readonly outOfRange: boolean
  readonly jump: Jump | null
  readonly flatLine: FlatLine | null
  readonly twins: TwinVote | null
}

/** What its neighbours say of one reading; null where there are too few or the check is not made. */
export interface NeighbourFinding {
  readonly buddy: Deviation | null
  readonly spatial: Deviation | null
}

/**
 * The own checks of a series: `missing`, `range`, `jump`, `jump_unclear`, `constant`, `twin`.
 * @returns flags for each of `input.points`, in their order
 * @see spec/quality.md
 */
export function judgeSeries(input: SeriesInput): Flags[] {
  return findInSeries(input).map(({ missing, outOfRange, jump, flatLine, twins }) => {
    let flags = 0
    if (missing) flags |= flag('missing')
    if (outOfRange) flags |= flag('range')
    if (jump !== null) flags |= flag(jump.guilty ? 'jump' : 'jump_unclear')
    if (flatLine !== null) flags |= flag('constant')
    if (twins !== null && isOutvoted(twins)) flags |= flag('twin')
    return flags
  })
}

/** The reasons behind {@link judgeSeries}. */
export function findInSeries({ rules, periodMs, points, history, twins }: SeriesInput): OwnFinding[] {
  const before = samplesOf(recent(history, points, historyMsOf(rules, periodMs)), rules, periodMs, () => -1)
  const own = samplesOf(points, rules, periodMs)
  const samples = [...before, ...own]
  const jumps = byIndex(rules.jump === null ? null : findJumps(samples, rules.jump, periodMs), samples)
  const lines = byIndex(rules.constant === null ? null : findFlatLines(samples, rules.constant, periodMs), samples)
  const others = twins.map(({ id, points: readings }) => ({ id, samples: samplesOf(readings, rules, periodMs) }))
  const votes = new Map<number, TwinVote>()
  if (rules.twin !== null && others.length > 0) {
    for (const sample of own) votes.set(sample.index, askTwins(sample, others, rules.twin, periodMs))
  }
  return points.map((point, index) => {
    const missing = !isPresent(point)
    return {
      missing,
      outOfRange: !missing && !isInRange(point.value, rules.range, periodMs),
      jump: jumps.get(index) ?? null,
      flatLine: lines.get(index) ?? null,
      twins: votes.get(index) ?? null,
    }
  })
}

/** The part of the history that can matter. */
function recent(history: readonly Point[], points: readonly Point[], historyMs: number): readonly Point[] {
  const firstMs = points.reduce((least, { atMs }) => (atMs < least ? atMs : least), Number.POSITIVE_INFINITY)
  return history.filter(({ atMs }) => atMs >= firstMs - historyMs)
}

function byIndex<Finding>(
  found: ReadonlyMap<number, Finding> | null,
  samples: readonly { readonly index: number }[],
): Map<number, Finding> {
  return new Map([...(found ?? [])].map(([position, finding]) => [samples[position]?.index ?? -1, finding]))
}

/**
 * Adds what neighbours say: `buddy`, `spatial`, `isolated`. Only readings that are accepted so far are compared.
 * @param flags - one for each of `self.points`, in their order
 * @returns the flags with more codes set
 * @see spec/quality.md [QC-6.3]
 */
export function judgeNeighbours(
  self: NeighbourSelf,
  flags: readonly Flags[],
  neighbours: readonly Neighbour[],
  rules: QualityRules,
): Flags[] {
  if (rules.buddy === null && rules.spatial === null) return self.points.map((_, index) => flags[index] ?? 0)
  const prepared = prepareNeighbours(self, neighbours)
  return self.points.map((point, index) => {
    const before = flags[index] ?? 0
    const found = isAccepted(before) ? findAmong(self, point, prepared, rules) : null
    if (found === null) return before
    const { buddy, spatial } = found
    if (buddy === null && spatial === null) return before | flag('isolated')
    const far = buddy !== null && isFar(buddy) ? flag('buddy') : 0
    const odd = spatial !== null && isFar(spatial) ? flag('spatial') : 0
    return before | far | odd
  })
}

/** The reasons behind {@link judgeNeighbours}, for one reading; null when it has no value. */
export function findAmong(
  { periodMs }: NeighbourSelf,
  point: Point,
  prepared: readonly PreparedNeighbour[],
  { buddy, spatial }: QualityRules,
): NeighbourFinding | null {
  if (!isPresent(point)) return null
  const sample = { atMs: point.atMs, value: point.value, index: 0 }
  return {
    buddy: buddy === null ? null : checkBuddies(sample, prepared, buddy, periodMs),
    spatial: spatial === null ? null : checkSpatially(sample, prepared, spatial, periodMs),
  }
}

/**
 * All verdicts of a channel in a window: its own checks, what the region knows of its frames, then its neighbours.
 * @returns flags for each of `input.series.points`, in their order
 */
export function judge(input: VerdictInput): Flags[] {
  const { series, neighbours } = input
  return judgeNeighbours(selfOf(input), ownFlags(input), neighbours, series.rules)
}

/** The verdicts before any neighbour is asked. */
function ownFlags({ series, extraFlags }: VerdictInput): Flags[] {
  const flags = judgeSeries(series)
  for (const { index, codes } of extraFlags) {
    const before = flags[index]
    if (before !== undefined) flags[index] = codes.reduce((all, code) => all | flag(code), before)
  }
  return flags
}

/** The judged channel where its neighbours' distances begin. */
export function selfOf({ series: { periodMs, points }, elevationM }: VerdictInput): NeighbourSelf {
  return { eastM: 0, northM: 0, elevationM, periodMs, points }
}

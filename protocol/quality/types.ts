/** What a verdict about a reading is made from. Everything here is data, so whoever holds it computes the same verdicts. */

/** Codes of a verdict; the position is the bit in {@link Flags}. */
export const VERDICT_CODES = [
  /** No value: the sensor had a fault. */
  'missing',
  /** Outside what the quantity or the sensor's model can be. */
  'range',
  /** Too far from the reading before it, and the guilty one of the two. */
  'jump',
  /** Stands beside a jump whose guilty reading cannot be told. Informs, does not reject. */
  'jump_unclear',
  /** The same value for longer than nature keeps one. */
  'constant',
  /** Two sensors of one quantity on one device disagree. */
  'twin',
  /** Far from the median of its neighbours. */
  'buddy',
  /** Does not fit the field that its neighbours span. */
  'spatial',
  /** Too few neighbours to compare with. Informs, does not reject. */
  'isolated',
  /** Its time lies in the region's future. */
  'future',
  /** Its time is known too badly for its window. */
  'untimed',
  /** Came after its window was judged the first time. Informs, does not reject. */
  'late',
  /** The same sensor is also announced by another device. */
  'duplicate_sensor',
] as const
export type VerdictCode = (typeof VERDICT_CODES)[number]

/** A set of verdict codes as bits. A reading is accepted when none of the rejecting ones is set. */
export type Flags = number

/** A reading in its unit. Null where the sensor had none. */
export interface Point {
  readonly atMs: number
  readonly value: number | null
}

/** Limits of the checks, in the quantity's unit. A check whose limits are null is not made. */
export interface QualityRules {
  readonly range: {
    readonly min: number
    readonly max: number
    /** For what is counted since the last reading, such as rain: the most in a second. Its product with the period is a bound too. */
    readonly maxPerSecond: number | null
  } | null
  /** Largest change between neighbouring readings: `perMinute` for up to a minute, growing in proportion to `max`. */
  readonly jump: { readonly perMinute: number; readonly max: number } | null
  /**
   * How long values may stay within `tolerance` of each other. Readings at or above `exemptAbove` are not looked at (humid air
   * stays at 100 %), nor are those at or below `exemptBelow` (a night stays at 0 lx).
   */
  readonly constant: {
    readonly minutes: number
    readonly tolerance: number
    readonly exemptAbove: number | null
    readonly exemptBelow: number | null
  } | null
  /** Both must be exceeded: the difference, and its ratio to the mean of the two. */
  readonly twin: { readonly absolute: number; readonly ratio: number } | null
  readonly buddy: {
    readonly radiusM: number
    readonly neighboursMin: number
    readonly elevationDifferenceMaxM: number
    /** Change of the quantity for each metre up, such as -0.0065 Cel. */
    readonly perMetre: number
    /** Robust standard deviations (1.4826 × MAD, at least `spreadMin`). */
    readonly threshold: number
    readonly spreadMin: number
  } | null
  readonly spatial: {
    readonly radiusM: number
    readonly neighboursMin: number
    readonly perMetre: number
    readonly threshold: number
    readonly spreadMin: number
  } | null
}

/** One other channel of the same quantity, near enough to be compared, as its own checks left it. */
export interface Neighbour {
  /** For people and for ordering; the sensor's id. */
  readonly id: string
  /** Metres east and north of the judged sensor. */
  readonly eastM: number
  readonly northM: number
  readonly elevationM: number
  /** What passed its own checks in the window, ascending in time. */
  readonly points: readonly Point[]
}

/** The judged channel among its neighbours. Neighbours are placed relative to it, so it usually stands at 0, 0. */
export interface NeighbourSelf {
  readonly eastM: number
  readonly northM: number
  readonly elevationM: number
  readonly periodMs: number
  /** Readings of the window, ascending in time. */
  readonly points: readonly Point[]
}

/** One channel in one window, with everything its own verdicts may depend on. */
export interface SeriesInput {
  readonly quantity: string
  readonly rules: QualityRules
  readonly periodMs: number
  /** Readings of the window, ascending in time, without repeats. */
  readonly points: readonly Point[]
  /** Readings before the window, ascending; at most {@link HISTORY_MS} back. */
  readonly history: readonly Point[]
  /** Other sensors of this quantity on the same device: their readings in the window. */
  readonly twins: readonly { readonly id: string; readonly points: readonly Point[] }[]
}

/** Everything that the verdicts of one channel in one window depend on. */
export interface VerdictInput {
  readonly series: SeriesInput
  /** Where the judged sensor stands, above sea level; its neighbours' distances are from it. */
  readonly elevationM: number
  readonly neighbours: readonly Neighbour[]
  /** Codes that the region adds from what it knows of a reading's frame: `future`, `untimed`, `late`, `duplicate_sensor`. */
  readonly extraFlags: readonly { readonly index: number; readonly codes: readonly VerdictCode[] }[]
}

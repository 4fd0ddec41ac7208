/** Makes readings of what sensors give, at the moments of one stream. Pure but for its own memory. */
import type { GapCause, Profile, SensorFault } from '../../protocol/index.ts'
import type { Moment } from '../store/index.ts'
import type { GapNote, Series } from './series.ts'
import { ChannelGatherer, readingOf } from './statistics.ts'

/** What was measured at one moment: for each channel of the profile a value or null, and why it is null. */
export interface Sample {
  readonly at: Moment
  readonly uncertaintyMs: number
  readonly values: readonly (number | null)[]
  readonly faults: readonly (SensorFault | null)[]
}

export interface RecorderInit {
  readonly profile: Profile
  readonly phaseMs: number
  /** Milliseconds from one moment to another by whatever clocks; null when that cannot be told. */
  distanceMs(from: Moment, to: Moment): number | null
  /** Why the stream was not sampled up to now; null when it begins. */
  readonly interrupted: GapCause | null
  /** The sensor keeps its own time, and what it did not record was never there: no gaps. */
  readonly recorded: boolean
}

/** So many missing readings are written as such; a longer stretch ends a frame and is a gap. */
const FILL_MAX = 60

export class Recorder {
  readonly series: Series
  readonly #init: RecorderInit
  #interrupted: GapCause | null
  /** The period that is being gathered, for statistics. */
  #period: { readonly start: Moment; uncertaintyMs: number; readonly channels: ChannelGatherer[] } | null = null

  constructor(series: Series, init: RecorderInit) {
    this.series = series
    this.#init = init
    this.#interrupted = init.interrupted
  }

  /** From now on nothing is sampled; the next sample ends a gap of this cause. */
  interrupt(cause: GapCause): void {
    this.#interrupted ??= cause
  }

  /** The clock was put back while nothing was sampled: what is missing lies before that, by the clock as it was. */
  clockPutBack(before: Moment): void {
    const { end } = this.series
    if (this.#interrupted !== null && end !== null) this.#note({ from: end, to: before, cause: this.#interrupted })
    this.#interrupted = null
  }

  /** A sample was taken. They come in the order of time. */
  add(sample: Sample): void {
    this.#bridge(sample.at)
    if (this.#init.profile.kind === 'sample') this.#append(sample.at, sample)
    else this.#gather(sample)
  }

  /** Ends the period that is being gathered, as when no more samples will come. */
  finish(): void {
    const period = this.#period
    if (period === null) return
    this.#period = null
    this.series.append(period.start, period.uncertaintyMs, readingOf(period.channels))
  }

  /** Nothing more comes: what there is becomes a frame, and an interruption that nothing ended a gap. */
  end(now: Moment): void {
    const cause = this.#interrupted
    const { end } = this.series
    this.finish()
    this.series.close()
    if (cause !== null && end !== null) this.series.note({ from: end, to: now, cause })
  }

  /** Start of the period that is being gathered and is in no reading yet; null when there is none. */
  get gathersFrom(): Moment | null {
    return this.#period?.start ?? null
  }

  #append(at: Moment, { uncertaintyMs, values, faults }: Sample): void {
    this.series.append(at, uncertaintyMs, { values: values.map(value => value ?? Number.NaN), faults })
  }

  #gather({ at, uncertaintyMs, values, faults }: Sample): void {
    const start = this.periodOf(at)
    if (this.#period?.start.boot !== start.boot || this.#period.start.ms !== start.ms) {
      this.finish()
      this.#period = { start, uncertaintyMs, channels: this.#init.profile.channels.map(() => new ChannelGatherer()) }
    }
    this.#period.uncertaintyMs = Math.max(this.#period.uncertaintyMs, uncertaintyMs)
    for (const [i, channel] of this.#period.channels.entries()) {
      const value = values[i] ?? null
      if (value !== null) channel.addValue(value)
      else channel.addFault(faults[i] ?? 'unknown')
    }
  }

  /** The start of the period that a moment lies in: a moment of a reading. */
  periodOf({ boot, ms }: Moment): Moment {
    const { phaseMs, profile } = this.#init
    return { boot, ms: Math.floor((ms - phaseMs) / profile.periodMs) * profile.periodMs + phaseMs }
  }

  /** Accounts for what is missing between the last reading and the one that a sample at this moment belongs to. */
  #bridge(at: Moment): void {
    const { end } = this.series
    const cause = this.#interrupted
    this.#interrupted = null
    const next = this.periodOf(at)
    if (this.#period !== null && (next.boot !== this.#period.start.boot || next.ms !== this.#period.start.ms))
      this.finish()
    if (end === null) return
    if (cause !== null) this.#bridgeInterruption(this.series.end ?? end, at, cause)
    else this.#bridgeSilence(this.series.end ?? end, next)
  }

  #bridgeInterruption(end: Moment, at: Moment, cause: GapCause): void {
    if (this.#period !== null) return
    const distanceMs = this.#init.distanceMs(end, at)
    if (distanceMs !== null && distanceMs <= 0 && end.boot === at.boot) return
    this.#note({ from: end, to: at, cause })
  }

  /** Nobody stopped the sampling, yet readings are missing: the process was held up, or the clock was put forward. */
  #bridgeSilence(end: Moment, next: Moment): void {
    if (this.#period !== null) return
    const { periodMs } = this.#init.profile
    const distanceMs = this.#init.distanceMs(end, next)
    if (distanceMs === null || distanceMs < periodMs) return
    const fills = end.boot === next.boot && distanceMs % periodMs === 0 && distanceMs / periodMs <= FILL_MAX
    if (fills && this.series.openCount > 0) this.series.fillTo(next)
    else if (!this.#init.recorded) this.#note({ from: end, to: next, cause: 'paused' })
  }

  #note(gap: GapNote): void {
    this.series.close()
    this.series.note(gap)
  }
}

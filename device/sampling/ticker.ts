/** Calls at the moments of each stream, and tells which were missed. Moments are by the region's time once that is known. */
import type { Clock, Timer } from '../../protocol/index.ts'
import type { Moment } from '../store/index.ts'
import type { RegionTime } from './region-time.ts'

/** When something is to happen: at times that leave `phaseMs` when divided by `stepMs`. */
export interface Rhythm {
  readonly stepMs: number
  readonly phaseMs: number
}

/** A moment that has passed by more than this is missed: sampling now would give it a value of another time. */
const LATE_MS = 2_000
/** Of long steps, a part of them. */
const LATE_PART = 1 / 60

export class Ticker<Subject extends Rhythm> {
  readonly #clock: Clock
  readonly #time: RegionTime
  readonly #fire: (at: Moment, subjects: readonly Subject[]) => void
  /** The next moment of each. */
  readonly #next = new Map<Subject, Moment>()
  #timer: Timer | null = null
  #paused = false

  constructor(clock: Clock, time: RegionTime, fire: (at: Moment, subjects: readonly Subject[]) => void) {
    this.#clock = clock
    this.#time = time
    this.#fire = fire
  }

  /** @param end - where an earlier run stopped: its moments do not come again; null when there was none */
  add(subject: Subject, end: Moment | null): void {
    const now = this.#time.now
    const isNear = end !== null && !isElsewhen(end, now, subject)
    this.#next.set(subject, firstAfter(isNear && end.ms > now.ms ? end : now, subject))
    this.rearm()
  }

  remove(subject: Subject): void {
    this.#next.delete(subject)
    this.rearm()
  }

  /** Nothing happens until resumed; what is missed meanwhile stays missed. */
  pause(paused: boolean): void {
    const resumes = this.#paused && !paused
    this.#paused = paused
    if (resumes) for (const [subject, next] of this.#next) this.#skipTo(this.#time.now, subject, next)
    this.rearm()
  }

  /** To be called when the region's time has changed. */
  rearm(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#paused || this.#next.size === 0) return
    const now = this.#time.now
    let delayMs = Number.POSITIVE_INFINITY
    for (const [subject, next] of this.#next) {
      if (isElsewhen(next, now, subject)) this.#next.set(subject, firstAfter(now, subject))
      delayMs = Math.min(delayMs, (this.#next.get(subject)?.ms ?? now.ms) - now.ms)
    }
    this.#timer = this.#clock.setTimeout(() => this.#wake(), Math.max(0, delayMs))
  }

  #skipTo(now: Moment, subject: Subject, next: Moment): void {
    if (next.boot === now.boot && next.ms < now.ms) this.#next.set(subject, firstAfter(now, subject))
  }

  #wake(): void {
    this.#timer = null
    const now = this.#time.now
    const due = new Map<number, Subject[]>()
    for (const [subject, next] of this.#next) {
      if (next.boot !== now.boot || next.ms > now.ms) continue
      const latestMs = lastUpTo(now.ms, subject)
      this.#next.set(subject, { boot: now.boot, ms: latestMs + subject.stepMs })
      if (now.ms - latestMs > Math.max(LATE_MS, subject.stepMs * LATE_PART)) continue
      due.set(latestMs, [...(due.get(latestMs) ?? []), subject])
    }
    for (const [ms, subjects] of [...due].sort(([a], [b]) => a - b)) this.#fire({ boot: now.boot, ms }, subjects)
    this.rearm()
  }
}

/** Whether a planned moment is by another clock, or the clock was put back so far that it is more than a step away. */
function isElsewhen(next: Moment, now: Moment, { stepMs }: Rhythm): boolean {
  return next.boot !== now.boot || next.ms > now.ms + 2 * stepMs
}

function lastUpTo(ms: number, { stepMs, phaseMs }: Rhythm): number {
  const phase = phaseMs % stepMs
  return Math.floor((ms - phase) / stepMs) * stepMs + phase
}

function firstAfter(now: Moment, rhythm: Rhythm): Moment {
  const last = lastUpTo(now.ms, rhythm)
  return { boot: now.boot, ms: last === now.ms ? last : last + rhythm.stepMs }
}

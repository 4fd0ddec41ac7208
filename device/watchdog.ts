/**
 * Tells whoever would restart this process that it still makes progress: not that the process lives, but that what it is for
 * goes on. A loop that no longer goes round, or a piece of work that does not end, and the sign of life is not given.
 */
import type { Clock, Timer } from '../protocol/clock.ts'
import type { Log } from './log.ts'

/** Who is told, such as systemd. */
export interface Watcher {
  /** How often it wants to hear something at the most, which leaves it room for a sign that is lost. */
  readonly everyMs: number
  /** @param status - how the device is, in a sentence for its owner */
  alive(status: string): void
}

/** Parts of a device that must go on. */
export type WatchedPart = 'health' | 'link' | 'work' | 'sampling'

export interface WatchdogComponents {
  readonly clock: Clock
  readonly watcher: Watcher
  readonly log: Log
}

interface Duty {
  readonly part: WatchedPart
  readonly what: string
  readonly dueMs: number
}

export class Watchdog {
  readonly #parts: WatchdogComponents
  /** What must have happened by when: the next turn of a loop by its part, and each piece of work by itself. */
  readonly #duties = new Map<WatchedPart | object, Duty>()
  #timer: Timer | null = null
  #stalled = false

  constructor(parts: WatchdogComponents) {
    this.#parts = parts
  }

  /** A loop went round. The next time is to be within `withinMs`. */
  turned(part: WatchedPart, withinMs: number): void {
    this.#duties.set(part, { part, what: 'its loop stands still', dueMs: this.#now + withinMs })
  }

  /** Waits for a piece of work, which is to end, well or not, within `withinMs`. */
  async expect<Value>(part: WatchedPart, withinMs: number, work: Promise<Value>): Promise<Value> {
    const key = {}
    this.#duties.set(key, { part, what: 'something it began does not end', dueMs: this.#now + withinMs })
    try {
      return await work
    } finally {
      this.#duties.delete(key)
    }
  }

  /** @param status - see {@link Watcher.alive} */
  start(status: () => string): void {
    this.#look(status)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  get #now(): number {
    return this.#parts.clock.monotonicMs()
  }

  #look(status: () => string): void {
    const { clock, watcher, log } = this.#parts
    const now = this.#now
    const late = [...this.#duties.values()].find(({ dueMs }) => dueMs < now)
    if (late === undefined) watcher.alive(status())
    else if (!this.#stalled) {
      const { part, what, dueMs } = late
      log({ level: 'error', event: 'stalled', part, reason: what, lateMs: Math.round(now - dueMs) })
    }
    this.#stalled = late !== undefined
    this.#timer = clock.setTimeout(() => this.#look(status), watcher.everyMs)
  }
}

/** Virtual time: one heap of events, one generator a label, one log. Nothing in a simulation knows another clock. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock, Random, Timer } from '../../protocol/index.ts'
import { splitRandom } from './chance.ts'
import { EventHeap } from './event-heap.ts'
import { EventLog } from './event-log.ts'

/** A process that may end at any moment: nothing that it asked for happens afterwards. */
export class Life {
  isOver = false
}

/** How one machine's clock differs from the truth. The wall clock may be set meanwhile; the monotonic one only drifts. */
export interface ClockFault {
  wallOffsetMs: number
  /** 1 is right. */
  readonly rate: number
}

/** When every simulation begins, in wall milliseconds. */
const BEGIN_WALL_MS = 1_700_000_000_000
const US_PER_MS = 1_000
const EVENTS_AT_ONCE_MAX = 100_000

export class World {
  readonly log = new EventLog()
  readonly randomOf: (label: string) => Random
  readonly #heap = new EventHeap()
  readonly #seed: string
  /** In whole microseconds: sums of fractions would let a timer be due a little before its time, again and again. */
  #nowUs = 0
  #atOnce = 0
  #broken: Error | null = null

  constructor(seed: string) {
    this.#seed = seed
    this.randomOf = splitRandom(seed)
  }

  get seed(): string {
    return this.#seed
  }

  /** Virtual milliseconds since the beginning. */
  get nowMs(): number {
    return this.#nowUs / US_PER_MS
  }

  /** Wall time as it truly is. */
  get wallMs(): number {
    return BEGIN_WALL_MS + this.nowMs
  }

  /** Why the simulation ended early; null while it has not. */
  get broken(): Error | null {
    return this.#broken
  }

  /** Notes an event. */
  note(line: string, bytes?: Uint8Array): void {
    this.log.note(this.nowMs, line, bytes)
  }

  /** Ends the simulation: an invariant does not hold. The first reason counts. */
  fail(error: Error): void {
    if (this.#broken === null) this.note(`broken ${error.message}`)
    this.#broken ??= error
  }

  /** Calls `act` after a delay, unless `life` is over by then. */
  after(delayMs: number, act: () => void, life?: Life): Timer {
    const due = this.#heap.push(this.#nowUs + Math.max(0, Math.ceil(delayMs * US_PER_MS)), () => {
      if (life?.isOver !== true) act()
    })
    return {
      cancel: () => {
        due.act = null
      },
    }
  }

  /** The clock of one process on one machine. */
  clockOf(life: Life, fault: ClockFault): Clock {
    const beganMs = this.nowMs
    return {
      // Whole milliseconds, as a machine's clock gives them.
      wallMs: () => Math.floor(this.wallMs + fault.wallOffsetMs),
      monotonicMs: () => (this.nowMs - beganMs) * fault.rate,
      setTimeout: (act, delayMs) => this.after(delayMs / fault.rate, act, life),
    }
  }

  /** Lets time pass until then, until `isDone`, or until something breaks. */
  async run(untilMs: number, isDone: () => boolean = () => false): Promise<void> {
    const untilUs = Math.round(untilMs * US_PER_MS)
    await nextTurn()
    while (this.#broken === null && !isDone()) {
      const next = this.#heap.peek()
      if (next === undefined || next.at > untilUs) break
      this.#heap.pop()
      if (next.act === null) continue
      this.#advance(next.at)
      try {
        next.act()
      } catch (error) {
        this.fail(error as Error)
      }
      // Every promise that is settled gets its turn before the next event: nothing else is waited for, so the order is always the same.
      await nextTurn()
    }
    if (this.#broken === null && !isDone()) this.#nowUs = Math.max(this.#nowUs, untilUs)
  }

  /** Time may stand still for a while, but not for ever: somebody would be waking himself. */
  #advance(atUs: number): void {
    this.#atOnce = atUs > this.#nowUs ? 0 : this.#atOnce + 1
    this.#nowUs = Math.max(this.#nowUs, atUs)
    if (this.#atOnce > EVENTS_AT_ONCE_MAX) this.fail(new Error('livelock: time stands still and events go on.'))
  }
}

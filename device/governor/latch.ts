/** How long something must be bad before work pauses, and good before it goes on. */
export interface LatchInit {
  readonly holdMs: number
  readonly clearMs: number
  /** Begins paused, as if it had just become good. */
  readonly closed?: boolean
}

/** `between` is neither bad enough to pause nor good enough to go on. */
export type Condition = 'bad' | 'between' | 'good'

/** The memory of one rule, so that work does not flutter. */
export class Latch {
  readonly #init: LatchInit
  #paused: boolean
  /** Since when it has been what would turn the latch over; null while it has not. */
  #sinceMs: number | null = null
  #judged = false

  constructor(init: LatchInit) {
    this.#init = init
    this.#paused = init.closed ?? false
  }

  /** Whether work is paused. What is bad at the first look has been bad for nobody knows how long, and pauses at once. */
  judge(condition: Condition, nowMs: number): boolean {
    const turns = this.#paused ? condition === 'good' : condition === 'bad'
    const isFirst = !this.#judged
    this.#judged = true
    if (!turns) {
      this.#sinceMs = null
      return this.#paused
    }
    this.#sinceMs ??= nowMs
    const waitMs = this.#paused ? this.#init.clearMs : isFirst ? 0 : this.#init.holdMs
    if (nowMs - this.#sinceMs >= waitMs) {
      this.#paused = !this.#paused
      this.#sinceMs = null
    }
    return this.#paused
  }
}

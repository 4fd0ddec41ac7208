import type { Clock } from '../../../../protocol/clock.ts'

/** A clock that goes on when it is told to, and runs what is due on the way. */
export class VirtualClock implements Clock {
  #nowMs = 0
  #timers: { readonly atMs: number; readonly fn: () => void }[] = []

  wallMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  setTimeout(fn: () => void, delayMs: number) {
    const timer = { atMs: this.#nowMs + delayMs, fn }
    this.#timers.push(timer)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter(other => other !== timer)
      },
    }
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs).find(({ atMs }) => atMs <= endMs)
      if (next === undefined) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.#nowMs = next.atMs
      next.fn()
    }
    this.#nowMs = endMs
  }
}

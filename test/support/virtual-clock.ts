import type { Clock } from '../../protocol/index.ts'

interface Pending {
  readonly atMs: number
  readonly fn: () => void
}

/** A clock that stands still until it is told to advance; then everything due happens in order. */
export class VirtualClock implements Clock {
  #nowMs = 0
  #pending: Pending[] = []

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  setTimeout(fn: () => void, delayMs: number) {
    const timer: Pending = { atMs: this.#nowMs + Math.max(0, delayMs), fn }
    this.#pending.push(timer)
    return {
      cancel: () => {
        this.#pending = this.#pending.filter(other => other !== timer)
      },
    }
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#pending.length
  }

  /** Lets time pass; between two timers, promises that are settled get their turn. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settle()
    for (;;) {
      const next = this.#pending.reduce<Pending | null>((a, b) => (a === null || b.atMs < a.atMs ? b : a), null)
      if (next === null || next.atMs > endMs) break
      this.#pending = this.#pending.filter(other => other !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.fn()
      await settle()
    }
    this.#nowMs = endMs
  }
}

/** Gives promises that are settled, and callbacks of the event loop that are ready, their turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
}

/** A clock on which every wait is over at once, for parts that read and write real files between their waits. */
export function hastyClock(): Clock {
  let nowMs = 0
  return {
    wallMs: () => 1_700_000_000_000 + nowMs,
    monotonicMs: () => nowMs,
    setTimeout: (fn, delayMs) => {
      const timer = setImmediate(() => {
        nowMs += delayMs
        fn()
      })
      return { cancel: () => clearImmediate(timer) }
    },
  }
}

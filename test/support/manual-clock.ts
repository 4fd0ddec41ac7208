import type { Clock } from '../../protocol/clock.ts'

/** A clock whose timers fire when the test says so. */
export interface ManualClock extends Clock {
  /** Waits until a timer of this delay is set, and fires it. */
  fire(delayMs: number): Promise<void>
}

/** A {@link ManualClock} that stands at 0. */
export function manualClock(): ManualClock {
  const pending = new Map<object, { delayMs: number; fn: () => void }>()
  const waiting = new Map<number, (() => void)[]>()
  const find = (delayMs: number) => [...pending].find(([, timer]) => timer.delayMs === delayMs)
  return {
    wallMs: () => 0,
    monotonicMs: () => 0,
    setTimeout(fn, delayMs) {
      const key = {}
      pending.set(key, { delayMs, fn })
      for (const wake of waiting.get(delayMs)?.splice(0) ?? []) wake()
      return { cancel: () => pending.delete(key) }
    },
    async fire(delayMs) {
      while (find(delayMs) === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.set(delayMs, [...(waiting.get(delayMs) ?? []), resolve])
        await promise
      }
      const [key, timer] = find(delayMs) ?? []
      if (key !== undefined) pending.delete(key)
      timer?.fn()
    },
  }
}

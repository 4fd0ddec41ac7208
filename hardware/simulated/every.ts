import type { Clock, Timer } from '../../protocol/index.ts'

/** Something that happens again and again. */
export interface Repeated {
  /** Begins anew with another distance; null ends it until the next call. */
  readonly setInterval: (intervalMs: number | null) => void
}

/** Calls `fn` at a distance in time that may be changed. It does nothing before the first {@link Repeated.setInterval}. */
export function every(clock: Clock, fn: () => void): Repeated {
  let timer: Timer | null = null
  const wait = (intervalMs: number): void => {
    timer = clock.setTimeout(() => {
      wait(intervalMs)
      fn()
    }, intervalMs)
  }
  return {
    setInterval: intervalMs => {
      timer?.cancel()
      timer = null
      if (intervalMs !== null) wait(intervalMs)
    },
  }
}

/** Time and randomness from what Node and browsers have in common. */
import type { Clock, Random } from '../protocol/index.ts'

/** The platform's own clocks and timers. */
export const platformClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimeout: (fn, delayMs) => {
    const timer = setTimeout(fn, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** The platform's cryptographic generator. */
export const platformRandom: Random = {
  bytes: count => crypto.getRandomValues(new Uint8Array(count)),
  uniform: () => {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
    return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53
  },
}

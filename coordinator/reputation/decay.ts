/** Old checks say less and less: half of them count after ninety days. */

/** The time in which a record loses half of its checks. */
export const HALF_LIFE_MS = 90 * 86_400_000

/** What is left of a record, and how much of the time that has passed is used up by what was lost. */
export interface Decayed {
  readonly checks: number
  /** Whole milliseconds, at most what has passed. The rest counts towards the next loss. */
  readonly usedMs: number
}

/**
 * Checks that still count after a time without any. They are lost one by one, each when the record's exponential decay has reached the next
 * whole number, so that it makes no difference how often this is asked; the last one is lost a half-life after the one before it.
 * @param checks - a whole number
 */
export function decayedChecks(checks: number, elapsedMs: number): Decayed {
  let left = checks
  let usedMs = 0
  while (left > 0) {
    const nextMs = usedMs + timeToLoseOneMs(left)
    if (nextMs > elapsedMs) break
    usedMs = nextMs
    left--
  }
  return { checks: left, usedMs }
}

const timeToLoseOneMs = (checks: number): number =>
  checks === 1 ? HALF_LIFE_MS : Math.ceil(HALF_LIFE_MS * Math.log2(checks / (checks - 1)))

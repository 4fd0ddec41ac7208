/** How often each thing was refused, by reason: plain numbers for metrics and for `explain`. */

export interface Counters {
  /** Adds one to a reason. Reasons are the program's own words, never a peer's bytes. */
  count(reason: string): void
  /** A copy: the number of each reason counted so far, by name. */
  snapshot(): Record<string, number>
}

/** Far above the reasons there are; holds even if a caller should build a reason from what a peer sent. */
const REASONS_MAX = 512
const OTHER = 'other'

/** Counters that start at nothing. Past {@link REASONS_MAX} names, new ones are counted together as `other`. */
export function createCounters(): Counters {
  const counts = new Map<string, number>()
  return {
    count(reason) {
      const name = counts.has(reason) || counts.size < REASONS_MAX ? reason : OTHER
      counts.set(name, (counts.get(name) ?? 0) + 1)
    },
    snapshot() {
      return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    },
  }
}

/** Figures of a price path. */

/** The middle of the values. */
export function middle(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted[sorted.length >> 1] ?? 0n
}

/** The greatest distance of a value from the middle, as a part of the middle. */
export function spread(values: readonly bigint[]): number {
  const centre = Number(middle(values))
  return Math.max(...values.map(value => Math.abs(Number(value) - centre) / centre))
}

/** How often the path turns round by more than a part of its value, so that resting and small corrections do not count. */
export function turns(values: readonly bigint[], least = 0.03): number {
  let count = 0
  let direction = 0
  let extreme = Number(values[0] ?? 0n)
  for (const value of values.map(Number)) {
    const off = (value - extreme) / extreme
    if (direction === 0) {
      if (Math.abs(off) < least) continue
      direction = Math.sign(off)
      extreme = value
    } else if (off * direction > 0) extreme = value
    else if (-off * direction >= least) {
      count++
      direction = -direction
      extreme = value
    }
  }
  return count
}

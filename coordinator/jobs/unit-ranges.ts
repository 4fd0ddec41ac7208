/** A set of unit numbers kept as sorted, disjoint, non-touching ranges. Its size is the number of gaps, not of units. */

export interface UnitRange {
  first: number
  count: number
}

export class UnitRanges {
  // Flat [first, end, first, end, …] keeps a million single units at 16 MB instead of objects.
  private edges: number[] = []
  private total = 0

  /** Units in the set. */
  get units(): number {
    return this.total
  }

  get isEmpty(): boolean {
    return this.total === 0
  }

  /** Adds units that are not in the set yet. */
  add(first: number, count: number): void {
    if (count === 0) return
    const end = first + count
    const at = this.lowerBound(first)
    const joinsLeft = at > 0 && this.edges[at * 2 - 1] === first
    const joinsRight = at * 2 < this.edges.length && this.edges[at * 2] === end
    if (joinsLeft && joinsRight) this.edges.splice(at * 2 - 1, 2)
    else if (joinsLeft) this.edges[at * 2 - 1] = end
    else if (joinsRight) this.edges[at * 2] = first
    else this.edges.splice(at * 2, 0, first, end)
    this.total += count
  }

  /** Removes whatever of the range is in the set. */
  remove(first: number, count: number): void {
    const end = first + count
    const kept: number[] = []
    let removed = 0
    for (let i = 0; i < this.edges.length; i += 2) {
      const from = this.edges[i] as number
      const to = this.edges[i + 1] as number
      const overlap = Math.min(to, end) - Math.max(from, first)
      if (overlap <= 0) {
        kept.push(from, to)
        continue
      }
      removed += overlap
      if (from < first) kept.push(from, first)
      if (to > end) kept.push(end, to)
    }
    this.edges = kept
    this.total -= removed
  }

  /** Takes up to `countMax` units off the front; they are contiguous. Null when the set is empty. */
  take(countMax: number): UnitRange | null {
    const first = this.edges[0]
    const end = this.edges[1]
    if (first === undefined || end === undefined) return null
    const count = Math.min(countMax, end - first)
    if (first + count === end) this.edges.splice(0, 2)
    else this.edges[0] = first + count
    this.total -= count
    return { first, count }
  }

  /** Where the set starts, without taking it. */
  peek(): UnitRange | null {
    const first = this.edges[0]
    const end = this.edges[1]
    return first === undefined || end === undefined ? null : { first, count: end - first }
  }

  *[Symbol.iterator](): Generator<UnitRange> {
    for (let i = 0; i < this.edges.length; i += 2) {
      const first = this.edges[i] as number
      yield { first, count: (this.edges[i + 1] as number) - first }
    }
  }

  /** Index of the first range that starts at or after `unit`. */
  private lowerBound(unit: number): number {
    let low = 0
    let high = this.edges.length / 2
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.edges[middle * 2] as number) < unit) low = middle + 1
      else high = middle
    }
    return low
  }
}

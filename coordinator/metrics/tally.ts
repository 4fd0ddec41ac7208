/** Counts by the values of some labels. */
import type { Family, Labels, Sample } from './exposition.ts'

/** Far above what there is; holds even if a caller should build a value from what a peer sent. */
const SERIES_MAX = 256
const OTHER = 'other'

/** A counter with labels. Past {@link SERIES_MAX} combinations, new ones are counted together as `other`. */
export class Tally {
  readonly name: string
  private readonly help: string
  private readonly labels: readonly string[]
  private readonly counts = new Map<string, { readonly labels: Labels; value: number }>()

  /**
   * @param labels - names of the labels, in the order in which {@link add} is given their values
   * @param known - values of a single label that are shown as 0 before they were counted, so that a rate sees their first
   */
  constructor(name: string, help: string, labels: readonly string[], known: readonly string[] = []) {
    this.name = name
    this.help = help
    this.labels = labels
    for (const value of known) this.add([value], 0)
  }

  add(values: readonly string[], by = 1): void {
    const found = this.counts.get(values.join('\n'))
    if (found !== undefined) found.value += by
    else this.begin(this.counts.size < SERIES_MAX ? values : values.map(() => OTHER), by)
  }

  family(): Family {
    const samples: Sample[] = [...this.counts.values()]
    return { name: this.name, type: 'counter', help: this.help, samples }
  }

  private begin(values: readonly string[], by: number): void {
    const key = values.join('\n')
    const labels = Object.fromEntries(this.labels.map((label, index) => [label, values[index] ?? '']))
    this.counts.set(key, { labels, value: (this.counts.get(key)?.value ?? 0) + by })
  }
}

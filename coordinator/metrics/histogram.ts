/** How values are spread, in buckets with fixed bounds. */
import type { Family, Labels, Sample } from './exposition.ts'

/** From a tenth of a millisecond to ten seconds: disks, replies and waits. */
export const SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** From a tenth of a second to an hour: waits for somebody else. */
export const LONG_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]

/** Numbers of things. */
export const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]

interface Series {
  readonly labels: Labels
  /** One more than bounds: the last is for what lies beyond them all. */
  readonly counts: number[]
  sum: number
}

/** A histogram, with one label at most whose values are the program's own. */
export class Histogram {
  private readonly name: string
  private readonly help: string
  private readonly bounds: readonly number[]
  private readonly label: string | null
  private readonly series = new Map<string, Series>()

  /** @param bounds - ascending; `Infinity` is added */
  constructor(name: string, help: string, bounds: readonly number[], label: string | null = null) {
    this.name = name
    this.help = help
    this.bounds = bounds
    this.label = label
    if (label === null) this.of('')
  }

  /** @param labelValue - of the label, when there is one */
  observe(value: number, labelValue = ''): void {
    const series = this.of(labelValue)
    const at = this.bounds.findIndex(bound => value <= bound)
    const index = at < 0 ? this.bounds.length : at
    series.counts[index] = (series.counts[index] ?? 0) + 1
    series.sum += value
  }

  family(): Family {
    const samples = [...this.series.values()].flatMap(series => this.samples(series))
    return { name: this.name, type: 'histogram', help: this.help, samples }
  }

  private samples({ labels, counts, sum }: Series): Sample[] {
    let below = 0
    const buckets = counts.map((count, index): Sample => {
      below += count
      const bound = this.bounds[index]
      return { part: 'bucket', labels: { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, value: below }
    })
    return [...buckets, { part: 'sum', labels, value: sum }, { part: 'count', labels, value: below }]
  }

  private of(labelValue: string): Series {
    let series = this.series.get(labelValue)
    if (series === undefined) {
      const labels = this.label === null ? {} : { [this.label]: labelValue }
      series = { labels, counts: new Array<number>(this.bounds.length + 1).fill(0), sum: 0 }
      this.series.set(labelValue, series)
    }
    return series
  }
}

/** Judges whether a version is well by what it reports: joined, and saying so anew, at several looks in a row. */
import type { Report } from './messages.ts'
import type { Timing } from './timing.ts'

/** What is known after a look. */
export type Verdict = { readonly kind: 'well' | 'open' } | { readonly kind: 'unwell'; readonly reason: string }

/** One start of one version. */
export class HealthWatch {
  readonly #timing: Timing
  #last: { readonly report: Report; readonly atMs: number } | null = null
  #looks = 0
  #wellInARow = 0

  constructor(timing: Timing) {
    this.#timing = timing
  }

  /** Takes what the version says of itself. */
  heard(report: Report, nowMs: number): void {
    this.#last = { report, atMs: nowMs }
  }

  /** Its newest report; null when that is too old to count. */
  report(nowMs: number): Report | null {
    const last = this.#last
    return last !== null && nowMs - last.atMs <= this.#timing.reportStaleMs ? last.report : null
  }

  /** Looks once more. */
  look(nowMs: number): Verdict {
    this.#looks += 1
    const report = this.report(nowMs)
    this.#wellInARow = report?.joined === true ? this.#wellInARow + 1 : 0
    if (this.#wellInARow >= this.#timing.looksWell) return { kind: 'well' }
    if (this.#looks < this.#timing.looksMax) return { kind: 'open' }
    return { kind: 'unwell', reason: this.#reason(report) }
  }

  #reason(report: Report | null): string {
    if (report !== null) return 'it ran but did not stay with its region'
    return this.#last === null ? 'it never said that it works' : 'it stopped saying that it works'
  }
}

import type { Batch } from '../batch.ts'
import type { PassedOverRow } from '../store/rows.ts'

/** One kind of reason, as its row will be; `isKept` when it is so already. */
export type Tally = { -readonly [Field in keyof PassedOverRow]: PassedOverRow[Field] } & { isKept: boolean }

/**
 * Why somebody was passed over, how often and when, by kind. What is new is written at once. What only happened once more is counted here
 * and written now and then: it happens thousands of times a second.
 */
export class Tallies {
  private readonly scope: string
  /** Few, so that looking through them is the quickest. */
  private readonly tallies: Tally[]
  private keptAtMs = 0

  /** @param rows - of this scope, as they were last written */
  constructor(scope: string, rows: readonly PassedOverRow[]) {
    this.scope = scope
    this.tallies = rows.map(row => ({ ...row, isKept: true }))
  }

  of(kind: string): Readonly<Tally> | undefined {
    for (const tally of this.tallies) if (tally.kind === kind) return tally
    return undefined
  }

  all(): readonly Readonly<Tally>[] {
    return this.tallies
  }

  /**
   * It has happened once more, or has begun.
   * @param lasts - until {@link end} is called; otherwise it is a moment
   * @returns whether it is written already
   */
  add(kind: string, reason: string, lasts: boolean, wallMs: number, batch: Batch): boolean {
    const atMs = Math.round(wallMs)
    const untilMs = lasts ? null : atMs
    const tally = this.of(kind) as Tally | undefined
    if (tally === undefined) {
      const row = { scope: this.scope, kind, reason, times: 1, firstAtMs: atMs, lastAtMs: atMs, untilMs }
      this.tallies.push({ ...row, isKept: true })
      batch.write({ table: 'passed-over', row })
      return true
    }
    tally.reason = reason
    tally.times++
    tally.lastAtMs = atMs
    tally.untilMs = untilMs
    if (lasts) write(tally, batch)
    else tally.isKept = false
    return tally.isKept
  }

  /** What lasted is over. */
  end(kind: string, wallMs: number, batch: Batch): void {
    const tally = this.of(kind) as Tally | undefined
    if (tally === undefined || tally.untilMs !== null) return
    tally.untilMs = Math.round(wallMs)
    write(tally, batch)
  }

  /** Writes what was only counted, unless that was done less than `everyMs` ago. @returns whether all of it is written now */
  keep(wallMs: number, everyMs: number, batch: Batch): boolean {
    if (wallMs - this.keptAtMs < everyMs) return false
    this.keptAtMs = wallMs
    for (const tally of this.tallies) if (!tally.isKept) write(tally, batch)
    return true
  }
}

function write(tally: Tally, batch: Batch): void {
  tally.isKept = true
  const { isKept: _, ...row } = tally
  batch.write({ table: 'passed-over', row })
}

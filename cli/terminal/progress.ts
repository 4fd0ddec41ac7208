/** A job's progress: one line that is drawn over on a terminal, otherwise a line every few seconds. */
import type { Clock } from '../../protocol/index.ts'
import type { Io, Terminal } from '../io.ts'
import { formatCount, formatDuration, formatFuel, formatMicro, formatRate } from './format.ts'
import { textWidth } from './text.ts'

/** How far a job is. Amounts in micro-credits. */
export interface Progress {
  readonly units: number
  /** Units that came back, and of those the ones decided. */
  readonly done: number
  readonly verified: number
  readonly ratePerSecond: number
  readonly etaMs: number | null
  /** Of the units that are decided; decimal digits or `bigint`. */
  readonly fuel: string | bigint
  readonly spentMicro: string | bigint
}

const PLAIN_INTERVAL_MS = 5_000
const BAR_CELLS_MIN = 10
const BAR_CELLS_MAX = 40
const CLEAR_LINE = '\r\x1b[K'

/** Draws progress on standard error. */
export class ProgressLine {
  private readonly terminal: Terminal
  private readonly clock: Clock
  private readonly marks: { full: string; empty: string }
  private readonly redraws: boolean
  private lastLineMs: number | null = null
  private drawn = false

  constructor(io: Pick<Io, 'stderr' | 'env' | 'clock'>) {
    this.terminal = io.stderr
    this.clock = io.clock
    this.redraws = io.stderr.isTTY && io.env.TERM !== 'dumb'
    const locale = io.env.LC_ALL || io.env.LC_CTYPE || io.env.LANG || ''
    this.marks = /utf-?8/i.test(locale) ? { full: '█', empty: '░' } : { full: '#', empty: '.' }
  }

  update(progress: Progress): void {
    if (this.redraws) {
      this.terminal.write(CLEAR_LINE + this.barLine(progress))
      this.drawn = true
      return
    }
    const now = this.clock.monotonicMs()
    if (this.lastLineMs !== null && now - this.lastLineMs < PLAIN_INTERVAL_MS) return
    this.lastLineMs = now
    this.terminal.write(`${details(progress).join(', ')}\n`)
  }

  /** Removes the line from a terminal, so that something else can be written. */
  clear(): void {
    if (this.drawn) this.terminal.write(CLEAR_LINE)
    this.drawn = false
  }

  private barLine(progress: Progress): string {
    // The last cell stays free: writing into it makes some terminals wrap.
    const room = this.terminal.columns - 1
    const parts = details(progress)
    while (parts.length > 1 && BAR_CELLS_MIN + 1 + textWidth(parts.join('  ')) > room) parts.pop()
    const text = parts.join('  ')
    const cells = Math.min(BAR_CELLS_MAX, room - 1 - textWidth(text))
    return cells < BAR_CELLS_MIN ? text.slice(0, Math.max(0, room)) : `${this.bar(progress, cells)} ${text}`
  }

  private bar({ verified, units }: Progress, cells: number): string {
    const full = Math.floor((units === 0 ? 1 : Math.min(1, verified / units)) * cells)
    return this.marks.full.repeat(full) + this.marks.empty.repeat(cells - full)
  }
}

/** The numbers in words, most important first. */
function details({ units, done, verified, ratePerSecond, etaMs, fuel, spentMicro }: Progress): string[] {
  const percent = units === 0 ? 100 : Math.floor((100 * verified) / units)
  return [
    `${percent} %`,
    `${formatCount(verified)}/${formatCount(units)} verified`,
    `${formatCount(done)} done`,
    formatRate(ratePerSecond),
    etaMs === null ? 'ETA unknown' : `ETA ${formatDuration(etaMs)}`,
    `spent ${formatMicro(spentMicro)}`,
    formatFuel(fuel),
  ]
}

/** One line about how far something is: drawn over on a terminal, and left out elsewhere. */
import type { Clock } from '../../protocol/index.ts'
import type { Io, Terminal } from '../io.ts'

const CLEAR_LINE = '\r\x1b[K'
const INTERVAL_MS = 100

/** Draws on standard error. */
export class CountLine {
  private readonly terminal: Terminal
  private readonly clock: Clock
  private readonly redraws: boolean
  private lastMs: number | null = null
  private drawn = false

  constructor(io: Pick<Io, 'stderr' | 'env' | 'clock'>) {
    this.terminal = io.stderr
    this.clock = io.clock
    this.redraws = io.stderr.isTTY && io.env.TERM !== 'dumb'
  }

  /** Ten times a second at most. */
  update(text: string): void {
    const now = this.clock.monotonicMs()
    if (!this.redraws || (this.lastMs !== null && now - this.lastMs < INTERVAL_MS)) return
    this.lastMs = now
    this.drawn = true
    // The last cell stays free: writing into it makes some terminals wrap.
    this.terminal.write(CLEAR_LINE + text.slice(0, Math.max(0, this.terminal.columns - 1)))
  }

  /** Removes the line, so that something else can be written. */
  clear(): void {
    if (this.drawn) this.terminal.write(CLEAR_LINE)
    this.drawn = false
  }
}

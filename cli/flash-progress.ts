/** How far a card is: a bar that is drawn over on a terminal, otherwise a line every few seconds. */
import type { FlashPhase } from '../hardware/image/index.ts'
import type { Clock } from '../protocol/index.ts'
import type { Io, Terminal } from './io.ts'
import { formatDuration } from './terminal/format.ts'

const WORDS: Readonly<Record<FlashPhase, string>> = {
  checksum: 'checking the download',
  check: 'checking the image',
  prepare: 'preparing the boot partition',
  write: 'writing',
  verify: 'reading back',
}
const REDRAW_MS = 100
const PLAIN_INTERVAL_MS = 5_000
const BAR_CELLS = 24
const CLEAR_LINE = '\r\x1b[K'

/** Draws on standard error. */
export class FlashProgress {
  private readonly terminal: Terminal
  private readonly clock: Clock
  private readonly redraws: boolean
  private phase: FlashPhase | null = null
  private startMs = 0
  private lastMs = 0
  private complete = false
  private drawn = false

  constructor(io: Pick<Io, 'stderr' | 'env' | 'clock'>) {
    this.terminal = io.stderr
    this.clock = io.clock
    this.redraws = io.stderr.isTTY && io.env.TERM !== 'dumb'
  }

  update(phase: FlashPhase, doneBytes: number, totalBytes: number): void {
    const now = this.clock.monotonicMs()
    if (phase !== this.phase) {
      this.phase = phase
      this.startMs = now
      this.lastMs = Number.NEGATIVE_INFINITY
      this.complete = false
    }
    const completes = doneBytes >= totalBytes && !this.complete
    if (now - this.lastMs < (this.redraws ? REDRAW_MS : PLAIN_INTERVAL_MS) && !completes) return
    this.complete = completes || this.complete
    this.lastMs = now
    const words = this.words(phase, doneBytes, totalBytes, now)
    if (this.redraws) this.drawBar(totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes), words)
    else this.terminal.write(`${words}\n`)
  }

  private drawBar(share: number, words: string): void {
    const full = Math.floor(share * BAR_CELLS)
    const line = `${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)} ${words}`
    // The last cell stays free: writing into it makes some terminals wrap.
    this.terminal.write(CLEAR_LINE + line.slice(0, Math.max(0, this.terminal.columns - 1)))
    this.drawn = true
  }

  /** Removes the bar, so that something else can be written. */
  clear(): void {
    if (this.drawn) this.terminal.write(CLEAR_LINE)
    this.drawn = false
  }

  private words(phase: FlashPhase, doneBytes: number, totalBytes: number, now: number): string {
    const percent = totalBytes === 0 ? 100 : Math.floor((100 * Math.min(doneBytes, totalBytes)) / totalBytes)
    const elapsedMs = now - this.startMs
    const parts = [`${WORDS[phase]} ${percent} %`, `${size(doneBytes)} of ${size(totalBytes)}`]
    if (elapsedMs > 0 && doneBytes > 0) {
      parts.push(`${(doneBytes / 1e3 / elapsedMs).toFixed(0)} MB/s`)
      const leftMs = ((totalBytes - doneBytes) * elapsedMs) / doneBytes
      if (leftMs > 0) parts.push(`ETA ${formatDuration(Math.max(1_000, leftMs))}`)
    }
    return parts.join('  ')
  }
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}

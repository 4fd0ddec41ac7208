/** How busy the machine's processors have been. Reads `/proc/stat`, loads nothing. */
import { peek, under } from '../kernel/files.ts'
import { countOf, type HostInit, TICK_MS } from './root.ts'

/** What all processors together have done since the machine started. */
export interface ProcessorTimes {
  readonly processors: number
  /** Processor time that programs and the kernel used. Waiting, and what a host machine took for others, is not in it. */
  readonly busyMs: number
}

/** Columns of `/proc/stat` that are work: user, nice, system, irq, softirq. @see proc_stat(5) */
const BUSY_COLUMNS = [0, 1, 2, 5, 6]

/** Null where there is no `/proc/stat` that can be read. */
export function readProcessorTimes(init: HostInit = {}): ProcessorTimes | null {
  const lines = (peek(under(init.root ?? '/', 'proc/stat')) ?? '').split('\n')
  const columns = lines[0]?.startsWith('cpu ') ? lines[0].split(/\s+/).slice(1) : []
  const ticks = BUSY_COLUMNS.map(column => countOf(columns[column]))
  const processors = lines.filter(line => /^cpu\d/.test(line)).length
  if (processors === 0 || ticks.includes(null)) return null
  return { processors, busyMs: ticks.reduce<number>((sum, count) => sum + (count ?? 0), 0) * TICK_MS }
}

/** What this process takes of its machine, by the names that Prometheus's own libraries use, so that stock dashboards know them. */
import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { counter, type Family, gauge } from './exposition.ts'

const NANOSECONDS = 1e9
const MICROSECONDS = 1e6
const QUANTILES = [0.5, 0.9, 0.99] as const
/** The delay that the measuring timer has by itself. */
const RESOLUTION_MS = 10

/** Measures this process from now on. */
export class ProcessMetrics {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  private readonly startedAtMs: number

  /** @param startedAtMs - wall time of the start */
  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs
    this.delay.enable()
  }

  close(): void {
    this.delay.disable()
  }

  families(): Family[] {
    const { user, system } = process.cpuUsage()
    const memory = process.memoryUsage()
    return [
      ...gauge('process_resident_memory_bytes', 'Memory that the process holds.', memory.rss),
      ...gauge('nodejs_heap_size_used_bytes', 'Memory of JavaScript objects.', memory.heapUsed),
      counter('process_cpu_seconds_total', 'Processor time that the process has used.', (user + system) / MICROSECONDS),
      ...gauge(
        'process_start_time_seconds',
        'When the process started, in seconds since 1970.',
        this.startedAtMs / 1_000,
      ),
      ...gauge('process_open_fds', 'Descriptors that are open: connections, files and blobs under way.', descriptors()),
      ...gauge('process_max_fds', 'Descriptors that may be open at most.', descriptorsMax()),
      this.delayFamily(),
    ]
  }

  /** Of the time since the last scrape: a stall must not be lost among the hours before it. */
  private delayFamily(): Family {
    const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1_000)
    const hasSome = this.delay.count > 0
    const at = (percentile: number) => (hasSome ? seconds(this.delay.percentile(percentile)) : 0)
    const samples = [
      ...QUANTILES.map(quantile => ({ labels: { quantile: String(quantile) }, value: at(100 * quantile) })),
      { labels: { quantile: '1' }, value: hasSome ? seconds(this.delay.max) : 0 },
    ]
    this.delay.reset()
    const help =
      'How late the event loop was since the last scrape: half, nine tenths and so on of the time no later than this.'
    return { name: 'hedgerow_event_loop_delay_seconds', type: 'gauge', help, samples }
  }
}

/** Null where there is no `/proc`. */
function descriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}

function descriptorsMax(): number | null {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return soft === undefined ? null : Number(soft)
  } catch {
    return null
  }
}

/** A recorded file that stands for a sensor: once, with the times it was recorded at, or for ever as if it were live. */
import { type Clock, ConfigError } from '../../protocol/index.ts'
import { channelOf, measurementOf, type Outcome } from '../scaled.ts'
import type { Measurement, Recorded, Sensor } from '../sensor.ts'
import type { ReplayConfig } from '../sensor-config.ts'
import type { DriverComponents } from './components.ts'
import { replayRows } from './replay-rows.ts'

/** A file that is looped is kept in memory: a value a minute for two years. */
const LOOPED_ROWS_MAX = 1_000_000

/**
 * Opens a recorded file. With `startMs` or `endsNow` it has {@link Sensor.recordings}: line i at `startMs + i × periodMs`, given out
 * `speed` times as fast as it was recorded. Without, `sample` goes through the file again and again, from its first line now.
 * @throws {HardwareError} `unreadable`
 * @throws {ConfigError} `bad_option`: a column that does not exist, a file without a matching line, or one too long to be looped
 */
export async function openReplay({ clock }: Pick<DriverComponents, 'clock'>, config: ReplayConfig): Promise<Sensor> {
  return config.startMs === undefined && config.endsNow !== true ? openLooped(clock, config) : openOnce(clock, config)
}

async function openLooped(clock: Clock, config: ReplayConfig): Promise<Sensor> {
  const channels = channelsOf(config)
  const rows: (readonly Outcome[])[] = []
  for await (const row of replayRows(config, channels)) {
    if (rows.length === LOOPED_ROWS_MAX) {
      throw refused(
        config,
        `has more than ${LOOPED_ROWS_MAX} matching lines: give 'startMs' or 'endsNow', or a shorter file`,
      )
    }
    rows.push(row)
  }
  if (rows.length === 0) throw refused(config, 'has no matching line')
  const openedMs = clock.monotonicMs()
  return {
    ...identityOf(config, channels),
    async sample() {
      const line = Math.floor(((clock.monotonicMs() - openedMs) * (config.speed ?? 1)) / config.periodMs)
      return measurementOf(rows[line % rows.length] ?? [])
    },
    health: () => ({ state: 'ok', advice: '', counters: { lines: rows.length } }),
    async close() {},
  }
}

async function openOnce(clock: Clock, config: ReplayConfig): Promise<Sensor> {
  const channels = channelsOf(config)
  const { periodMs, speed = 1 } = config
  const { count, first } = await survey(config)
  const startMs = config.startMs ?? Math.round(clock.wallMs()) - (count - 1) * periodMs
  let latest: Measurement = first
  let linesGiven = 0
  let isClosed = false

  async function* recordings(): AsyncGenerator<Recorded, void, void> {
    const beganMs = clock.monotonicMs()
    let line = 0
    for await (const row of replayRows(config, channels)) {
      const dueMs = (line * periodMs) / speed
      const waitMs = dueMs - (clock.monotonicMs() - beganMs)
      // Lines that are due together cost one timer.
      if (waitMs > 0) await pause(clock, waitMs)
      if (isClosed) return
      latest = measurementOf(row)
      linesGiven += 1
      yield { ...latest, atMs: startMs + line * periodMs }
      line += 1
    }
  }

  return {
    ...identityOf(config, channels),
    sample: async () => latest,
    recordings,
    health: () => ({ state: 'ok', advice: '', counters: { lines: count, linesGiven } }),
    async close() {
      isClosed = true
    },
  }
}

/** How many lines match, and what the first of them says. */
async function survey(config: ReplayConfig): Promise<{ readonly count: number; readonly first: Measurement }> {
  let count = 0
  let first: Measurement | null = null
  for await (const row of replayRows(config, channelsOf(config))) {
    first ??= measurementOf(row)
    count += 1
  }
  if (first === null) throw refused(config, 'has no matching line')
  return { count, first }
}

const channelsOf = ({ columns }: ReplayConfig) => Object.keys(columns).map(channelOf)

const identityOf = ({ serial }: ReplayConfig, channels: Sensor['channels']) => ({
  model: 'replay',
  serial: serial ?? null,
  channels,
})

function refused({ file }: ReplayConfig, reason: string): ConfigError {
  return new ConfigError({ code: 'bad_option', path: 'file', reason }, `The recorded file ${file} ${reason}.`)
}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise(resolve => {
    clock.setTimeout(resolve, delayMs)
  })
}

/** Reads what a sensor recorded by itself, oldest first, and remembers how far it has come. */
import type { Recorded } from '../../hardware/sensor.ts'
import { AssertionError, type Clock, messageOf, type SensorId, type Timer } from '../../protocol/index.ts'
import type { Log } from '../log.ts'
import type { Recorder } from './recorder.ts'
import { checkedMeasurement } from './sensor-look.ts'
import type { HeldSensor } from './sensor-set.ts'
import type { StreamSpec } from './streams.ts'

/** A stream that a recording sensor fills. */
export interface RecordedStream {
  readonly spec: StreamSpec
  readonly recorder: Recorder
}

export interface IngestComponents {
  readonly clock: Clock
  readonly log: Log
  /** Whether there is room for more: what is still in the sensor is safe there. */
  hasRoom(): boolean
  /** Puts what was read on stable storage. */
  commit(): void
}

export interface IngestInit {
  readonly held: HeldSensor
  readonly streams: readonly RecordedStream[]
  /** Measurements up to here were read before; -1 when none were. */
  readonly fromMs: number
}

/** Measurements between two commits: few transactions, and a bounded memory. */
const BATCH = 512
const NO_ROOM_MS = 5_000
/** After a failure of the sensor. */
const RETRY_MS = 60_000

export class Ingest {
  readonly #components: IngestComponents
  readonly #init: IngestInit
  #atMs: number
  #stopped = false
  #timer: Timer | null = null
  #wake: () => void = () => {}
  /** Why reading does not go on; empty while it does, or when there is no more. */
  trouble = ''

  constructor(components: IngestComponents, init: IngestInit) {
    this.#components = components
    this.#init = init
    this.#atMs = init.fromMs
  }

  get sensor(): SensorId {
    return this.#init.held.info.sensor
  }

  /** The newest measurement that was read; -1 before the first. */
  get atMs(): number {
    return this.#atMs
  }

  /** Whether it reads this very sensor for these very streams. */
  serves(held: HeldSensor, streams: readonly RecordedStream[]): boolean {
    const mine = new Set(this.#init.streams)
    return this.#init.held === held && mine.size === streams.length && streams.every(stream => mine.has(stream))
  }

  /** Everything up to here is in readings, so reading can go on from here after a restart; null when nothing was read. */
  get readToMs(): number | null {
    const open = this.#init.streams.flatMap(({ recorder }) => recorder.gathersFrom?.ms ?? [])
    const toMs = Math.min(this.#atMs, ...open.map(fromMs => fromMs - 1))
    return toMs < 0 ? null : toMs
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#read()
        this.trouble = ''
        return
      } catch (thrown) {
        if (thrown instanceof AssertionError) throw thrown
        const { log } = this.#components
        this.trouble = messageOf(thrown)
        log({ level: 'warn', event: 'recordings_unreadable', model: this.#init.held.info.model, reason: this.trouble })
        await this.#pause(RETRY_MS)
      }
    }
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#wake()
  }

  async #read(): Promise<void> {
    const recordings = this.#init.held.sensor.recordings?.()
    if (recordings === undefined) return
    let sinceCommit = 0
    for await (const recorded of recordings) {
      if (this.#stopped) return
      if (!Number.isInteger(recorded.atMs) || recorded.atMs <= this.#atMs) continue
      while (!this.#components.hasRoom()) {
        await this.#pause(NO_ROOM_MS)
        if (this.#stopped) return
      }
      this.#take(recorded)
      sinceCommit += 1
      if (sinceCommit < BATCH) continue
      sinceCommit = 0
      this.#components.commit()
      // Other things want their turn when a file gives thousands of lines at once.
      await this.#pause(0)
      if (this.#stopped) return
    }
    for (const { recorder } of this.#init.streams) {
      recorder.finish()
      recorder.series.close()
    }
    this.#components.commit()
  }

  #take(recorded: Recorded): void {
    const { held, streams } = this.#init
    const { values, faults } = checkedMeasurement(recorded, held.info.channels.length)
    for (const { spec, recorder } of streams) {
      const at = { boot: 0, ms: recorded.atMs }
      const start = recorder.periodOf(at)
      // Read before a restart, or not the first of its period.
      if (start.ms < Math.max(0, recorder.series.end?.ms ?? 0)) continue
      recorder.add({
        at: spec.profile.kind === 'sample' ? start : at,
        uncertaintyMs: 0,
        values: spec.channels.map(({ channel }) => values[channel] ?? null),
        faults: spec.channels.map(({ channel }) => faults[channel] ?? null),
      })
    }
    this.#atMs = recorded.atMs
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
      this.#timer = this.#components.clock.setTimeout(resolve, delayMs)
    })
  }
}

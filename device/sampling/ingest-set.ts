/** The sensors that record by themselves, each read for the streams that are wanted of it. */
import type { Clock, SensorId } from '../../protocol/index.ts'
import type { Log } from '../log.ts'
import type { Samples } from '../store/index.ts'
import { Ingest, type RecordedStream } from './ingest.ts'
import type { HeldSensor } from './sensor-set.ts'

export interface IngestSetComponents {
  readonly clock: Clock
  readonly log: Log
  readonly samples: Samples
  /** Whether there is room for more: what is still in a sensor is safe there. */
  hasRoom(): boolean
  /** Puts what was read on stable storage. */
  commit(): void
}

export class IngestSet {
  readonly #components: IngestSetComponents
  #ingests: readonly Ingest[] = []

  constructor(components: IngestSetComponents) {
    this.#components = components
  }

  /** Why some cannot be read, in sentences. */
  get troubles(): string[] {
    return this.#ingests.flatMap(({ trouble }) => (trouble === '' ? [] : [trouble]))
  }

  /** Reads from these sensors for these streams. What is read for the same streams already goes on. */
  follow(sensors: ReadonlyMap<SensorId, HeldSensor>, recorded: readonly RecordedStream[]): void {
    const before = new Map(this.#ingests.map(ingest => [ingest.sensor, ingest]))
    this.#ingests = [...sensors].flatMap(([sensor, held]) => {
      const streams = recorded.filter(({ spec }) => spec.channels[0]?.sensor === sensor)
      const running = before.get(sensor)
      if (streams.length === 0) return []
      if (running?.serves(held, streams)) {
        before.delete(sensor)
        return [running]
      }
      return [this.#start(held, streams, running?.atMs)]
    })
    for (const ingest of before.values()) ingest.stop()
  }

  /** Remembers how far each has come, within a transaction of the caller. */
  save(): void {
    for (const { sensor, readToMs } of this.#ingests) {
      if (readToMs !== null) this.#components.samples.saveReadTo(sensor, readToMs)
    }
  }

  stop(): void {
    for (const ingest of this.#ingests) ingest.stop()
  }

  /** @param atMs - how far the one before it had come; undefined when there was none */
  #start(held: HeldSensor, streams: readonly RecordedStream[], atMs: number | undefined): Ingest {
    const fromMs = atMs ?? this.#components.samples.readTo(held.info.sensor) ?? -1
    const ingest = new Ingest(this.#components, { held, streams, fromMs })
    void ingest.run()
    return ingest
  }
}

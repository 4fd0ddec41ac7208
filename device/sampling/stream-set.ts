/** The streams of the current plan, and those that are ending: begins them, ticks them, and hands out what they gathered. */
import type { Clock, GapCause } from '../../protocol/index.ts'
import type { Moment, Samples } from '../store/index.ts'
import type { RecordedStream } from './ingest.ts'
import { LiveStream } from './live-stream.ts'
import { Recorder } from './recorder.ts'
import type { RegionTime } from './region-time.ts'
import type { LoggedStream } from './sample-log.ts'
import type { SensorSet } from './sensor-set.ts'
import { Series } from './series.ts'
import type { StreamSpec } from './streams.ts'
import { Ticker } from './ticker.ts'

export interface StreamSetComponents {
  readonly clock: Clock
  readonly time: RegionTime
  readonly samples: Samples
  readonly sensors: SensorSet
  /** A frame is complete. */
  completed(): void
  /** The last look of a stream that is not wanted any more has been taken in. */
  ended(): void
}

export class StreamSet {
  readonly #components: StreamSetComponents
  readonly #ticker: Ticker<LiveStream>
  readonly #live = new Map<string, LiveStream>()
  readonly #recorded = new Map<string, RecordedStream>()
  /** Not wanted any more; some still wait for an answer of a sensor. */
  readonly #ending = new Map<string, LiveStream | RecordedStream>()

  constructor(components: StreamSetComponents) {
    this.#components = components
    this.#ticker = new Ticker(components.clock, components.time, (at, streams) => this.#tick(at, streams))
  }

  get count(): number {
    return this.#live.size + this.#recorded.size
  }

  get recorded(): readonly RecordedStream[] {
    return [...this.#recorded.values()]
  }

  has(key: string): boolean {
    return this.#live.has(key) || this.#recorded.has(key)
  }

  /** Everything that may have readings in memory. */
  all(): LoggedStream[] {
    const streams = [...this.#live.values(), ...this.#recorded.values(), ...this.#ending.values()]
    return streams.map(({ spec, recorder }) => ({ spec, series: recorder.series }))
  }

  /**
   * Makes the streams those that are wanted. One that was wanted before goes on as it was.
   * @returns those that are new to this device; where they begin must be kept, so that a crash before their first reading is told of
   */
  follow(specs: readonly StreamSpec[]): StreamSpec[] {
    const wanted = new Set(specs.map(({ key }) => key))
    for (const [key, stream] of this.#live) if (!wanted.has(key)) this.#endLive(stream)
    for (const [key, stream] of this.#recorded) if (!wanted.has(key)) this.#endRecorded(stream)
    return specs.filter(spec => this.#begin(spec))
  }

  /**
   * Streams that have given everything: their last readings are complete now.
   * @returns their keys, to be told to {@link forget} once they are on disk
   */
  finishEnded(): string[] {
    const finished: string[] = []
    for (const [key, stream] of this.#ending) {
      if (stream instanceof LiveStream && !stream.isIdle) continue
      stream.recorder.end(this.#components.time.now)
      finished.push(key)
    }
    return finished
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#ending.delete(key)
  }

  /** Nothing is looked at until resumed. */
  pause(paused: boolean): void {
    this.#ticker.pause(paused)
  }

  /** What is missing from now on up to the next look is missing for this cause. */
  interrupt(cause: GapCause): void {
    for (const { recorder } of this.#live.values()) recorder.interrupt(cause)
  }

  /**
   * To be called when the region's time was heard.
   * @param before - now as it was believed to be
   * @param changedMs - by how much that was wrong; 0 for the little that clocks drift
   */
  timeChanged(before: Moment, changedMs: number): void {
    for (const { recorder } of this.#live.values()) {
      if (changedMs > 0) recorder.interrupt('clock')
      else if (changedMs < 0) recorder.clockPutBack(before)
    }
    this.#ticker.rearm()
  }

  #endLive(stream: LiveStream): void {
    this.#live.delete(stream.spec.key)
    this.#ticker.remove(stream)
    this.#ending.set(stream.spec.key, stream)
    void stream.idle.then(() => this.#components.ended())
  }

  #endRecorded(stream: RecordedStream): void {
    this.#recorded.delete(stream.spec.key)
    this.#ending.set(stream.spec.key, stream)
  }

  /** @returns whether no earlier run knew it either */
  #begin(spec: StreamSpec): boolean {
    const { key, readingsPerFrame } = spec
    const known = this.#live.get(key) ?? this.#recorded.get(key) ?? this.#ending.get(key)
    const stream = known ?? this.#create(spec)
    stream.recorder.series.readingsPerFrame = readingsPerFrame
    this.#ending.delete(key)
    if (!(stream instanceof LiveStream)) this.#recorded.set(key, stream)
    else if (!this.#live.has(key)) {
      this.#live.set(key, stream)
      this.#ticker.add(stream, stream.recorder.series.end)
    }
    return known === undefined && !spec.recorded && stream.recorder.series.end === null
  }

  #create(spec: StreamSpec): LiveStream | RecordedStream {
    const { profile, phaseMs, recorded } = spec
    const before = this.#components.samples.streams().find(({ key }) => key === spec.key)?.end ?? null
    const recorder = new Recorder(new Series(profile, spec.readingsPerFrame, before), {
      profile,
      phaseMs,
      recorded,
      interrupted: recorded || before === null ? null : 'restart',
      distanceMs: (from, to) => this.#distanceMs(from, to),
    })
    return recorded ? { spec, recorder } : new LiveStream(spec, recorder)
  }

  #distanceMs(from: Moment, to: Moment): number | null {
    if (from.boot === to.boot) return to.ms - from.ms
    const { time } = this.#components
    const [a, b] = [time.resolve(from), time.resolve(to)]
    return a === null || b === null ? null : b.ms - a.ms
  }

  /** Each sensor is looked at once, for all streams that are due. */
  #tick(at: Moment, streams: readonly LiveStream[]): void {
    const { time, sensors } = this.#components
    const wanted = new Set(streams.flatMap(({ spec }) => spec.channels.map(({ sensor }) => sensor)))
    const looks = new Map(
      [...wanted].flatMap(id => {
        const look = sensors.held.get(id)?.look.take()
        return look === undefined ? [] : [[id, look] as const]
      }),
    )
    const lateMs = Math.max(0, time.now.ms - at.ms)
    const uncertaintyMs = lateMs + (at.boot === 0 ? time.uncertaintyMs : 0)
    for (const stream of streams) {
      void stream.take(at, uncertaintyMs, looks).then(() => {
        if (stream.recorder.series.hasComplete) this.#components.completed()
      })
    }
  }
}

/** A stream that is sampled by looking at its sensors at each of its moments. */
import type { Measurement } from '../../hardware/sensor.ts'
import type { SensorId } from '../../protocol/index.ts'
import type { Moment } from '../store/index.ts'
import type { Recorder } from './recorder.ts'
import { nothingMeasured } from './sensor-look.ts'
import type { StreamSpec } from './streams.ts'
import type { Rhythm } from './ticker.ts'

/** What sensors gave at one moment; shared by all streams that are due then. */
export type Looks = ReadonlyMap<SensorId, Promise<Measurement>>

export class LiveStream implements Rhythm {
  readonly spec: StreamSpec
  readonly recorder: Recorder
  readonly stepMs: number
  readonly phaseMs: number
  /** Ends when every look so far has been taken in, in order. */
  #tail: Promise<void> = Promise.resolve()
  #underWay = 0

  constructor(spec: StreamSpec, recorder: Recorder) {
    this.spec = spec
    this.recorder = recorder
    this.stepMs = spec.sampleMs
    this.phaseMs = spec.phaseMs
  }

  /**
   * Takes in what the sensors give, after everything before it.
   * @returns settled when it has been taken in
   */
  take(at: Moment, uncertaintyMs: number, looks: Looks): Promise<void> {
    this.#tail = this.#takeAfter(this.#tail, at, uncertaintyMs, looks)
    return this.#tail
  }

  /** Whether every look so far has been taken in. */
  get isIdle(): boolean {
    return this.#underWay === 0
  }

  /** Settled when every look so far has been taken in. */
  get idle(): Promise<void> {
    return this.#tail
  }

  async #takeAfter(before: Promise<void>, at: Moment, uncertaintyMs: number, looks: Looks): Promise<void> {
    this.#underWay += 1
    const answers = await Promise.all(
      this.spec.channels.map(async ({ sensor, channel }) => {
        const { values, faults } = (await looks.get(sensor)) ?? nothingMeasured(channel + 1, 'unplugged')
        return { value: values[channel] ?? null, fault: faults[channel] ?? null }
      }),
    )
    await before
    const values = answers.map(({ value }) => value)
    this.recorder.add({ at, uncertaintyMs, values, faults: answers.map(({ fault }) => fault) })
    this.#underWay -= 1
  }
}

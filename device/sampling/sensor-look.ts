/** One look at a sensor, bounded in time: whatever the sensor does, there is an answer, and it has the right shape. */

import type { Measurement, Sensor } from '../../hardware/sensor.ts'
import { type Clock, LIMITS, messageOf, type SensorFault } from '../../protocol/index.ts'
import type { Log } from '../log.ts'

/** Longer than the slowest sensor takes: a bus of Modbus meters that try again. */
const ANSWER_MS = 10_000

export class SensorLook {
  readonly #clock: Clock
  readonly #log: Log
  readonly #sensor: Sensor
  #busy = false
  #giveUp: () => void = () => {}
  #complained = false

  constructor(clock: Clock, log: Log, sensor: Sensor) {
    this.#clock = clock
    this.#log = log
    this.#sensor = sensor
  }

  /** Never rejects. A sensor that still owes an answer is not asked again: `no_answer`. */
  async take(): Promise<Measurement> {
    if (this.#busy) return this.#nothing('no_answer')
    this.#busy = true
    const late = Promise.withResolvers<null>()
    this.#giveUp = () => late.resolve(null)
    const timer = this.#clock.setTimeout(() => late.resolve(null), ANSWER_MS)
    const answer = this.#ask()
    const measurement = await Promise.race([answer, late.promise])
    timer.cancel()
    return measurement === null ? this.#nothing('no_answer') : measurement
  }

  /** Waits for no answer any more. */
  close(): void {
    this.#giveUp()
  }

  async #ask(): Promise<Measurement> {
    try {
      return this.#checked(await this.#sensor.sample())
    } catch (thrown) {
      if (!this.#complained)
        this.#log({ level: 'warn', event: 'sensor_failed', model: this.#sensor.model, reason: messageOf(thrown) })
      this.#complained = true
      return this.#nothing('unknown')
    } finally {
      this.#busy = false
    }
  }

  /** @see {@link checkedMeasurement} */
  #checked(measurement: Measurement): Measurement {
    return checkedMeasurement(measurement, this.#sensor.channels.length)
  }

  #nothing(fault: SensorFault): Measurement {
    return nothingMeasured(this.#sensor.channels.length, fault)
  }
}

/** No value of any channel, for one reason. */
export function nothingMeasured(channels: number, fault: SensorFault): Measurement {
  return { values: new Array(channels).fill(null), faults: new Array(channels).fill(fault) }
}

/** The measurement with values that can travel only; one that cannot becomes the fault `out_of_range`. */
export function checkedMeasurement({ values, faults }: Measurement, channels: number): Measurement {
  const checked: { values: (number | null)[]; faults: (SensorFault | null)[] } = { values: [], faults: [] }
  for (let i = 0; i < channels; i++) {
    const value = values[i] ?? null
    const travels = value !== null && Number.isInteger(value) && Math.abs(value) <= LIMITS.readingValueMax
    // Not -0, which whole numbers do not have.
    checked.values.push(travels ? value + 0 : null)
    checked.faults.push(travels ? null : (faults[i] ?? (value === null ? 'unknown' : 'out_of_range')))
  }
  return checked
}

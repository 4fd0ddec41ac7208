/** How a sensor that the kernel reads is doing, from what it gave last. */
import type { SensorFault } from '../../protocol/index.ts'
import type { Measurement, SensorHealth, SensorState } from '../sensor.ts'

const STATES: Readonly<Record<SensorFault, SensorState>> = {
  unknown: 'faulty',
  warming_up: 'warming_up',
  no_answer: 'silent',
  bad_frames: 'faulty',
  fan_dead: 'faulty',
  out_of_range: 'faulty',
  power_on_value: 'faulty',
  unplugged: 'unplugged',
  switched_off: 'silent',
  stale: 'silent',
}

export interface KernelHealth {
  /** Takes note of a measurement and hands it on. */
  note(measurement: Measurement): Measurement
  health(): SensorHealth
}

/**
 * Counts measurements, and tells of the first fault of the newest one.
 * @param adviceOn - a sentence about a fault that says what to do
 */
export function kernelHealth(adviceOn: (fault: SensorFault) => string): KernelHealth {
  let samplesTaken = 0
  const valuesMissing: Record<string, number> = {}
  let latest: SensorFault | null = null
  return {
    note(measurement) {
      samplesTaken += 1
      const faults = measurement.faults.filter(fault => fault !== null)
      for (const fault of faults) valuesMissing[`missing_${fault}`] = (valuesMissing[`missing_${fault}`] ?? 0) + 1
      latest = faults[0] ?? null
      return measurement
    },
    health: () => ({
      state: latest === null ? 'ok' : STATES[latest],
      advice: latest === null ? '' : adviceOn(latest),
      counters: { samplesTaken, ...valuesMissing },
    }),
  }
}

/** What each sensor last sent, in memory: for explanations, not for verdicts. */
import type { Profile, ReadingFrame, SensorFault, SensorId } from '../../protocol/index.ts'

/** One quantity of a sensor, as its newest frame shows it. */
export interface Condition {
  /** Time of the last reading or fault. */
  readonly atMs: number
  /** Why there was no value then; null when there was one. */
  readonly fault: SensorFault | null
}

export class Conditions {
  private readonly sensors = new Map<SensorId, Map<string, Condition>>()

  /** By quantity; empty for a sensor that has sent nothing since the coordinator began. */
  of(sensor: SensorId): ReadonlyMap<string, Condition> {
    return this.sensors.get(sensor) ?? new Map()
  }

  note(frame: ReadingFrame, profile: Profile): void {
    if (frame.count === 0) return
    const last = frame.count - 1
    const atMs = frame.fromMs + last * profile.periodMs
    for (const [index, { sensor, quantity }] of profile.channels.entries()) {
      const known = this.sensors.get(sensor) ?? new Map<string, Condition>()
      if ((known.get(quantity)?.atMs ?? Number.NEGATIVE_INFINITY) > atMs) continue
      const span = frame.faults.find(
        ({ channel, first, count }) => channel === index && first <= last && last < first + count,
      )
      this.sensors.set(sensor, known.set(quantity, { atMs, fault: span?.fault ?? null }))
    }
  }
}

import type { Moment, Readings } from './readings.ts'

/** What a rule says of one moment. */
export interface Finding {
  /** Whether work pauses. */
  readonly paused: boolean
  /** Why and until when it would pause, as the end of a sentence whose beginning is "Takes no work: ". */
  readonly reason: string
  /** What is measured, with its unit, or why it is not known. */
  readonly reading: string
  /** What the owner allows. */
  readonly limit: string
}

/** One of the owner's rules, with its own memory. */
export interface Rule {
  readonly name: string
  /** Whether work that runs stops when the rule begins to pause it; otherwise it may finish. */
  readonly stopsRunning: boolean
  /** Asked in order of time. */
  judge(readings: Readings, now: Moment): Finding
}

/** What stands for a value that nobody knows. */
export const UNKNOWN = 'not known here'

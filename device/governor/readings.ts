/** What the rules judge. Null and missing values: nobody knows. */
import type { Health } from '../health.ts'

/** Processor time of programs that are not the device's. */
export interface Load {
  readonly processors: number
  /** Processor time of all programs but the device and what it started, from some start on. */
  readonly othersMs: number
}

/** What a file or a topic of the owner's says. */
export interface ConditionReading {
  /** Its text, or the text of the field asked for; null when there is none. */
  readonly text: string | null
  /** How old the text is; null without one. */
  readonly ageMs: number | null
  /** Why there is no text, as the end of a sentence; empty when there is one. */
  readonly fault: string
}

/** Traffic of the machine in this calendar month. */
export interface Traffic {
  readonly bytes: number
}

/** Everything that may be known of the machine at one moment. Only what the policy asks for is read. */
export interface Readings extends Health {
  readonly load?: Load | null
  /** The first of the owner's exclusive applications that runs, empty when none does; null when other programs are hidden. */
  readonly exclusive?: string | null
  /** The interface of the default route, empty when there is none. */
  readonly network?: string | null
  readonly traffic?: Traffic | null
  /** Null on a machine without a battery. */
  readonly power?: { readonly onBattery: boolean; readonly chargePercent: number | null } | null
  /** By the names of the conditions. */
  readonly conditions?: ReadonlyMap<string, ConditionReading>
}

/** A place in the owner's week. */
export interface LocalTime {
  /** 0 is Sunday. */
  readonly weekday: number
  /** Minutes since midnight, 0..1439. */
  readonly minute: number
}

/** When something is judged. */
export interface Moment {
  readonly monotonicMs: number
  /** Null while this machine's clock is not set. */
  readonly local: LocalTime | null
}

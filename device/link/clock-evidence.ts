/**
 * Whether this machine's clock is known to show the time of day. Most Raspberry Pis keep no time while they are off: after a start they
 * show when they were last on, or when their software was built, until the network has told them.
 */
import type { Clock } from '../../protocol/index.ts'

/** The farthest that a region's signed time may be from ours for both to be believed. */
const AGREEMENT_MS = 86_400_000
/** systemd-timesyncd makes this file at the first time it hears in each boot. */
export const SYNCHRONIZED_FILE = '/run/systemd/timesync/synchronized'

export interface ClockEvidenceComponents {
  readonly clock: Pick<Clock, 'wallMs'>
  /** Whether the system says that its clock was set in this boot. */
  isSynchronized(): boolean
}

export interface ClockEvidence {
  /** What a region's clock showed a moment ago, by its signature. */
  heard(regionMs: number): void
  /** The time of day, or null while it is not known. */
  nowMs(): number | null
}

/**
 * Gathers evidence. One of two is enough: the system says that it has been told the time, or a region has signed a time that is
 * within a day of ours.
 */
export function clockEvidence({ clock, isSynchronized }: ClockEvidenceComponents): ClockEvidence {
  let agrees = false
  return {
    heard(regionMs) {
      agrees = Math.abs(clock.wallMs() - regionMs) <= AGREEMENT_MS
    },
    nowMs: () => (agrees || isSynchronized() ? clock.wallMs() : null),
  }
}

/** Why a device begins no work, from everything that can keep it from it. */
import type { Standing } from '../protocol/index.ts'
import type { Governor } from './governor/index.ts'
import type { WorkPause } from './leases/index.ts'
import { standingSentence } from './standing-sentence.ts'

export interface Pause extends WorkPause {
  /** What pauses work; it stays the same while only the words of the reason change. Empty when there may be work. */
  readonly cause: string
}

/** Work may begin. */
export const NO_PAUSE: Pause = { cause: '', reason: '', returns: 'none' }

/** What decides. */
export interface PauseInput {
  readonly standing: Standing
  readonly standingReason: string
  /** Whether there is no room for another result. */
  readonly outboxFull: boolean
  readonly governor: Pick<Governor, 'cause' | 'reason' | 'stopsRunning'>
  /** Whether another version of the device waits for this one to finish. */
  readonly updateWaits?: boolean
}

/** The pause that holds now, or {@link NO_PAUSE}. */
export function pauseOf({ standing, standingReason, outboxFull, governor, updateWaits }: PauseInput): Pause {
  if (standing !== 'joined') {
    const reason = standingSentence(standing, standingReason)
    return { cause: `standing: ${reason}`, reason, returns: 'none' }
  }
  if (outboxFull) {
    const reason = 'the outbox is full of results that the region has not acknowledged'
    // Giving leases back would need room in it as well.
    return { cause: 'outbox', reason, returns: 'none' }
  }
  if (updateWaits === true) {
    const reason = 'a newer version of the device is installed and starts when what runs now is finished'
    return { cause: 'update', reason, returns: 'waiting' }
  }
  const { cause, reason, stopsRunning } = governor
  return cause === '' ? NO_PAUSE : { cause, reason, returns: stopsRunning ? 'all' : 'waiting' }
}

/** What this browser has verified, for every view that says something of it. */
import { signal } from '@preact/signals'
import type { LiveCheckpoint } from '../../coordinator/http/live-api.ts'
import { messageOf } from '../../protocol/index.ts'
import { onLive } from '../api/live.ts'
import { nowMs } from '../platform.ts'
import { askWorker } from './ask-worker.ts'
import { rememberCheckpoint, rememberedCheckpoint, trustedWitnesses } from './memory.ts'
import type { Books, CheckedCheckpoint } from './messages.ts'

/** The newest checkpoint that was checked; null before. */
export const checked = signal<CheckedCheckpoint | null>(null)
/** Why there is none. */
export const checkProblem = signal<string | null>(null)
/** What the replay of the log came to; null before. */
export const books = signal<Books | null>(null)
export const replayProblem = signal<string | null>(null)
/** How far a replay is; null while there is none. */
export const replayProgress = signal<{ readonly entries: number; readonly size: number } | null>(null)

/** Witnesses' keys that the region's operator sees, beside those that were typed here. */
let knownWitnessKeys: readonly string[] = []

/** Takes the keys of the region's own list of witnesses into account from the next check on. */
export function knowWitnesses(keys: readonly string[]): void {
  knownWitnessKeys = keys
}

/** Checks the newest checkpoint, and remembers it where nothing speaks against it. */
export async function checkNow(): Promise<void> {
  try {
    const witnessKeys = [...trustedWitnesses().split('\n'), ...knownWitnessKeys]
    const { checked: found } = await askWorker({ kind: 'checkpoint', seen: rememberedCheckpoint(), witnessKeys })
    checked.value = found
    checkProblem.value = found === null ? 'The log has not been signed yet: look again in a moment.' : null
    if (found !== null && isGood(found)) {
      const { logKey, size, rootHex } = found
      rememberCheckpoint({ logKey, size, rootHex, seenMs: nowMs() })
    }
  } catch (thrown) {
    checkProblem.value = messageOf(thrown)
  }
}

/** Whether nothing speaks against a checkpoint. */
export function isGood({ signature, idMatchesKey, continuity }: CheckedCheckpoint): boolean {
  return signature.valid && idMatchesKey && ['first', 'same', 'grown'].includes(continuity.kind)
}

/** Forgets what was seen, after somebody has looked into why it no longer fits. */
export function forgetSeen(): Promise<void> {
  rememberCheckpoint(null)
  return checkNow()
}

/** Replays the log up to its newest checkpoint. */
export async function replayNow(): Promise<void> {
  if (replayProgress.value !== null) return
  replayProgress.value = { entries: 0, size: 0 }
  try {
    const { books: found } = await askWorker({ kind: 'replay' }, (entries, size) => {
      replayProgress.value = { entries, size }
    })
    books.value = found
    replayProblem.value = found === null ? 'The log has not been signed yet: look again in a moment.' : null
  } catch (thrown) {
    replayProblem.value = messageOf(thrown)
  } finally {
    replayProgress.value = null
  }
}

/**
 * Keeps what a view shows up with the log: `run` now, and at each new checkpoint, one after the other.
 * @returns ends it
 */
export function atCheckpoints(run: () => Promise<void>): () => void {
  let isStopped = false
  let isBusy = false
  let isWanted = true
  const go = async () => {
    if (isBusy) return
    isBusy = true
    while (isWanted && !isStopped) {
      isWanted = false
      await run()
    }
    isBusy = false
  }
  const stop = onLive<LiveCheckpoint>('checkpoint', () => {
    isWanted = true
    void go()
  })
  void go()
  return () => {
    isStopped = true
    stop()
  }
}

/** What this browser remembers of a region's log between visits. */
import { browserStorage } from '../platform.ts'
import type { RememberedCheckpoint } from './continuity.ts'

const CHECKPOINT_KEY = 'hedgerow-log-seen'
const WITNESSES_KEY = 'hedgerow-log-witnesses'

/** The checkpoint that was verified here last; null when there is none, or what is there cannot be read. */
export function rememberedCheckpoint(): RememberedCheckpoint | null {
  const text = browserStorage.getItem(CHECKPOINT_KEY)
  if (text === null) return null
  try {
    const { logKey, size, rootHex, seenMs } = JSON.parse(text) as Record<string, unknown>
    const isWhole =
      typeof logKey === 'string' &&
      Number.isSafeInteger(size) &&
      typeof rootHex === 'string' &&
      /^[0-9a-f]{64}$/.test(rootHex) &&
      Number.isSafeInteger(seenMs)
    return isWhole ? { logKey, size: size as number, rootHex, seenMs: seenMs as number } : null
  } catch {
    return null
  }
}

/** Remembers a checkpoint that was verified; null forgets. */
export function rememberCheckpoint(checkpoint: RememberedCheckpoint | null): void {
  if (checkpoint === null) browserStorage.removeItem(CHECKPOINT_KEY)
  else browserStorage.setItem(CHECKPOINT_KEY, JSON.stringify(checkpoint))
}

/** Verifier keys of witnesses that this browser's person trusts, one a line. */
export function trustedWitnesses(): string {
  return browserStorage.getItem(WITNESSES_KEY) ?? ''
}

/** Keeps them. */
export function trustWitnesses(lines: string): void {
  browserStorage.setItem(WITNESSES_KEY, lines)
}

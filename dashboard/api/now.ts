/** What time it is, for everything on the page that says how long ago something was. */
import { signal } from '@preact/signals'
import { every, nowMs } from '../platform.ts'

const TICK_MS = 1_000

/** Milliseconds since 1970, moved once a second. */
export const now = signal(nowMs())

/** Lets time pass. @returns stops it */
export function startNow(): () => void {
  return every(() => {
    now.value = nowMs()
  }, TICK_MS)
}

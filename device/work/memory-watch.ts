import type { Clock, Timer } from '../../protocol/clock.ts'
import { residentBytes } from './kernel-tools.ts'

const PERIOD_MS = 100

/**
 * Watches a process's resident memory and calls `onOver` once when it passes the ceiling: the bound where the kernel cannot be asked for one.
 * Between two looks a process can take some hundred MiB. Where there is no /proc it does nothing, and the module's own maximum remains.
 * @returns stops the watch
 */
export function watchMemory(
  clock: Clock,
  pid: number,
  ceilingBytes: number,
  onOver: (bytes: number) => void,
): () => void {
  let stopped = false
  let timer: Timer
  const look = async () => {
    const bytes = await residentBytes(pid)
    if (stopped || bytes === null) return
    if (bytes > ceilingBytes) onOver(bytes)
    else timer = clock.setTimeout(look, PERIOD_MS)
  }
  timer = clock.setTimeout(look, PERIOD_MS)
  return () => {
    stopped = true
    timer.cancel()
  }
}

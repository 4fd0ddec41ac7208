import { readFile } from 'node:fs/promises'
import type { Clock, Timer } from '../../protocol/clock.ts'

const PERIOD_MS = 200

/**
 * Watches a process's resident memory and calls `onOver` once when it passes the ceiling. Reads the kernel's figure in KiB rather than
 * `statm`'s pages, whose size differs between Raspberry Pis. Where there is no /proc it does nothing, and the module's
 * own maximum remains the bound.
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

/** Resident memory of a process, or null when the system does not tell. */
export async function residentBytes(pid: number): Promise<number | null> {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'latin1'))?.[1]
    return kib === undefined ? null : Number(kib) * 1024
  } catch {
    return null
  }
}

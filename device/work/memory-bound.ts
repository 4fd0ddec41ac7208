import type { Clock } from '../../protocol/clock.ts'
import type { KernelTools } from './find-kernel-tools.ts'
import { dataBytes, limitData, residentBytes } from './kernel-tools.ts'
import { watchMemory } from './memory-watch.ts'

/** What a bound is put on, and who is told when it had to be enforced from here. */
export interface MemoryBoundInit {
  readonly clock: Clock
  /** Null where the kernel cannot be asked. */
  readonly tools: KernelTools | null
  readonly pid: number
  /** What the process may have beyond what it has now. */
  readonly allowanceBytes: number
  /** Hears of a process that the watch found over its bound; the kernel's bound speaks for itself. */
  onOver(bytes: number): void
}

/**
 * Bounds the memory of an idle process from now on: by the kernel where it can be asked, which holds at every moment; otherwise by looking
 * again and again.
 * @returns ends a watch
 */
export async function boundMemory(init: MemoryBoundInit): Promise<() => void> {
  const { clock, tools, pid, allowanceBytes, onOver } = init
  const mapped = tools === null ? null : await dataBytes(pid)
  if (tools !== null && mapped !== null && (await limitData(tools, pid, mapped + allowanceBytes))) return () => {}
  const resident = await residentBytes(pid)
  return watchMemory(clock, pid, (resident ?? 0) + allowanceBytes, onOver)
}

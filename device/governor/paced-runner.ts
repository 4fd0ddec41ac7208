/**
 * Holds work to a share of the processors: before each run it waits until everything that the device has used so far fits the share.
 * What counts is measured processor time, so starting sandboxes and compiling count too. A run is never cut: the share holds over
 * several leases, which the region makes a few seconds long.
 */
import { readProcesses, treeUsedMs } from '../../hardware/host/processes.ts'
import type { Clock } from '../../protocol/index.ts'
import { cancelled } from '../work/failures.ts'
import type { Runner, RunRequest, RunResult } from '../work/runner.ts'

export interface PacedRunnerComponents {
  readonly clock: Clock
  readonly runner: Runner
  /** Processor time that the device and all it started have used; null where the kernel does not tell. */
  usedMs(): number | null
}

export interface PacedRunnerInit {
  /** Processor time per time that work may use: a share of 0.25 of four processors is 1. */
  readonly processors: number
}

/** Unused time that is kept, so that a device without work for an hour does not use two processors' time for the next. */
const SAVED_MS_MAX = 1_000
/** Reading costs a few milliseconds, so between leases of a few milliseconds the last reading has to do. */
const READ_EVERY_MS = 250
/** The longest wait before looking again. */
const WAIT_MS_MAX = 60_000

/** Processor time that a process and all it started have used so far; null where the kernel does not tell. */
export function processUse(pid: number): number | null {
  const processes = readProcesses()
  return processes === null ? null : treeUsedMs(processes, pid)
}

/** A {@link Runner} that rests between runs. Its runs' `elapsedMs` hold the rest before them: that is how fast this device is. */
export function pacedRunner({ clock, runner, usedMs }: PacedRunnerComponents, init: PacedRunnerInit): Runner {
  const { processors } = init
  let read: { readonly atMs: number; readonly usedMs: number } | null = null
  let balanceMs = SAVED_MS_MAX * processors
  const look = (): void => {
    const atMs = clock.monotonicMs()
    if (read !== null && atMs - read.atMs < READ_EVERY_MS) return
    const now = usedMs()
    if (now === null) return
    if (read !== null) {
      const earnedMs = (atMs - read.atMs) * processors
      balanceMs = Math.min(SAVED_MS_MAX * processors, balanceMs + earnedMs - Math.max(0, now - read.usedMs))
    }
    read = { atMs, usedMs: now }
  }
  const rest = async (signal: AbortSignal | undefined): Promise<void> => {
    for (look(); balanceMs < 0; look()) {
      if (signal?.aborted) throw cancelled()
      const waitMs = Math.min(WAIT_MS_MAX, Math.max(READ_EVERY_MS, -balanceMs / processors))
      await pause(clock, waitMs, signal)
    }
  }
  return {
    async run(request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
      const startMs = clock.monotonicMs()
      await rest(signal)
      const restedMs = clock.monotonicMs() - startMs
      const result = await runner.run(request, signal)
      return { ...result, elapsedMs: result.elapsedMs + restedMs }
    },
    close: () => runner.close(),
  }
}

/** Waits, or until the signal ends it. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.setTimeout(done, delayMs)
    signal?.addEventListener('abort', done)
  })
}

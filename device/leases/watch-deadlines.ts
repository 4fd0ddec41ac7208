import type { Clock, Timer } from '../../protocol/index.ts'
import type { HeldLease, LeaseRun } from './lease.ts'

/**
 * Calls `expire` for each lease of a run whose time is over, with one timer for all of them.
 * @returns cancelling it ends the watch
 */
export function watchDeadlines(clock: Clock, run: LeaseRun, expire: (lease: HeldLease) => void): Timer {
  const watch = (): Timer | null => {
    const open = run.leases.filter(lease => !lease.dropped)
    const soonestMs = open.reduce((soonest, { deadlineMs }) => Math.min(soonest, deadlineMs), Number.POSITIVE_INFINITY)
    if (open.length === 0) return null
    return clock.setTimeout(() => {
      const now = clock.monotonicMs()
      for (const lease of open) if (!lease.dropped && lease.deadlineMs <= now) expire(lease)
      timer = watch()
    }, soonestMs - clock.monotonicMs())
  }
  let timer = watch()
  return { cancel: () => timer?.cancel() }
}

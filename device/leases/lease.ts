import type { Grant, LeaseResult, LeaseTask } from '../../protocol/index.ts'
import type { Preparation } from './prepare-lease.ts'

/** A lease in this device's hands. */
export interface HeldLease {
  readonly grant: Grant
  readonly task: LeaseTask
  /** Monotonic time after which the region has given the units to somebody else. */
  readonly deadlineMs: number
  /** True once nobody needs the lease any more; nothing is reported of it. */
  dropped: boolean
  /** True once it was part of a run that failed, for which another lease may be to blame. */
  alone: boolean
  /** What its run needs from elsewhere, once somebody has begun to gather it. */
  preparation: Preparation | null
}

/** Leases that run together in one slot, in the order of their units. */
export interface LeaseRun {
  readonly leases: readonly HeldLease[]
  /** Aborted when nobody needs any of the leases any more. */
  readonly abort: AbortController
}

/** What came of a lease, with what an owner wants to see of it. */
export interface FinishedLease {
  readonly lease: HeldLease
  readonly result: LeaseResult
}

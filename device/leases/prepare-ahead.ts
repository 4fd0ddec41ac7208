import type { Blobs } from '../blobs/index.ts'
import type { HeldLease } from './lease.ts'
import type { ModuleShelf } from './module-shelf.ts'
import { preparedAtHand, prepareLease } from './prepare-lease.ts'

/** Waiting leases whose input is fetched ahead of their turn, beyond one a slot, and the bytes that all of these may hold in memory. */
const AHEAD_LEASES_MAX = 16
const AHEAD_BYTES_MAX = 1_048_576

/**
 * Begins to gather what waiting leases need, while the slots are busy: for one lease a slot, however much it is, and
 * for more of them when it is little, so that small inputs are there when their leases could share a run.
 */
export function prepareAhead(waiting: readonly HeldLease[], slots: number, modules: ModuleShelf, blobs: Blobs): void {
  let bytes = 0
  for (const [index, lease] of waiting.slice(0, slots + AHEAD_LEASES_MAX).entries()) {
    const { input } = lease.grant
    const isFetched = input?.kind === 'range'
    bytes += isFetched ? input.length : 0
    if (index >= slots && bytes > AHEAD_BYTES_MAX) return
    if (index >= slots && !isFetched) continue
    if (lease.preparation === null && preparedAtHand(lease, modules) === null) {
      lease.preparation = prepareLease(lease, modules, blobs)
    }
  }
}

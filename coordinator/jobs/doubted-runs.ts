/** What of a job rests on the word of caught devices: of one alone, or of several who agreed and of whom nobody is left in good standing. */
import { type DeviceId, equalBytes, type JobId } from '../../protocol/index.ts'
import type { AcceptedRow, LeaseRow, Store } from '../store/rows.ts'

export type DoubtedRunStore = Pick<Store, 'acceptedRuns' | 'leasesHeld' | 'leasesOver'>

type Run = Omit<AcceptedRow, 'outputs'>

export interface DoubtedRun {
  readonly run: Run
  /** The leases of caught devices that gave its answer, in the order of their units; none of a lease that was accepted in part. */
  readonly leases: readonly LeaseRow[]
}

/** As many must agree where no device was believed alone. */
const AGREEING_MIN = 2

/**
 * In the order of the units.
 * @param caught - devices that were caught and are not reinstated
 */
export function doubtedRuns(store: DoubtedRunStore, caught: ReadonlySet<DeviceId>, job: JobId): DoubtedRun[] {
  if (caught.size === 0) return []
  const given = store
    .leasesHeld(job, [...caught])
    .filter(({ state }) => state === 'accepted')
    .sort((a, b) => a.firstUnit - b.firstUnit || a.id - b.id)
  const doubted: DoubtedRun[] = []
  let from = 0
  for (const run of store.acceptedRuns(job)) {
    while (from < given.length && endOf(given[from]) <= run.firstUnit) from++
    const leases: LeaseRow[] = []
    for (let at = from; (given[at]?.firstUnit ?? Number.POSITIVE_INFINITY) <= run.firstUnit; at++) {
      const lease = given[at]
      if (lease !== undefined && mayHaveGiven(lease, run)) leases.push(lease)
    }
    const { solo } = run
    if (solo === null ? leases.length >= AGREEING_MIN && nobodyElse(store, caught, run) : caught.has(solo)) {
      doubted.push({ run, leases: leases.filter(({ device }) => solo === null || device === solo) })
    }
  }
  return doubted
}

function nobodyElse(store: DoubtedRunStore, caught: ReadonlySet<DeviceId>, run: Run): boolean {
  return store
    .leasesOver(run.job, run.firstUnit, run.unitCount)
    .every(lease => lease.state !== 'accepted' || caught.has(lease.device) || !mayHaveGiven(lease, run))
}

/** A lease of just these units with another answer was taken back. */
function mayHaveGiven(lease: LeaseRow, { firstUnit, unitCount, digest }: Run): boolean {
  if (lease.firstUnit === firstUnit && lease.unitCount === unitCount) {
    return lease.digest === null || equalBytes(lease.digest, digest)
  }
  return lease.firstUnit <= firstUnit && endOf(lease) >= firstUnit + unitCount
}

const endOf = (lease: LeaseRow | undefined): number => (lease === undefined ? 0 : lease.firstUnit + lease.unitCount)

/**
 * What of a job that is done rests on the word of a device that was caught afterwards. While a job runs such units are done again; once its
 * answer has been given, its submitter is told which they are, and others look at them again: they are then right, or known to be wrong.
 */
import type { Fleet } from '../fleet/fleet.ts'
import type { DisputeState, JobRow, LeaseRow, Store } from '../store/rows.ts'
import { UnitRanges } from './unit-ranges.ts'

/** Ranges named one by one; of the rest only their number is told. */
const RANGES_TOLD = 20

/** Units of a job that is done which cannot be relied on. */
export interface DoubtfulUnits {
  /** They rest on the word of a caught device, and nobody has looked at them again. */
  readonly suspect: UnitRanges
  /** Of leases of which a second look found a result to be wrong. */
  readonly wrong: UnitRanges
}

export type DoubtStore = Pick<Store, 'acceptedRuns' | 'disputes' | 'lease'>

/**
 * In ascending order; none for jobs that are not done. A device that is reinstated is believed again.
 * @see spec/clauses.md [VERIFY-2.6]
 */
export function doubtfulUnits(
  store: DoubtStore,
  fleet: Pick<Fleet, 'member' | 'caughtShare'>,
  row: Pick<JobRow, 'id' | 'state'>,
): DoubtfulUnits {
  const [suspect, wrong] = [new UnitRanges(), new UnitRanges()]
  if (row.state !== 'done') return { suspect, wrong }
  if (fleet.caughtShare > 0) {
    for (const { firstUnit, unitCount, solo } of store.acceptedRuns(row.id)) {
      if (solo !== null && fleet.member(solo)?.row.standing === 'caught') suspect.add(firstUnit, unitCount)
    }
  }
  for (const { firstUnit, unitCount } of lookedAt(store, row, ['upheld', 'dismissed'])) {
    suspect.remove(firstUnit, unitCount)
  }
  for (const { firstUnit, unitCount } of lookedAt(store, row, ['upheld'])) {
    wrong.remove(firstUnit, unitCount)
    wrong.add(firstUnit, unitCount)
  }
  return { suspect, wrong }
}

/** Leases that disputes with such outcomes were about. */
function lookedAt(store: DoubtStore, { id }: Pick<JobRow, 'id'>, states: readonly DisputeState[]): LeaseRow[] {
  return store.disputes({ job: id, states }).flatMap(({ lease }) => (lease === null ? [] : (store.lease(lease) ?? [])))
}

/** Such as `3-17, 40`; empty for no units. */
export function rangesText(units: UnitRanges): string {
  const ranges = [...units]
  const told = ranges
    .slice(0, RANGES_TOLD)
    .map(({ first, count }) => (count === 1 ? `${first}` : `${first}-${first + count - 1}`))
  const rest = ranges.length - told.length
  return told.join(', ') + (rest > 0 ? ` and ${rest} more ranges` : '')
}

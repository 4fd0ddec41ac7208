/**
 * What of a job that is done rests on the word of a device that was caught afterwards. While a job runs such units are done again; once its
 * answer has been given, its submitter is told which they are, and may dispute them.
 */
import type { Fleet } from '../fleet/fleet.ts'
import type { JobRow, Store } from '../store/rows.ts'
import { UnitRanges } from './unit-ranges.ts'

/** Ranges named one by one; of the rest only their number is told. */
const RANGES_TOLD = 20

/**
 * In ascending order; empty for jobs that are not done. A device that is reinstated is believed again.
 * @see spec/clauses.md [VERIFY-2.6]
 */
export function suspectUnits(
  store: Pick<Store, 'acceptedRuns'>,
  fleet: Pick<Fleet, 'member' | 'caughtShare'>,
  row: Pick<JobRow, 'id' | 'state'>,
): UnitRanges {
  const suspect = new UnitRanges()
  if (row.state !== 'done' || fleet.caughtShare === 0) return suspect
  for (const { firstUnit, unitCount, solo } of store.acceptedRuns(row.id)) {
    if (solo !== null && fleet.member(solo)?.row.standing === 'caught') suspect.add(firstUnit, unitCount)
  }
  return suspect
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

/**
 * What of a job rests on the word of devices alone that were caught afterwards. While a job runs such units are done again, unless it trusts single
 * answers; once its answer has been given, its submitter is told which they are, and others look at them again: they are then right, or known to be wrong.
 */
import { parseStoredJobSpec } from '../../protocol/index.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { DisputeRow, JobRow, LeaseRow, Store } from '../store/rows.ts'
import { correctionOf, type RightOutcome } from './corrections.ts'
import { type DoubtedRunStore, doubtedRuns } from './doubted-runs.ts'
import { UnitRanges } from './unit-ranges.ts'

/** Ranges named one by one; of the rest only their number is told. */
const RANGES_TOLD = 20

/** Units of a job that cannot be relied on. */
export interface DoubtfulUnits {
  /** They rest on the word of caught devices alone, and nobody has looked at them again. */
  readonly suspect: UnitRanges
  /** A second look found their results to be wrong. */
  readonly wrong: UnitRanges
}

/** With what is right of the wrong ones, as far as it was kept, in the order of the units. */
export interface DoubtsTold extends DoubtfulUnits {
  readonly right: readonly RightOutcome[]
}

export type DoubtStore = DoubtedRunStore & Pick<Store, 'disputes' | 'lease' | 'meta'>

/** Whether a job takes the first answer of anybody. */
export const trustsAnybody = ({ spec }: Pick<JobRow, 'spec'>): boolean =>
  parseStoredJobSpec(spec).verify.kind === 'trust'

/**
 * In ascending order; of jobs that run only what they trust anybody with. A device that is reinstated is believed again.
 * @see spec/clauses.md [VERIFY-2.6]
 */
export function doubtfulUnits(
  store: DoubtStore,
  fleet: Pick<Fleet, 'caught'>,
  row: Pick<JobRow, 'id' | 'state' | 'spec'>,
): DoubtsTold {
  const [suspect, wrong] = [new UnitRanges(), new UnitRanges()]
  const right: RightOutcome[] = []
  const isOver = row.state === 'done'
  const isStanding = isOver || row.state === 'running' || row.state === 'aggregating'
  if (isStanding && (isOver || trustsAnybody(row))) {
    for (const { run } of doubtedRuns(store, fleet.caught, row.id)) suspect.add(run.firstUnit, run.unitCount)
  }
  if (!isOver) return { suspect, wrong, right }
  for (const dispute of store.disputes({ job: row.id, states: ['upheld', 'dismissed'] })) {
    const lease = dispute.lease === null ? null : store.lease(dispute.lease)
    if (lease === null) continue
    suspect.remove(lease.firstUnit, lease.unitCount)
    const found = correctionOf(store, dispute.id)
    for (const { first, count } of found?.wrong ?? wholeLease(dispute, lease)) {
      wrong.remove(first, count)
      wrong.add(first, count)
    }
    right.push(...(found?.right ?? []))
  }
  return { suspect, wrong, right: right.sort((a, b) => a.unit - b.unit) }
}

/** Of disputes from before the units were told exactly. */
function wholeLease({ state }: DisputeRow, { firstUnit, unitCount }: LeaseRow) {
  return state === 'upheld' ? [{ first: firstUnit, count: unitCount }] : []
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

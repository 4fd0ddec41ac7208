/** Which units of an accepted run a second look contradicts, and what is right of each. */
import { decodeOutputs, type UnitOutcome } from '../../protocol/index.ts'
import { isSameOutcome } from '../jobs/split-run.ts'
import type { CaseRun } from './case-file.ts'

/** A unit whose accepted result is wrong. */
export interface WrongUnit {
  readonly unit: number
  /** What others came to. */
  readonly right: UnitOutcome
}

/**
 * The units of a run of another digest that differ in what they came to or in what they burned, in order. All of them when the accepted
 * outputs are gone, since nobody can tell them apart then.
 * @param given - the accepted outputs
 * @param right - what the second look came to, for each unit of the run
 * @see spec/clauses.md [DISP-3.6]
 */
export function differingUnits(
  { first, count }: Pick<CaseRun, 'first' | 'count'>,
  given: Uint8Array | undefined,
  right: readonly UnitOutcome[],
): WrongUnit[] {
  const outcomes = given === undefined ? [] : decodeOutputs(given, count)
  return right.flatMap((outcome, index) => {
    const accepted = outcomes[index]
    const isSame = accepted !== undefined && isSameOutcome(accepted, outcome)
    return isSame ? [] : [{ unit: first + index, right: outcome }]
  })
}

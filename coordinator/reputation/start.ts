/**
 * What another region's word is worth here. The bound of L. F. G. Sarmenta (see verification/credibility.ts) holds for checks that this region
 * made itself; a device may be honest elsewhere only to be believed here. So of the checks that it passed there
 *
 * - those are taken that have not decayed since the statement was made,
 * - half of them counts,
 * - and never as many as make its single word enough for theta 0.999, the default: with an imported record alone, every answer
 *   still needs that of another owner.
 *
 * A job that asks for less than 0.999 may take a single word sooner, as it takes that of any device with a few checks. A device that was
 * ever found wrong there starts with nothing.
 */
import type { Reputation } from '../../protocol/index.ts'
import { credibilityOf } from '../verification/index.ts'
import { decayedChecks } from './decay.ts'

/** Theta of jobs that name none. */
const THETA_DEFAULT = 0.999
/** Of the checks that another region made, one in so many counts. */
const DISCOUNT = 2

/** Checks after which a device's single result reaches the default theta: 41 when a tenth are taken for saboteurs. */
export function checksToBeBelieved(saboteurShare: number): number {
  let checks = 1
  while (credibilityOf(checks, saboteurShare) < THETA_DEFAULT) checks++
  return checks
}

/**
 * Checks that a device starts with.
 * @see spec/clauses.md [REP-2.2]
 */
export function startOf(
  { checksPassed, unitsRejected, atMs }: Pick<Reputation, 'checksPassed' | 'unitsRejected' | 'atMs'>,
  nowMs: number,
  saboteurShare: number,
): number {
  if (unitsRejected > 0) return 0
  const { checks } = decayedChecks(checksPassed, Math.max(0, nowMs - atMs))
  return Math.min(Math.floor(checks / DISCOUNT), checksToBeBelieved(saboteurShare) - 1)
}

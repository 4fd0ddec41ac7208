/** What this region can say of a device or an owner, from checked work only. */
import type { Reputation } from '../../protocol/index.ts'
import type { DeviceRow } from '../store/rows.ts'
import { checksToBeBelieved } from './start.ts'

/** All of a statement but who makes it and whom it is about. */
export type Standing = Pick<Reputation, 'checksPassed' | 'unitsAccepted' | 'unitsRejected' | 'sinceMs'>

export function recordOfDevice({ checksPassed, unitsAccepted, unitsRejected, joinedAtMs }: DeviceRow): Standing {
  return { checksPassed, unitsAccepted, unitsRejected, sinceMs: Math.round(joinedAtMs) }
}

/**
 * An owner's checks are the sum over its devices, each counted up to the number after which a single word is enough, and none while one
 * of them stands caught.
 *
 * Why a sum: let device i have passed k_i checks and be wrong with probability s_i. Checks are drawn by the amount of work, so the share of
 * work of device i is k_i / K with K = sum of k_i, and an answer of the owner taken at random is wrong with probability
 * sum(k_i s_i) / K. All checks passed, which happens with probability prod((1 - s_i)^k_i) <= exp(-sum(k_i s_i)); and x exp(-x) / K is at most
 * 1 / (K e), Sarmenta's bound for one device with K checks. It is a statement about the owner's work as a whole: an owner can cheat with
 * the one device that has no record, so a single device is always judged by its own.
 * Why the cap: beyond it work is checked five times as rarely (spotCheckRate), so more checks no longer stand for more work; counting fewer than
 * there are only makes the bound looser.
 */
export function recordOfOwner(rows: readonly DeviceRow[], saboteurShare: number): Standing {
  const most = checksToBeBelieved(saboteurShare)
  const isCaught = rows.some(({ standing }) => standing === 'caught')
  const joined = rows.filter(({ standing }) => standing === 'joined')
  const sum = (count: (row: DeviceRow) => number, of = rows): number => of.reduce((total, row) => total + count(row), 0)
  return {
    checksPassed: isCaught ? 0 : sum(({ checksPassed }) => Math.min(checksPassed, most), joined),
    unitsAccepted: sum(({ unitsAccepted }) => unitsAccepted),
    unitsRejected: sum(({ unitsRejected }) => unitsRejected),
    sinceMs: Math.round(rows.reduce((first, { joinedAtMs }) => Math.min(first, joinedAtMs), rows[0]?.joinedAtMs ?? 0)),
  }
}

/**
 * What a job may still have to pay for. A lease that is out may burn all the fuel its units are allowed; an answer that waits
 * for others costs what it burned. Both are set aside, so that no promise can exceed the escrow.
 */
import { fuelPrice } from '../../protocol/index.ts'
import type { Job, Lease, Run, Vote } from './job.ts'

/** What may still be promised to leases, in micro-credits. */
export function unreservedMicro(job: Job): bigint {
  return job.row.budgetMicro - job.row.paidMicro - job.row.feeMicro - job.reservedMicro
}

/** How many units may be leased now, if each of them burned all it is allowed. */
export function affordableUnits(job: Job): number {
  return Number(unreservedMicro(job) / job.unitMicroMax)
}

/**
 * Set aside for units of a lease that is out.
 * @see spec/clauses.md [PAY-3.2]
 */
export function promiseMicro(job: Job, units: number): bigint {
  return job.unitMicroMax * BigInt(units)
}

/**
 * The most that an answer may still be paid for a run, in however many pieces the run is decided: each piece is rounded up by
 * itself, by less than a micro-credit, and there are no more pieces than units.
 * @see spec/clauses.md [PAY-3.6]
 */
export function answerMicro(job: Job, run: Pick<Run, 'count'>, { fuel }: Pick<Vote, 'fuel'>): bigint {
  const inPieces = fuelPrice(fuel, job.row.gigafuelPriceMicro) + BigInt(run.count - 1)
  const promised = promiseMicro(job, run.count)
  return inPieces < promised ? inPieces : promised
}

/** What a lease holds of the budget for one of its undecided runs. */
export function heldMicro(job: Job, lease: Lease, run: Run): bigint {
  const vote = lease.state === 'returned' ? run.votes.find(vote => vote.lease === lease) : undefined
  return vote ? answerMicro(job, run, vote) : promiseMicro(job, run.count)
}

/** Whether a lease may be disputed, by whom, until when, and for what deposit. */
import { fuelPrice, parseStoredJobSpec } from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import { retrialTheta } from '../jobs/retrial.ts'
import { replicasWorst } from '../verification/credibility.ts'
import type { CaseFile, PaidVote } from './case-file.ts'
import { type DisputeDesk, disputeId, type Party } from './dispute.ts'
import { type Refusal, refuse } from './refusal.ts'

/** One answer more than agreement needs at worst: a liar among those who look again must not make it come to nothing. */
const SPARE_ANSWERS = 1

/**
 * Why the party may not dispute the lease now; null when it may.
 * @see spec/clauses.md [DISP-1.1] [DISP-1.2] [DISP-1.4]
 */
export function leaseObstacle(desk: DisputeDesk, file: CaseFile, party: Party, nowMs: number): Refusal | null {
  const { lease, job } = file
  const stranger = strangerReason(file, party)
  if (stranger !== null) return refuse('not_yours', stranger)
  const standing = standingObstacle(desk, file, party)
  if (standing !== null) return refuse('not_disputable', standing)
  if (job.gigafuelPriceMicro === 0n) {
    return refuse('not_disputable', `The job ${job.id} was taken before work was metered, so nothing can be run again.`)
  }
  const decidedMs = decidedAtMs(file, nowMs)
  const { holdbackWindowMs } = desk.policy
  if (nowMs - decidedMs > holdbackWindowMs) {
    return refuse(
      'too_late',
      `Lease ${lease.id} was decided ${Math.floor((nowMs - decidedMs) / 1_000)} seconds ago, and a lease may be disputed for ${holdbackWindowMs / 1_000} seconds.`,
    )
  }
  const own = disputeId({ kind: 'lease', lease: lease.id })
  const before = file.earlier.find(({ id, state }) => state !== 'undecided' || id === own)
  if (!before) return null
  if (before.state === 'undecided') return refuse('twice', disputedBefore(own))
  return refuse(
    'twice',
    before.state === 'open'
      ? `Units of lease ${lease.id} are disputed already: what dispute ${before.id} finds counts for this lease too.`
      : `Units of lease ${lease.id} have been looked at again already, and dispute ${before.id} stands.`,
  )
}

/** Why what was disputed is not disputed again. */
export const disputedBefore = (id: string): string =>
  `That has been disputed before, as dispute ${id}, whose outcome stands.`

function strangerReason({ lease, job }: CaseFile, party: Party): string | null {
  if (party.kind === 'region') return null
  if (party.kind === 'submitter') {
    return party.name === job.submitter ? null : `Lease ${lease.id} is of a job that ${party.name} has not submitted.`
  }
  return party.device === lease.device ? null : `Lease ${lease.id} was not given to device ${party.device}.`
}

/** Why what became of the lease leaves nothing to dispute, in a sentence; null when it does. */
export function standingObstacle({ fleet }: DisputeDesk, { lease, runs }: CaseFile, party: Party): string | null {
  const { id, state } = lease
  const isOfCaught = ({ device }: PaidVote) => fleet.caught.has(device)
  if (state === 'out' || state === 'returned') return `Lease ${id} has not been decided yet: wait until it is.`
  if (party.kind === 'region') {
    const rests = runs.some(({ paid }) => paid.some(({ lease }) => lease === id) && paid.every(isOfCaught))
    if (state === 'accepted' && rests) return null
    return `Nothing that was accepted of lease ${id} rests on the word of caught devices alone.`
  }
  if (party.kind === 'submitter') {
    const own = state === 'accepted' ? runs.filter(({ paid }) => paid.some(({ lease }) => lease === id)) : []
    if (own.length === 0) return `Nothing that lease ${id} returned has been accepted, so there is nothing to dispute.`
    if (!own.flatMap(({ paid }) => paid).every(isOfCaught)) return null
    return `Whoever was paid for lease ${id} has been caught already and its holdback is gone, so there is nothing left to dispute.`
  }
  if (state === 'accepted') return `What lease ${id} returned was accepted, so there is nothing to dispute.`
  if (state === 'rejected' && lease.digest !== null) return null
  if (state === 'rejected') {
    return `Lease ${id} was taken back when its device lost its standing; dispute the lease that it was caught for.`
  }
  return `Lease ${id} came to nothing: it was ${state} before an answer of it was counted.`
}

/** When the lease's units were decided: money paid then stays in holdback for a whole window at least. */
function decidedAtMs({ job, runs }: CaseFile, nowMs: number): number {
  const paidAtMs = runs.flatMap(({ paid }) => paid.map(({ atMs }) => atMs))
  return paidAtMs.length > 0 ? Math.max(...paidAtMs) : (job.finishedAtMs ?? nowMs)
}

/** What the second look at a lease may cost: every unit at its limit, with all answers that agreement may take. */
export function secondLookMicro(policy: RegionPolicy, { lease, job }: Pick<CaseFile, 'lease' | 'job'>): bigint {
  const spec = parseStoredJobSpec(job.spec)
  const answers = replicasWorst(retrialTheta(spec), policy.saboteurShare) + SPARE_ANSWERS
  return fuelPrice(spec.task.unitFuelMax, job.gigafuelPriceMicro) * BigInt(lease.unitCount * answers)
}

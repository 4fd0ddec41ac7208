/** Who may add an opinion on a run. */
import type { Fleet, Member } from '../fleet/fleet.ts'
import type { Lease, Run } from './job.ts'

/**
 * Whether a device may add an opinion on a run: its owner has none yet (its own, when the job trusts single answers) and is not barred.
 * @see spec/clauses.md [VERIFY-1.2] [DISP-2.1]
 */
export function maySpeakOn(run: Run, member: Member, trusting: boolean): boolean {
  if (run.barred.has(member.row.owner)) return false
  const same = (lease: Lease) => (trusting ? lease.device === member.row.id : lease.owner === member.row.owner)
  for (const vote of run.votes) if (same(vote.lease)) return false
  for (const lease of run.leases) if (same(lease)) return false
  return true
}

/** Whether somebody on the same network has answered the run or is at it. A network is what the broker saw; unknown ones are nobody's. */
export function sharesNetwork(fleet: Fleet, run: Run, member: Member): boolean {
  if (member.network === '') return false
  const same = ({ device }: Lease) => fleet.member(device)?.network === member.network
  for (const vote of run.votes) if (same(vote.lease)) return true
  for (const lease of run.leases) if (same(lease)) return true
  return false
}

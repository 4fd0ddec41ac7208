/** Whether there is still somebody who could add an opinion on a run. */
import type { OwnerName } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import { whyNotForFuel } from '../pricing/willing.ts'
import { unfitReason } from './ability.ts'
import type { Desk, Job, Run } from './job.ts'
import { affordableUnits } from './reservation.ts'

/** A device that has lost so many leases in a row is not waited for. */
const LOSSES_MAX = 3

/** Whether the job can pay for another opinion and a device of an owner who has none takes work that it could do. */
export function isSomebodyLeft(desk: Desk, job: Job, run: Run): boolean {
  if (affordableUnits(job) < 1) return false
  const spoken = new Set<OwnerName>(run.barred)
  for (const { lease } of run.votes) spoken.add(lease.owner)
  for (const { owner } of run.leases) spoken.add(owner)
  for (const member of desk.fleet.all()) {
    if (!spoken.has(member.row.owner) && takesWork(desk, job, member)) return true
  }
  return false
}

function takesWork(desk: Desk, { row: job, prepared, gaveBack }: Job, member: Member): boolean {
  const { row, presence, lossesInARow } = member
  if (row.standing !== 'joined' || row.drainReason !== null || !presence || presence.creditLeases === 0) return false
  if (lossesInARow >= LOSSES_MAX || (gaveBack.get(row.id) ?? 0) >= LOSSES_MAX) return false
  if (whyNotForFuel(desk.pricing, row.id, job.gigafuelPriceMicro) !== null) return false
  return unfitReason(presence, prepared.spec, prepared.abi) === null
}

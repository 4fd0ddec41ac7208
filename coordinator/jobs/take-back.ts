/** Taking back what rests on a device that is not trusted any more. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Desk, Job, Lease, SoloWork } from './job.ts'
import { dropLease, review } from './runs.ts'

/** Takes a distrusted device's lease out of its runs, votes included. */
export function disown(desk: Desk, lease: Lease, nowMs: number, batch: Batch): void {
  const runs = [...lease.runs]
  const wasOut = lease.state === 'out'
  dropLease(desk, lease, lease.state === 'returned' ? 'rejected' : 'cancelled', batch)
  for (const run of runs) run.votes = run.votes.filter(vote => vote.lease !== lease)
  if (wasOut) batch.emit({ kind: 'cancel', device: lease.device, leaseId: lease.id })
  for (const run of runs) if (lease.job.runs.has(run)) review(desk, lease.job, run, nowMs, batch)
}

/** Opens units again that were accepted on a distrusted device's word alone. */
export function unaccept(desk: Desk, job: Job, device: DeviceId, solo: SoloWork, batch: Batch): void {
  for (const { first, count } of solo.units) {
    batch.write({ table: 'accepted-delete', job: job.row.id, firstUnit: first, unitCount: count })
    job.accepted.remove(first, count)
    job.pending.add(first, count)
  }
  batch.emit({ kind: 'taken-back', job: job.row.id })
  job.solo.delete(device)
  job.row.fuel -= solo.fuel
  job.row.failedUnits -= solo.failedUnits
  // A job that runs has a reason only for the units that failed in it.
  if (job.row.failedUnits === 0) job.row.reason = ''
  job.row.expectedWrongUnits = Math.max(0, job.row.expectedWrongUnits - solo.expectedWrongUnits)
  job.row.state = 'running'
  job.aggregateStale = job.aggregatesOut > 0
  desk.dirty.add(job)
}

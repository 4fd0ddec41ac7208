/** How jobs end before they are done. */
import type { Batch } from '../batch.ts'
import type { Desk, Job } from './job.ts'
import { unreservedMicro } from './reservation.ts'
import { dropLease } from './runs.ts'

/** Why a job ends that everybody has given back. */
export const NOBODY_FINISHES =
  'every device that could run it gave its leases back without a result, such as for a unit that takes longer than task.unitTimeoutMs'

/** Why a job cannot go on, with what helps. */
export function outOfBudget(job: Job): string {
  const { unitFuelMax } = job.prepared.spec.task
  const left = `${unreservedMicro(job)} of its budget of ${job.row.budgetMicro} micro-credits are left`
  const next = `the next unit may burn ${unitFuelMax} fuel, which costs ${job.unitMicroMax}`
  return `${left} and ${next}; raise budgetMicro or lower task.unitFuelMax`
}

/** Takes every lease off the books, and tells the devices that are at one. */
export function dropLeases(desk: Desk, job: Job, batch: Batch): void {
  for (const lease of [...job.leases.values()]) {
    const wasOut = lease.state === 'out'
    dropLease(desk, lease, 'cancelled', batch)
    if (wasOut) batch.emit({ kind: 'cancel', device: lease.device, leaseId: lease.id })
  }
}

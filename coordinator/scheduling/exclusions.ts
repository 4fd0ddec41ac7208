/** Keeps why a device got nothing of a job, when that is first seen or has changed. */
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Job } from '../jobs/job.ts'

/** Devices of which a job keeps the reason: enough to see a pattern, few enough for every job to afford. */
const DEVICES_MAX = 256

/** @param reason - the end of a sentence about the device */
export function noteExclusion(job: Job, { row }: Member, reason: string, nowMs: number, batch: Batch): void {
  if (job.retrial) return
  const kind = withoutNumbers(reason)
  const known = job.excluded.get(row.id)
  if (known === kind || (known === undefined && job.excluded.size >= DEVICES_MAX)) return
  job.excluded.set(row.id, kind)
  batch.write({ table: 'exclusion', row: { job: job.row.id, device: row.id, reason, atMs: Math.round(nowMs) } })
}

/** A reason that differs from another in what was measured alone is the same reason. */
const withoutNumbers = (reason: string): string => reason.replace(/\d+(\.\d+)?/g, '#')

import type { Desk, Job } from '../jobs/job.ts'
import { barred } from './why-not.ts'

/** Leases that a device may give back in a row before it counts as unable to finish the job. */
const GIVE_BACKS_MAX = 10

/** Whether all that is left of a job has been given back again and again by every device that takes work and could run it. */
export function nobodyFinishes(desk: Desk, job: Job): boolean {
  let unable = 0
  for (const givenBack of job.gaveBack.values()) if (givenBack >= GIVE_BACKS_MAX) unable++
  if (unable === 0) return false
  let asked = 0
  for (const member of desk.fleet.all()) {
    const { row, presence } = member
    if (row.standing !== 'joined' || row.drainReason !== null || !presence || presence.creditLeases === 0) continue
    if (barred(desk, job, member) !== null) continue
    if ((job.gaveBack.get(row.id) ?? 0) < GIVE_BACKS_MAX) return false
    asked++
  }
  return asked > 0
}

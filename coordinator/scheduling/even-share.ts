/**
 * How much of a job a device may have in hand. Devices fetch the next lease while one runs, and hold several so that the way to the region
 * costs them nothing; but what lies in a queue cannot go to somebody who turns out to be faster. So a device has a quarter of an even share of
 * what is left in hand and comes back for more: whoever is fast comes oftener (factoring; S. Hummel, E. Schonberg, L. Flynn, CACM 35(8), 1992).
 */
import type { DeviceId } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Desk, Job } from '../jobs/job.ts'

/** An even share of what is left is handed out in so many parts. */
const PARTS_OF_SHARE = 4
/** Work for a shorter time than this part of the lease target is not worth parting: a message takes as long there and back. */
const IN_HAND_TARGETS = 1 / 8
/** Of many devices so many tell how it is with all. */
const LOOKED_AT = 64

/**
 * Whether a device has as much of a job in hand as it should, since others could take the rest: an even share of what is left, or a part of
 * that when it is work enough. One lease to run in each slot and one to fetch meanwhile it may always hold.
 * @param devices - that share what is left
 */
export function holdsItsPart(
  { loads, policy }: Desk,
  job: Job,
  { row, presence }: Member,
  devices: () => number,
): boolean {
  const { leases, busyMs } = loads.of(row.id)
  if (leases.size <= (presence?.slots ?? 0)) return false
  const isEnough = busyMs >= IN_HAND_TARGETS * policy.leaseTargetMs
  const left = job.pending.units + loads.unitsOut(job)
  return loads.unitsHeld(job, row.id) * devices() * (isEnough ? PARTS_OF_SHARE : 1) >= left
}

/**
 * How many devices share what is left of a job: those at it, and those with room that hold nothing of it.
 * @param woken - devices that are not among the idle ones yet, or again
 */
export function devicesSharing({ loads, ready }: Desk, job: Job, woken: readonly DeviceId[]): number {
  const isOther = (device: DeviceId) => loads.unitsHeld(job, device) === 0
  const idle = countOf(ready.idle, ready.idle.size, isOther)
  const others = countOf(woken, woken.length, device => !ready.idle.has(device) && isOther(device))
  return Math.max(1, loads.devicesAt(job) + idle + others)
}

function countOf(devices: Iterable<DeviceId>, size: number, isCounted: (device: DeviceId) => boolean): number {
  let looked = 0
  let counted = 0
  for (const device of devices) {
    if (isCounted(device)) counted++
    if (++looked >= LOOKED_AT) break
  }
  return looked === 0 ? 0 : Math.round((counted / looked) * size)
}

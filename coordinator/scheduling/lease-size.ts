/** How long a lease should be: long enough that signatures amortise, short enough that slow devices get small pieces. */
import { LIMITS } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Desk, Job } from '../jobs/job.ts'
import { leaseBytes } from '../jobs/lease-bytes.ts'

/** A lease is at most so many times longer than the longest that has come back. */
const GROWTH = 8
/** Share of the inline bound that predicted outputs may fill, since sizes vary. */
const OUTPUT_MARGIN = 0.8
/** Input of one lease; a device fetches it in one range request. */
const RUN_INPUT_BYTES_MAX = 4 * 1_048_576
/** Part of the time to a job's deadline that one lease may take, since estimates vary. */
const DEADLINE_MARGIN = 0.5

/** Leases of checks are short, since those that are not back at the end of the time do not count. */
const CHECK_LEASE_MS = 250

/** Towards the end of a job leases get shorter down to this: a message and a signature cost about as much. */
const LEASE_LEAST_MS = 4

/** Expected run time of so many units on that device; 0 when nothing is known yet. */
export function estimateMs(desk: Desk, job: Job, member: Member, units: number): number {
  const rate = desk.rates.of(member.row.id, job.prepared.module)
  return rate ? units / rate.unitsPerMs : 0
}

/**
 * Units for a fresh lease at `first`, of at most `available`.
 * @param devices - devices that share the work, for guided self-scheduling towards the end of a job
 * @param leftMs - until the job's deadline
 */
export function leaseUnits(
  desk: Desk,
  job: Job,
  member: Member,
  first: number,
  available: number,
  devices: number,
  leftMs = Number.POSITIVE_INFINITY,
): number {
  const { spec, plan, module } = job.prepared
  const inlineOnly = spec.split.kind === 'items' || spec.split.kind === 'grid'
  const rate = desk.rates.of(member.row.id, module)
  let units = 1
  if (rate) {
    const targetMs = Math.min(job.check ? CHECK_LEASE_MS : desk.policy.leaseTargetMs, leftMs * DEADLINE_MARGIN)
    // The next lease's input travels while this one runs, so the slower of the two counts.
    const moveMs = desk.lines.moveMs(member.row.id, leaseBytes(job.prepared, first, 1).inputBytes)
    units = Math.min(targetMs / Math.max(1 / rate.unitsPerMs, moveMs), rate.unitsSeen * GROWTH)
    const room = LIMITS.resultOutputsInlineBytesMax * OUTPUT_MARGIN
    units = Math.min(units, room / Math.max(rate.outputBytesPerUnit, 1))
    units = Math.min(units, Math.max(LEASE_LEAST_MS * rate.unitsPerMs, job.pending.units / (2 * devices)))
  }
  units = Math.min(
    Math.max(1, Math.floor(units)),
    available,
    spec.leaseUnitsMax ?? LIMITS.unitsPerLeaseMax,
    LIMITS.unitsPerLeaseMax,
  )
  const inputMax = inlineOnly ? LIMITS.inlineBytesMax : RUN_INPUT_BYTES_MAX
  return plan.unitsWithin(first, units, inputMax)
}

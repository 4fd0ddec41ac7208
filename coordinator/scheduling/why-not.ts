/** Why a device gets no work, or none of a job: for the scheduler, and in words for people. */
import type { Member } from '../fleet/fleet.ts'
import { unfitReason } from '../jobs/ability.ts'
import type { Desk, Job } from '../jobs/job.ts'
import { whyNotForFuel } from '../pricing/willing.ts'
import { estimateMs } from './lease-size.ts'

/** Buffered work a device gets, in lease targets. One runs, one waits; a third would only make results late. */
const BUFFER_LEASE_TARGETS = 2
/** Leases a slot of a device whose single answer is not accepted yet: enough to hide the round trip. */
const UNPROVEN_LEASES = 3

/** Whether a device may be given a lease now, of whatever job. */
export function hasRoom(desk: Desk, member: Member): boolean {
  const { presence, row } = member
  if (!presence || row.standing !== 'joined' || row.drainReason !== null) return false
  const load = desk.loads.of(row.id)
  if (load.leases.size >= presence.creditLeases) return false
  return load.estimateMs < BUFFER_LEASE_TARGETS * desk.policy.leaseTargetMs
}

/** Why a device cannot run a job's task now, as the end of a sentence about it; null when it can. */
export function unableReason(job: Job, { presence }: Member): string | null {
  return presence ? unfitReason(presence, job.prepared.spec, job.prepared.abi) : 'it is offline'
}

/** Why a device gets no work of a job whatever room it has: it cannot run it, or asks more than it pays. Null when it may. */
export function barredReason(desk: Desk, job: Job, member: Member): string | null {
  return whyNotForFuel(desk.pricing, member.row.id, job.row.gigafuelPriceMicro) ?? unableReason(job, member)
}

/**
 * Why a device gets no lease of a job at this moment, though it has room; null when it may get one.
 * @param nowMs - wall time
 */
export function whyNotNow(desk: Desk, job: Job, member: Member, nowMs: number): string | null {
  return excludedReason(desk, job, member, nowMs) ?? unprovenReason(desk, job, member)
}

/** The part of {@link whyNotNow} that leases of the job which the device holds have nothing to do with. */
export function excludedReason(desk: Desk, job: Job, member: Member, nowMs: number): string | null {
  return barredReason(desk, job, member) ?? lateReason(desk, job, member, nowMs)
}

/**
 * Until it has answered once for a module a device gets a lease a slot and one to wait. While its word does not suffice for the job it
 * gets a few: its record grows with every answer, and runs handed out later then need fewer replicas.
 */
export function unprovenReason(desk: Desk, job: Job, member: Member): string | null {
  const { row, presence } = member
  const held = desk.loads.of(row.id).leases.size
  const slots = presence?.slots ?? 0
  if (held <= slots) return null
  if (!desk.rates.knows(row.id, job.prepared.module))
    return 'its first answer to this task is awaited before it gets more'
  const { verify } = job.prepared.spec
  if (verify.kind === 'trust' || held <= UNPROVEN_LEASES * slots) return null
  if (desk.fleet.credibility(member) >= verify.theta) return null
  return 'it holds as many leases as a device gets whose word does not suffice yet'
}

/** Milliseconds of a job's deadline that are left; infinite without one. */
export function timeLeftMs(job: Job, nowMs: number): number {
  const { deadlineMs } = job.prepared.spec
  return deadlineMs === undefined ? Number.POSITIVE_INFINITY : job.row.createdAtMs + deadlineMs - nowMs
}

/**
 * Whether what it holds leaves a device no time for one more unit before the job's deadline. A device that holds nothing always gets one,
 * however slow it seems (BOINC, sched/sched_check.cpp), so that a wrong estimate can be put right.
 */
function lateReason(desk: Desk, job: Job, member: Member, nowMs: number): string | null {
  const leftMs = timeLeftMs(job, nowMs)
  if (leftMs === Number.POSITIVE_INFINITY) return null
  const load = desk.loads.of(member.row.id)
  if (load.leases.size === 0) return null
  const neededMs = (load.estimateMs + estimateMs(desk, job, member, 1)) / member.availability
  if (neededMs <= leftMs) return null
  return `it would take ${seconds(neededMs)} for what it holds and one unit more, and the job's deadline is in ${seconds(Math.max(0, leftMs))}`
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

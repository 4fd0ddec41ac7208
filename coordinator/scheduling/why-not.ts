/** Why a device gets no work, or none of a job: for the scheduler, and in words for people. */
import { METERING_VERSION } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import { unfitReason } from '../jobs/ability.ts'
import type { Desk, Job } from '../jobs/job.ts'
import { whyNotForFuel } from '../pricing/willing.ts'
import { estimateMs } from './lease-size.ts'
import type { DevicePass, JobPass, Pass } from './passes.ts'

/** Buffered work a device gets, in lease targets. One runs, one waits; a third would only make results late. */
const BUFFER_LEASE_TARGETS = 2
/** Leases a slot of a device whose single answer is not accepted yet: enough to hide the round trip. */
const UNPROVEN_LEASES = 3

const OFFLINE = { kind: 'offline', reason: 'it is not connected' } as const
const FULL = { kind: 'full', reason: 'it holds as much work as it asked for' } as const
const RESTING = { kind: 'resting', reason: 'it rests a moment, since its last lease came to nothing' } as const
const FIRST_ANSWER = {
  kind: 'first_answer',
  reason: 'its first answer to this task is awaited before it gets more',
} as const
const UNPROVEN = {
  kind: 'unproven',
  reason: 'it holds as many leases as a device gets whose word does not suffice yet',
} as const

/** Whether a device may be given a lease now, of whatever job, unless it rests. */
export function hasRoom(desk: Desk, member: Member): boolean {
  return noRoom(desk, member, Number.POSITIVE_INFINITY) === null
}

/** Why a device is given no lease now, of whatever job; null when it may have one. */
export function noRoom(
  desk: Desk,
  { presence, row, restsUntilMs }: Member,
  monotonicMs: number,
): Pass<DevicePass> | null {
  if (row.standing !== 'joined') return { kind: 'standing', reason: `it is ${row.standing}: ${row.standingReason}` }
  if (row.drainReason !== null) return { kind: 'drained', reason: `it is drained: ${row.drainReason}` }
  if (!presence) return OFFLINE
  if (presence.creditLeases === 0) return { kind: 'paused', reason: `it says: ${inSentence(presence.reason)}` }
  const load = desk.loads.of(row.id)
  if (load.leases.size >= presence.creditLeases) return FULL
  if (load.estimateMs >= BUFFER_LEASE_TARGETS * desk.policy.leaseTargetMs) return FULL
  return restsUntilMs > monotonicMs ? RESTING : null
}

const inSentence = (words: string): string => (words === '' ? 'no work now' : words.replace(/\.$/, ''))

/** Why a device cannot run a job's task now, as the end of a sentence about it; null when it can. */
export function unableReason(job: Job, { presence }: Member): string | null {
  return presence ? unfitReason(presence, job.prepared.spec, job.prepared.abi) : 'it is offline'
}

/** Why a device gets no work of a job whatever room it has: it cannot run it, or asks more than it pays. Null when it may. */
export function barred(desk: Desk, job: Job, member: Member): Pass<JobPass> | null {
  const price = whyNotForFuel(desk.pricing, member.row.id, job.row.gigafuelPriceMicro)
  if (price !== null) return { kind: 'price', reason: price }
  const reason = unableReason(job, member)
  return reason === null ? null : { kind: unfitKind(job, member), reason }
}

function unfitKind({ prepared: { abi } }: Job, { presence }: Member): JobPass {
  if (!presence?.abis.includes(abi)) return 'abi'
  return presence.metering.includes(METERING_VERSION) ? 'memory' : 'metering'
}

/**
 * Why a device gets no lease of a job at this moment, though it has room; null when it may get one.
 * @param nowMs - wall time
 */
export function whyNot(desk: Desk, job: Job, member: Member, nowMs: number): Pass<JobPass> | null {
  return barred(desk, job, member) ?? late(desk, job, member, nowMs) ?? unproven(desk, job, member)
}

/**
 * Until it has answered once for a module a device gets a lease a slot and one to wait. While its word does not suffice for the job it
 * gets a few: its record grows with every answer, and runs handed out later then need fewer replicas.
 */
function unproven(desk: Desk, job: Job, member: Member): Pass<JobPass> | null {
  const { row, presence } = member
  const held = desk.loads.of(row.id).leases.size
  const slots = presence?.slots ?? 0
  if (held <= slots) return null
  if (!desk.rates.knows(row.id, job.prepared.module)) return FIRST_ANSWER
  const { verify } = job.prepared.spec
  if (verify.kind === 'trust' || held <= UNPROVEN_LEASES * slots) return null
  return desk.fleet.credibility(member) >= verify.theta ? null : UNPROVEN
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
function late(desk: Desk, job: Job, member: Member, nowMs: number): Pass<JobPass> | null {
  const leftMs = timeLeftMs(job, nowMs)
  if (leftMs === Number.POSITIVE_INFINITY) return null
  const load = desk.loads.of(member.row.id)
  if (load.leases.size === 0) return null
  const neededMs = (load.estimateMs + estimateMs(desk, job, member, 1)) / member.availability
  if (neededMs <= leftMs) return null
  const reason = `it would take ${seconds(neededMs)} for what it holds and one unit more, and the job's deadline is in ${seconds(Math.max(0, leftMs))}`
  return { kind: 'late', reason }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

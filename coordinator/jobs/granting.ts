/**
 * Choosing work for devices that have room: agreement first, fresh units next, copies of stragglers last. Owners nobody knows yet go
 * before others once, and no owner gets more than its share of a job while others could take it.
 */
import type { OwnerName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import { whyNotForFuel } from '../pricing/willing.ts'
import { spotCheckRate } from '../verification/credibility.ts'
import { unfitReason } from './ability.ts'
import { needsMore } from './decide.ts'
import { type Desk, hasLeaseOut, isTrusting, type Job, type Lease, maySpeakOn, type Run } from './job.ts'
import { estimateMs, leaseUnits } from './lease-size.ts'
import { OwnerShares } from './owner-shares.ts'
import { affordableUnits, promiseMicro } from './reservation.ts'
import { cutRun, openRun } from './runs.ts'

/** Buffered work a device gets, in lease targets. One runs, one waits; a third would only make results late. */
const BUFFER_LEASE_TARGETS = 2
/** Waiting runs looked at for one device before the scheduler moves on; bounds a decision's cost. */
const CANDIDATES_MAX = 128
/** Leases a slot of a device whose single answer is not accepted yet: enough to hide the round trip. */
const UNPROVEN_LEASES = 3
/** A lease may take so many times its estimate before it is given up. */
const TIMEOUT_FACTOR = 5

/** Whether a device may be given a lease now. */
export function hasRoom(desk: Desk, member: Member): boolean {
  const { presence, row } = member
  if (!presence || row.standing !== 'joined') return false
  const load = desk.loads.of(row.id)
  if (load.leases.size >= presence.creditLeases) return false
  return load.estimateMs < BUFFER_LEASE_TARGETS * desk.policy.leaseTargetMs
}

/** Why a device cannot run a job's task now, for people; null when it can. */
export function unableReason(job: Job, { presence }: Member): string | null {
  return presence ? unfitReason(presence, job.prepared.spec, job.prepared.abi) : 'offline'
}

/** Why a device gets no work of a job now whatever room it has, for people: it cannot run it, or asks more than it pays. */
export function barredReason(desk: Desk, job: Job, member: Member): string | null {
  return whyNotForFuel(desk.pricing, member.row.id, job.row.gigafuelPriceMicro) ?? unableReason(job, member)
}

/** Leases that a device may give back in a row before it counts as unable to finish the job. */
const GIVE_BACKS_MAX = 10

/** Whether all that is left of a job has been given back again and again by every device that takes work and could run it. */
export function nobodyFinishes(desk: Desk, job: Job): boolean {
  if (job.gaveBack.size === 0) return false
  const able = [...desk.fleet.all()].filter(
    ({ row, presence }) => row.standing === 'joined' && presence && presence.creditLeases > 0,
  )
  const asked = able.filter(member => !barredReason(desk, job, member))
  return asked.length > 0 && asked.every(({ row }) => (job.gaveBack.get(row.id) ?? 0) >= GIVE_BACKS_MAX)
}

/** What a round of scheduling works with. */
interface Round {
  readonly desk: Desk
  readonly jobs: readonly Job[]
  /** Wall time for the rows, monotonic time for deadlines. */
  readonly nowMs: number
  readonly monotonicMs: number
  readonly batch: Batch
  readonly shares: OwnerShares
  /** Whether owners with more than their share stand back for others. */
  readonly isShared: boolean
}

/**
 * Hands leases to devices with room until neither work nor room is left.
 * @param nowMs - wall time for the rows
 * @param monotonicMs - monotonic time for deadlines
 * @see spec/clauses.md [PRICE-3.1] [PRICE-3.2]
 */
export function schedule(desk: Desk, jobs: readonly Job[], nowMs: number, monotonicMs: number, batch: Batch): void {
  if (jobs.length === 0) return
  const ready = [...desk.fleet.all()].filter(member => member.restsUntilMs <= monotonicMs && hasRoom(desk, member))
  let hungry = newcomersFirst(desk, ready)
  const round = { desk, jobs, nowMs, monotonicMs, batch, shares: new OwnerShares(desk.policy.ownerShareMax) }
  while (hungry.length > 0) {
    const { served, still, held } = serve({ ...round, isShared: !isOneOwners(hungry) }, hungry)
    // When nobody else could take anything, those who stood back need not.
    hungry = served > 0 ? [...still, ...held] : serve({ ...round, isShared: false }, held).still
  }
}

/** One lease for each device, where there is one. @returns those with room for another, and those who stood back for other owners */
function serve(round: Round, hungry: readonly Member[]): { served: number; still: Member[]; held: Member[] } {
  const still: Member[] = []
  const held: Member[] = []
  let served = 0
  for (const member of hungry) {
    const outcome = grantOne(round, member, hungry.length)
    if (outcome === 'held') held.push(member)
    if (outcome !== 'granted') continue
    served++
    if (hasRoom(round.desk, member)) still.push(member)
  }
  return { served, still, held }
}

function isOneOwners(members: readonly Member[]): boolean {
  const owner = members[0]?.row.owner
  return members.every(({ row }) => row.owner === owner)
}

/** One device of each owner that has had neither an accepted unit nor a lease goes first, so that everybody can begin a record. */
function newcomersFirst(desk: Desk, hungry: Member[]): Member[] {
  const isUnknown = ({ row }: Member) => row.unitsAccepted === 0 && desk.loads.of(row.id).leases.size === 0
  const unknown = hungry.length > 1 ? hungry.filter(isUnknown) : []
  if (unknown.length === 0) return hungry
  const known = new Set<OwnerName>()
  for (const member of desk.fleet.all()) if (!isUnknown(member)) known.add(member.row.owner)
  const first = new Set<Member>()
  for (const member of unknown) {
    if (known.has(member.row.owner)) continue
    known.add(member.row.owner)
    first.add(member)
  }
  return first.size === 0 ? hungry : [...first, ...hungry.filter(member => !first.has(member))]
}

function grantOne(round: Round, member: Member, devices: number): 'granted' | 'held' | 'nothing' {
  const { desk, jobs, shares, isShared } = round
  let stoodBack = false
  for (const job of jobs) {
    if (job.row.state !== 'running' || barredReason(desk, job, member)) continue
    if (desk.loads.of(member.row.id).leases.size > leasesBeyondRunning(desk, job, member)) continue
    if (isShared && hasWork(job) && shares.isOver(job, member.row.owner)) {
      stoodBack = true
      continue
    }
    const run = chooseRun(desk, job, member, devices)
    if (!run) continue
    issue(round, job, member, run)
    return 'granted'
  }
  return stoodBack ? 'held' : 'nothing'
}

const hasWork = ({ pending, needy, hedges }: Job): boolean => !pending.isEmpty || needy.size > 0 || hedges.size > 0

/**
 * Leases a device may hold besides the one it is about to get. Until it has answered once for a module it gets a lease a slot
 * and one to wait. While its word does not suffice for the job it gets a few: its record grows with every answer, and runs
 * handed out later then need fewer replicas.
 */
function leasesBeyondRunning(desk: Desk, job: Job, member: Member): number {
  const slots = member.presence?.slots ?? 0
  if (!desk.rates.knows(member.row.id, job.prepared.module)) return slots
  const { verify } = job.prepared.spec
  const isProven = verify.kind === 'trust' || desk.fleet.credibility(member) >= verify.theta
  return isProven ? Number.POSITIVE_INFINITY : UNPROVEN_LEASES * slots
}

function chooseRun(desk: Desk, job: Job, member: Member, devices: number): Run | null {
  const affordable = affordableUnits(job)
  if (affordable < 1) return null
  const trusting = isTrusting(job)
  const needy = needyRun(job, member, affordable)
  if (needy) return needy
  const next = job.pending.peek()
  if (next) {
    // One device must not take all that the budget can carry at a time, or the others would wait for it.
    const share = Math.max(1, Math.floor(affordable / devices))
    const units = leaseUnits(desk, job, member, next.first, Math.min(next.count, share), devices)
    const taken = job.pending.take(units)
    if (taken) {
      const run = openRun(job, taken.first, taken.count)
      run.spotCheck = !trusting && drawSpotCheck(desk, member)
      return run
    }
  }
  for (const run of job.hedges) {
    if (run.count <= affordable && maySpeakOn(run, member, trusting)) return run
  }
  return null
}

/** A run that waits for another opinion, this device's; cut when the budget cannot carry all of it. */
function needyRun(job: Job, member: Member, affordable: number): Run | null {
  const trusting = isTrusting(job)
  let tooLong: Run | null = null
  let looked = 0
  for (const run of job.needy) {
    if (maySpeakOn(run, member, trusting)) {
      if (run.count <= affordable) return run
      tooLong ??= run
    }
    if (++looked >= CANDIDATES_MAX) break
  }
  // What leases that are out do not burn comes back; without any, this is as much as there will be.
  return tooLong === null || hasLeaseOut(job) ? null : cutRun(job, tooLong, affordable)
}

const drawSpotCheck = (desk: Desk, member: Member): boolean =>
  desk.random.uniform() < spotCheckRate(member.row.checksPassed)

/**
 * After a restart nobody remembers which runs were to be checked, and devices know that there was one. An answer that is still
 * waiting needs a second whatever its device has earned; for leases that are out the dice are cast again.
 */
export function restoreSpotChecks(desk: Desk, job: Job): void {
  if (isTrusting(job)) return
  const draw = ({ device }: Lease): boolean => {
    const member = desk.fleet.member(device)
    return member !== undefined && drawSpotCheck(desk, member)
  }
  for (const run of job.runs) run.spotCheck = run.votes.length > 0 || [...run.leases].some(draw)
}

function issue({ desk, nowMs, monotonicMs, batch, shares }: Round, job: Job, member: Member, run: Run): void {
  const estimate = estimateMs(desk, job, member, run.count)
  const queued = desk.loads.of(member.row.id).estimateMs
  const expectedMs = estimate > 0 ? estimate + queued : run.count * job.prepared.spec.task.unitTimeoutMs
  const leaseMs = Math.ceil(Math.max(desk.policy.leaseTimeoutMinMs, TIMEOUT_FACTOR * expectedMs))
  const isReplica = run.votes.length + run.leases.size > 0
  const speculative = job.hedges.has(run)
  const lease: Lease = {
    id: desk.nextLeaseId++,
    job,
    device: member.row.id,
    owner: member.row.owner,
    first: run.first,
    count: run.count,
    runs: new Set([run]),
    issuedMs: monotonicMs,
    deadlineMs: monotonicMs + leaseMs,
    estimateMs: estimate,
    speculative,
    state: 'out',
    lost: false,
  }
  run.leases.add(lease)
  job.hedges.delete(run)
  job.leases.set(lease.id, lease)
  job.reservedMicro += promiseMicro(job, run.count)
  desk.loads.add(lease)
  shares.add(job, lease.owner, lease.count)
  job.row.leases++
  if (speculative) job.row.speculativeLeases++
  else if (isReplica) job.row.replicaLeases++
  desk.dirty.add(job)
  if (needsMore(desk, job, run)) job.needy.add(run)
  else job.needy.delete(run)
  batch.write({
    table: 'lease',
    row: {
      id: lease.id,
      job: job.row.id,
      device: lease.device,
      firstUnit: run.first,
      unitCount: run.count,
      state: 'out',
      issuedAtMs: nowMs,
      leaseMs,
      speculative,
      digest: null,
      outputs: null,
    },
  })
  batch.emit({
    kind: 'grant',
    device: lease.device,
    job: job.row.id,
    leaseId: lease.id,
    firstUnit: run.first,
    unitCount: run.count,
    leaseMs,
  })
}

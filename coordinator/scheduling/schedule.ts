/**
 * Hands leases to devices with room until neither work nor room is left. A device that has asked for work gets the job whose turn it is;
 * work that finds nobody asking goes to the better of two idle devices picked at random (M. Mitzenmacher, IEEE TPDS 12(10), 2001), so a
 * decision costs the same in a fleet of a hundred and of ten thousand.
 */
import type { DeviceId, OwnerName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import { mayTakeMore } from '../jobs/capacity-check.ts'
import type { Desk, Job } from '../jobs/job.ts'
import { sharesNetwork } from '../jobs/may-speak.ts'
import { BUDGET, chooseRun, hasWork, nothingFor } from './choose-run.ts'
import { devicesSharing, holdsItsPart } from './even-share.ts'
import type { IndexedSet } from './indexed-set.ts'
import { issue, type Moment } from './issue.ts'
import { estimateMs } from './lease-size.ts'
import type { JobPass, Pass } from './passes.ts'
import { noRoom, whyNot } from './why-not.ts'

/** Leases handed out in one step; more wait for the next, so that no step holds up the messages behind it. */
const LEASES_PER_STEP = 512
/** Idle devices looked at for one lease. */
const IDLE_LOOKED_AT = 64
/** Of these, suitable ones that are compared. */
const CHOICES = 2
/** So few are all compared. */
const ALL_COMPARED = 32
/** A device stays with its last task while that is no further ahead than so many lease targets: the next job needs another module and process. */
const STAY_LEASE_TARGETS = 5

/** What a round of scheduling works with. */
interface Round {
  readonly desk: Desk
  readonly now: Moment
  readonly batch: Batch
  /** Jobs that have something to hand out. */
  working: Job[]
  /** Of these, checks of what devices can do. Whoever is asked gets nothing else meanwhile. */
  readonly checks: readonly Job[]
  /** Devices that something has changed about since the last round. */
  readonly woken: readonly DeviceId[]
  leases: number
  /** Whether owners with more than their share stand back for others. */
  isShared: boolean
  /** Devices that share what is left of a job, as far as they were counted. */
  readonly sharing: Map<Job, number>
}

/** @see spec/clauses.md [PRICE-3.1] [PRICE-3.2] */
export function schedule(desk: Desk, jobs: readonly Job[], now: Moment, batch: Batch): void {
  const { ready } = desk
  ready.endRests(now.monotonicMs)
  desk.passes.keep(now.wallMs, batch)
  const working = workingOf(desk, jobs, now, batch)
  if (working.length === 0) {
    for (const device of ready.takeWoken()) settle(desk, device, now, batch)
    return
  }
  const isShared = hasSeveralOwners(desk)
  for (const device of wokenNewcomers(desk)) settle(desk, device, now, batch)
  const woken = ready.takeWoken()
  const checks = working.filter(({ check }) => check !== null)
  const round: Round = { desk, now, batch, working, checks, woken, leases: 0, isShared, sharing: new Map() }
  serveIdle(round, ready.newcomers)
  const held = serveWoken(round, woken)
  serveIdle(round, ready.idle)
  // When nobody else could take anything, those who stood back need not.
  round.isShared = false
  serveWoken(round, held)
  serveIdle(round, ready.idle)
  if (round.leases >= LEASES_PER_STEP) batch.emit({ kind: 'schedule' })
}

/** The jobs that have something to hand out, if anything is handed out at present. */
function workingOf(desk: Desk, jobs: readonly Job[], { wallMs }: Moment, batch: Batch): Job[] {
  const working = jobs.filter(hasWork)
  const { maintenance } = desk
  if (maintenance === null) return working
  const pass = { kind: 'maintenance', reason: `no work is handed out in the region: ${maintenance}` } as const
  for (const job of working) desk.passes.noteJob(job, pass, wallMs, batch)
  return []
}

/** Whether devices of more than one owner may have room, as far as a few of them tell. */
function hasSeveralOwners({ ready, fleet }: Desk): boolean {
  const owners = new Set<OwnerName>()
  let looked = 0
  for (const device of ready.all()) {
    const owner = fleet.member(device)?.row.owner
    if (owner !== undefined) owners.add(owner)
    if (owners.size > 1) return true
    if (++looked >= IDLE_LOOKED_AT) return false
  }
  return false
}

/** Newcomers go first even when they have just come. */
function wokenNewcomers(desk: Desk): DeviceId[] {
  return [...desk.ready.wokenSoFar()].filter(device => {
    const member = desk.fleet.member(device)
    return member !== undefined && isNewcomer(desk, member)
  })
}

/** Whether its owner has had neither an accepted unit nor a lease. */
function isNewcomer(desk: Desk, { row }: Member): boolean {
  return row.unitsAccepted === 0 && !desk.fleet.hasRecord(row.owner) && !desk.loads.isAtWork(row.owner)
}

/** The device if it may get a lease; otherwise it is put where it belongs. */
function withRoom(desk: Desk, device: DeviceId, now: Moment, batch: Batch): Member | null {
  const { fleet, ready, passes } = desk
  const member = fleet.member(device)
  if (member === undefined) {
    ready.leave(device)
    return null
  }
  const pass = noRoom(desk, member, now.monotonicMs)
  if (pass === null) {
    passes.noteRoom(member, now.wallMs, batch)
    return member
  }
  passes.noteDevice(member, pass, now.wallMs, batch)
  if (pass.kind === 'resting') ready.rest(device, member.restsUntilMs)
  else ready.leave(device)
  return null
}

function settle(desk: Desk, device: DeviceId, now: Moment, batch: Batch): void {
  const member = withRoom(desk, device, now, batch)
  if (member) desk.ready.becomeIdle(device, isNewcomer(desk, member))
}

/** A lease for each device in turn, until they have no room or nothing is for them. @returns those who stood back for other owners */
function serveWoken(round: Round, devices: DeviceId[]): DeviceId[] {
  const { desk, now, batch } = round
  const held: DeviceId[] = []
  let turn = devices
  while (turn.length > 0) {
    const again: DeviceId[] = []
    for (const device of turn) {
      if (round.leases >= LEASES_PER_STEP) {
        desk.ready.wake(device)
        continue
      }
      const member = withRoom(desk, device, now, batch)
      if (!member) continue
      const outcome = serveOne(round, member)
      if (outcome === 'granted') again.push(device)
      else if (outcome === 'held') held.push(device)
      else desk.ready.becomeIdle(device, isNewcomer(desk, member))
    }
    turn = again
  }
  return held
}

/** One lease of the job whose turn it is, among those that have something for this device. */
function serveOne(round: Round, member: Member): 'granted' | 'held' | 'nothing' {
  let stoodBack = false
  round.desk.turns.advance(round.working)
  for (const job of inTurn(round, member)) {
    const outcome = offer(round, job, member, 1)
    if (outcome === 'granted') return 'granted'
    if (outcome === 'held') stoodBack = true
  }
  return stoodBack ? 'held' : 'nothing'
}

/** The jobs from the furthest behind on, where the one that the device was at last is taken to be behind a little more. */
function inTurn({ desk, working }: Round, member: Member): readonly Job[] {
  if (working.length === 1) return working
  const stayMs = STAY_LEASE_TARGETS * desk.policy.leaseTargetMs
  const placed = working.map(job => {
    const isLast = job.prepared.module === member.lastModule
    return { job, place: desk.turns.place(job) - (isLast ? stayMs : 0) }
  })
  return placed.sort((a, b) => a.place - b.place).map(({ job }) => job)
}

/** Gives the device a lease of the job, if it may have one and there is one for it. */
function offer(round: Round, job: Job, member: Member, compared: number): 'granted' | 'held' | 'nothing' {
  const { desk, now, batch } = round
  const speaksAgainst = against(round, job, member)
  if (speaksAgainst !== null) return pass(round, job, member, speaksAgainst)
  const devices = sharing(round, job)
  const chosen = chooseRun(desk, job, member, devices, now.wallMs)
  if (chosen === null) return pass(round, job, member, nothingFor(job, member) ?? BUDGET)
  issue(desk, job, member, chosen, compared, now, batch)
  round.leases++
  if (!hasWork(job)) round.working = round.working.filter(other => other !== job)
  return 'granted'
}

/** Devices that share what is left of a job, counted once a round. */
function sharing({ desk, woken, sharing }: Round, job: Job): number {
  let devices = sharing.get(job)
  if (devices === undefined) {
    devices = devicesSharing(desk, job, woken)
    sharing.set(job, devices)
  }
  return devices
}

/** Why the device, which has room, gets no lease of the job; null when it may have one, if there is one for it. */
function against(round: Round, job: Job, member: Member): Pass<JobPass> | null {
  const { desk, now } = round
  if (job.check) {
    if (!mayTakeMore(job.check, member, desk.loads)) return NOT_ASKED
  } else if (round.checks.some(({ check }) => check?.asked.has(member.row.id))) return BEING_CHECKED
  else if (holdsItsPart(desk, job, member, () => sharing(round, job))) return IN_HAND
  return whyNot(desk, job, member, now.wallMs) ?? (standsBack(round, job, member.row.owner) ? OWNER_SHARE : null)
}

const NOT_ASKED = {
  kind: 'not_asked',
  reason: 'it is not asked in this check, or has as much of it as it gets',
} as const
const BEING_CHECKED = { kind: 'being_checked', reason: 'what it can do is being checked' } as const
const IN_HAND = { kind: 'in_hand', reason: 'it has its part of what is left in hand' } as const
const OWNER_SHARE = {
  kind: 'owner_share',
  reason: 'its owner holds more than the share of the job that one owner may, and others could take the rest',
} as const

/** Keeps why the device gets nothing of the job. */
function pass({ desk, now, batch }: Round, job: Job, member: Member, why: Pass<JobPass>): 'held' | 'nothing' {
  desk.passes.note(job, member, why, now.wallMs, batch)
  return why.kind === 'owner_share' ? 'held' : 'nothing'
}

function standsBack({ desk, isShared }: Round, job: Job, owner: OwnerName): boolean {
  return isShared && !job.check && desk.loads.holdsMoreThan(desk.policy.ownerShareMax, job, owner)
}

/** Leases of the jobs that have work, in turn, for devices that wait for some. */
function serveIdle(round: Round, devices: IndexedSet<DeviceId>): void {
  const { desk } = round
  const stuck = new Set<Job>()
  while (devices.size > 0 && round.leases < LEASES_PER_STEP) {
    desk.turns.advance(round.working)
    const job = furthestBehind(round, stuck)
    if (job === null) return
    if (!placeIdle(round, job, devices)) stuck.add(job)
  }
}

function furthestBehind({ desk, working }: Round, stuck: ReadonlySet<Job>): Job | null {
  let next: Job | null = null
  for (const job of working) {
    if (stuck.has(job)) continue
    if (next === null || desk.turns.place(job) < desk.turns.place(next)) next = job
  }
  return next
}

/** Gives a lease of the job to the best of a few idle devices; false when none of those looked at may have one. */
function placeIdle(round: Round, job: Job, devices: IndexedSet<DeviceId>): boolean {
  const { desk } = round
  const suitable = pickSuitable(round, job, devices)
  let best: Member | null = null
  let bestMs = Number.POSITIVE_INFINITY
  for (const member of suitable) {
    const costMs = expectedCostMs(desk, job, member)
    // Among equals the one that has waited longest.
    const isBetter = costMs < bestMs || (costMs === bestMs && member.lastLeaseId < (best?.lastLeaseId ?? 0))
    if (best !== null && !isBetter) continue
    best = member
    bestMs = costMs
  }
  if (best === null || offer(round, job, best, suitable.length) !== 'granted') return false
  if (withRoom(desk, best.row.id, round.now, round.batch)) desk.ready.newcomers.delete(best.row.id)
  return true
}

/** Goes round the idle devices from a random one, until enough are found or enough were looked at. */
function pickSuitable(round: Round, job: Job, devices: IndexedSet<DeviceId>): Member[] {
  const { desk, now, batch } = round
  const suitable: Member[] = []
  const isFew = devices.size <= ALL_COMPARED
  const choices = isFew ? ALL_COMPARED : CHOICES
  const looks = Math.min(IDLE_LOOKED_AT, devices.size)
  let index = isFew ? 0 : Math.floor(desk.random.uniform() * devices.size)
  for (let look = 0; look < looks && suitable.length < choices; look++) {
    if (index >= devices.size) index = 0
    const device = devices.at(index)
    const member = device === undefined ? null : withRoom(desk, device, now, batch)
    // One that is taken out leaves its place to another.
    if (member === null) continue
    if (devices === desk.ready.newcomers && !isNewcomer(desk, member)) {
      devices.delete(member.row.id)
      continue
    }
    index++
    const why = against(round, job, member) ?? nothingFor(job, member)
    if (why === null) suitable.push(member)
    else pass(round, job, member, why)
  }
  return suitable
}

/**
 * What a unit of the job would take on a device, in milliseconds until it is there and right: what it holds, its speed, the module on its
 * way, how often the device is away, and how often its answer has to be asked for again. A device on the network of somebody who has
 * answered the same units is the last choice.
 * @see design §8
 */
function expectedCostMs(desk: Desk, job: Job, member: Member): number {
  const { prepared } = job
  const { id } = member.row
  const isKnown = desk.rates.knows(id, prepared.module)
  const moveMs = isKnown ? 0 : desk.lines.moveMs(id, prepared.moduleBytes)
  const runMs = estimateMs(desk, job, member, 1)
  const { estimateMs: queuedMs, leases } = desk.loads.of(id)
  // A lease of which nothing is known counts a little, so that devices get one each before any gets two.
  const busyMs = 1 + leases.size + queuedMs + runMs + moveMs
  const costMs = busyMs / member.availability / desk.fleet.credibility(member)
  const [waiting] = job.needy
  return waiting !== undefined && sharesNetwork(desk.fleet, waiting, member) ? costMs * 1_000 : costMs
}

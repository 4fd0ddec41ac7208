/** The working state of the jobs department. Everything here can be rebuilt from the rows (see restore.ts). */
import {
  type DeviceId,
  fuelPrice,
  type JobId,
  type OwnerName,
  type Random,
  type Sha256Hex,
  type SplitPlan,
  type StoredJobSpec,
} from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { escrowAccount, type Ledger } from '../ledger/ledger.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { FairShare, LineSpeeds, Loads, PassBook, Rates, Ready } from '../scheduling/index.ts'
import type { JobRow, LeaseState } from '../store/rows.ts'
import type { Pairs } from '../verification/pairs.ts'
import type { CapacityCheck } from './capacity-check.ts'
import { JobLeases } from './job-leases.ts'
import { UnitRanges } from './unit-ranges.ts'

/** What admission has found out about a submission, so that the department needs no I/O. */
export interface PreparedJob {
  id: JobId
  spec: StoredJobSpec
  specJson: string
  /** The submitter's own text, repeated in answers. */
  ref: string
  plan: SplitPlan
  /** The blob that is split; null for the other splits. */
  input: Sha256Hex | null
  module: Sha256Hex
  moduleBytes: number
  abi: 'wasi' | 'reactor'
  memoryPagesMax: number
}

/** What one lease says about one run. */
export interface Vote {
  lease: Lease
  /** SHA-256 of `outputs` in hex: equal digests are equal answers. */
  digest: string
  outputs: Uint8Array
  /** Units of it that ended without an output. */
  failedUnits: number
  /** What its units burned together: what it is paid by if it is right. */
  fuel: number
  /** The bytes are kept as the blob of that digest, too large for a row. */
  isBlob: boolean
}

/** A contiguous run of units that is decided as one. Runs of a job never overlap. */
export interface Run {
  first: number
  count: number
  votes: Vote[]
  /** Leases that are out and cover this run. */
  leases: Set<Lease>
  /** Needs a second opinion even from a credible device. */
  spotCheck: boolean
  /** Whether a third owner is asked although two agree; null until that was drawn. */
  third: boolean | null
  /** Leases of it that ran out: each doubles the time of the next. */
  expired: number
  /** A straggler's run that may get one more copy. */
  hedged: boolean
  /** Owners that are not asked, since they have had their say on these units before. */
  barred: ReadonlySet<OwnerName>
  /** The accepted answer to its units: it is only asked again to see who answers right. Null when nobody knows it yet. */
  known: KnownAnswer | null
}

/** What several owners agreed on for a run that is accepted. */
export interface KnownAnswer {
  readonly first: number
  readonly count: number
  readonly digest: string
  readonly fuel: number
  /** Probability that it is wrong after all, as it stands in the job's statement. */
  wrongness: number
  /** Owners that have had their say on it. */
  readonly spoken: Set<OwnerName>
  /** Those who decided it, who count for one here since they may be of one mind, and the owners who have said the same since. */
  voices: number
  /** Answers that differ and are not refuted yet. */
  against: Vote[]
}

export interface Lease {
  id: number
  job: Job
  device: DeviceId
  owner: OwnerName
  first: number
  count: number
  /** The undecided runs it covers. More than one after a disagreement split its run. */
  runs: Set<Run>
  issuedMs: number
  deadlineMs: number
  /** For which it is expected to run. */
  estimateMs: number
  /** For which it is expected to keep its device or its line busy, whichever is longer. */
  busyMs: number
  /** What the work that its device had before was expected to take. */
  queuedMs: number
  /** That its device had to fetch for it, if it had nothing else to do; otherwise 0, since nobody can tell how long that took. */
  fetchBytes: number
  speculative: boolean
  state: Extract<LeaseState, 'out' | 'returned'>
  /** Returned, and part of it has been voted down. */
  lost: boolean
  /** SHA-256 of all that it returned, in hex: what its owner can be held to, or can hold against others. */
  digest?: string
}

/** What was accepted on one device's word alone, and what that cost: all of it is taken back when the device is caught. */
export interface SoloWork {
  readonly units: UnitRanges
  /** How many of them are wrong on average. */
  expectedWrongUnits: number
  fuel: bigint
  /** As in a `Cost`. */
  priceMicro: bigint
  roundedNano: bigint
  deviceParts: bigint
  /** How many of the units ended without an output. */
  failedUnits: number
}

/** A run of a second look that has been decided. */
export interface DecidedRun {
  readonly run: Run
  /** The votes that agreed, of two owners at least. */
  readonly winning: readonly Vote[]
}

/** A second look at units of a job that is over, for a dispute. */
export interface Retrial {
  readonly dispute: string
  /** Nobody waits for it: those that people have asked for come first. */
  readonly isOfRegion: boolean
  readonly first: number
  readonly count: number
  /** Owners that have had their say on these units. */
  readonly barred: ReadonlySet<OwnerName>
  readonly decided: DecidedRun[]
  /** Why it ended; empty when every unit was decided. Null while it runs. */
  endReason: string | null
}

export interface Job {
  readonly row: JobRow
  readonly prepared: PreparedJob
  /** The account that its work is paid from. */
  readonly escrow: string
  /** Set when this is no job of its own but a second look: its row is a copy, and nothing of it is written. */
  readonly retrial: Retrial | null
  /** Set when the region finds out by it what devices can do. */
  readonly check: CapacityCheck | null
  /** The most that one unit can cost: its fuel limit at the job's price. At least 1. */
  readonly unitMicroMax: bigint
  /** Units in no run yet. */
  pending: UnitRanges
  accepted: UnitRanges
  runs: Set<Run>
  /** Runs that need one more lease for agreement. */
  needy: Set<Run>
  /** Runs that wait for a second copy because their lease is late. */
  hedges: Set<Run>
  /** Leases that are out, or returned and not fully decided. */
  readonly leases: JobLeases
  /** Looked at again if the device is caught. */
  solo: Map<DeviceId, SoloWork>
  /** Accepted runs that others can be tried with, the oldest first. */
  known: KnownAnswer[]
  /** Leases given back without a result since the last one with a result, by device. */
  gaveBack: Map<DeviceId, number>
  /** Set aside for everything that leases may still be paid for: what they cover and nobody has decided yet. */
  reservedMicro: bigint
  /** How long recent leases took to come back, for the straggler rule. */
  turnaroundsMs: number[]
  startedMs: number
  progressDue: boolean
  /** Aggregates asked for and not come back, and whether units were taken back since the first of them. */
  aggregatesOut: number
  aggregateStale: boolean
}

/** What the department's functions share: the other departments' views and its own books. */
export interface Desk {
  readonly fleet: Fleet
  readonly ledger: Ledger
  readonly policy: RegionPolicy
  readonly pricing: PriceBook
  readonly random: Random
  readonly rates: Rates
  readonly loads: Loads
  /** Devices that may have room. */
  readonly ready: Ready
  /** Whose turn it is. */
  readonly turns: FairShare
  readonly lines: LineSpeeds
  /** Why devices were passed over. */
  readonly passes: PassBook
  /** Why the operator has nothing handed out at present; null when work goes on. */
  maintenance: string | null
  /** Which owners agree with each other, and whether anybody else has said the same. */
  readonly pairs: Pairs
  /** Devices whose wrong answer came out during this step; dealt with at its end. */
  readonly liars: Map<DeviceId, string>
  readonly dirty: Set<Job>
  nextLeaseId: number
}

/**
 * @param second - what makes it a second look, paid from the account `escrow`
 * @param check - what makes it a check of what devices can do
 */
export function createJob(
  row: JobRow,
  prepared: PreparedJob,
  startedMs: number,
  second: { escrow: string; retrial: Retrial } | null = null,
  check: CapacityCheck | null = null,
): Job {
  return {
    row,
    prepared,
    escrow: second?.escrow ?? escrowAccount(row.id),
    retrial: second?.retrial ?? null,
    check,
    unitMicroMax: fuelPrice(prepared.spec.task.unitFuelMax, row.gigafuelPriceMicro),
    pending: new UnitRanges(),
    accepted: new UnitRanges(),
    runs: new Set(),
    needy: new Set(),
    hedges: new Set(),
    leases: new JobLeases(),
    solo: new Map(),
    known: [],
    gaveBack: new Map(),
    reservedMicro: 0n,
    turnaroundsMs: [],
    startedMs,
    progressDue: false,
    aggregatesOut: 0,
    aggregateStale: false,
  }
}

const NOBODY: ReadonlySet<OwnerName> = new Set()

export function createRun(first: number, count: number, barred: ReadonlySet<OwnerName> = NOBODY): Run {
  return {
    first,
    count,
    votes: [],
    leases: new Set(),
    spotCheck: false,
    third: null,
    expired: 0,
    hedged: false,
    barred,
    known: null,
  }
}

/** Whether a job accepts one device's answer without a second. */
export const isTrusting = (job: Job): boolean => job.prepared.spec.verify.kind === 'trust'

/** Whether a device is at work on the job, as far as is known. */
export function hasLeaseOut(job: Job): boolean {
  for (const lease of job.leases.values()) if (lease.state === 'out') return true
  return false
}

/** Units of a lease that nobody has decided yet. */
export function undecidedUnits(lease: Lease): number {
  let units = 0
  for (const run of lease.runs) units += run.count
  return units
}

/** Of a lease's device; 0 when it does not belong to the region any more. */
export function credibilityOf({ fleet }: Pick<Desk, 'fleet'>, { device }: Lease): number {
  const member = fleet.member(device)
  return member === undefined ? 0 : fleet.credibility(member)
}

/** What rests on that device's word alone. */
export function soloOf(job: Job, device: DeviceId): SoloWork {
  let work = job.solo.get(device)
  if (!work) {
    const nothing = { priceMicro: 0n, roundedNano: 0n, deviceParts: 0n, failedUnits: 0 }
    work = { units: new UnitRanges(), expectedWrongUnits: 0, fuel: 0n, ...nothing }
    job.solo.set(device, work)
  }
  return work
}

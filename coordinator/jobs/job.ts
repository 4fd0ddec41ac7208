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
import type { Fleet, Member } from '../fleet/fleet.ts'
import { escrowAccount, type Ledger } from '../ledger/ledger.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { JobRow, LeaseState } from '../store/rows.ts'
import type { Loads } from './loads.ts'
import type { Rates } from './rates.ts'
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
  /** A straggler's run that may get one more copy. */
  hedged: boolean
  /** Owners that are not asked, since they have had their say on these units before. */
  barred: ReadonlySet<OwnerName>
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
  estimateMs: number
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
  fuel: bigint
  deviceMicro: bigint
  feeMicro: bigint
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
  leases: Map<number, Lease>
  /** Looked at again if the device is caught. */
  solo: Map<DeviceId, SoloWork>
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
  /** Devices whose wrong answer came out during this step; dealt with at its end. */
  readonly liars: Map<DeviceId, string>
  readonly dirty: Set<Job>
  nextLeaseId: number
}

/** @param second - what makes it a second look, paid from the account `escrow` */
export function createJob(
  row: JobRow,
  prepared: PreparedJob,
  startedMs: number,
  second: { escrow: string; retrial: Retrial } | null = null,
): Job {
  return {
    row,
    prepared,
    escrow: second?.escrow ?? escrowAccount(row.id),
    retrial: second?.retrial ?? null,
    unitMicroMax: fuelPrice(prepared.spec.task.unitFuelMax, row.gigafuelPriceMicro),
    pending: new UnitRanges(),
    accepted: new UnitRanges(),
    runs: new Set(),
    needy: new Set(),
    hedges: new Set(),
    leases: new Map(),
    solo: new Map(),
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
  return { first, count, votes: [], leases: new Set(), spotCheck: false, hedged: false, barred }
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

/**
 * Whether a device may add an opinion on a run: its owner has none yet (its own, when the job trusts single answers) and is not barred.
 * @see spec/clauses.md [VERIFY-1.2] [DISP-2.1]
 */
export function maySpeakOn(run: Run, member: Member, trusting: boolean): boolean {
  if (run.barred.has(member.row.owner)) return false
  const same = (lease: Lease) => (trusting ? lease.device === member.row.id : lease.owner === member.row.owner)
  for (const vote of run.votes) if (same(vote.lease)) return false
  for (const lease of run.leases) if (same(lease)) return false
  return true
}

/** What rests on that device's word alone. */
export function soloOf(job: Job, device: DeviceId): SoloWork {
  let work = job.solo.get(device)
  if (!work) {
    work = { units: new UnitRanges(), fuel: 0n, deviceMicro: 0n, feeMicro: 0n }
    job.solo.set(device, work)
  }
  return work
}

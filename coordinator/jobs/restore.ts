/**
 * Rebuilds a job's working state from its rows after a restart: what is accepted stays, leases that are out stay out with
 * a fresh term, answers that wait for agreement wait again.
 */
import { createHash } from 'node:crypto'
import { assert, ConfigError, checkOutputs, toHex } from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { AcceptedRow, LeaseRow, Store } from '../store/rows.ts'
import { createJob, isTrusting, type Job, type Lease, type PreparedJob, type Run, undecidedUnits } from './job.ts'
import { openKnown, WRONGNESS_MAX } from './known-answers.ts'
import { promiseMicro } from './reservation.ts'
import { castVote, openRun } from './runs.ts'
import { costOfRun } from './settle.ts'
import { addSolo } from './solo-work.ts'
import type { UnitRange } from './unit-ranges.ts'

export interface RestorePorts {
  store: Pick<Store, 'acceptedRuns' | 'acceptedOutputs' | 'openLeases' | 'job'>
  fleet: Fleet
  policy: RegionPolicy
  /** Reads the outputs that a lease put up as a blob. */
  readBlob(sha256: string): Uint8Array
}

/** @throws {ConfigError} `bad_job` for a job of before work was metered, whose outputs nobody can price */
export function restoreJob(ports: RestorePorts, prepared: PreparedJob, monotonicMs: number): Job {
  const row = ports.store.job(prepared.id)
  assert(row, 'a job that is restored has a row')
  if (row.gigafuelPriceMicro === 0n) {
    const reason = 'was priced by the unit, before work was metered: submit it again'
    throw new ConfigError({ code: 'bad_job', path: '', reason }, `The job ${reason}.`)
  }
  const job = createJob(row, prepared, monotonicMs)
  const acceptedRuns = ports.store.acceptedRuns(row.id)
  for (const accepted of acceptedRuns) {
    job.accepted.add(accepted.firstUnit, accepted.unitCount)
    restoreSolo(ports.fleet, job, accepted)
  }
  if (row.failedUnits > 0 && job.solo.size > 0) restoreFailed(ports, job)
  const rows = ports.store.openLeases(row.id)
  const leases = rows.flatMap(lease => restoreLease(ports.fleet, job, lease, monotonicMs) ?? [])
  const covered = restoreRuns(job, leases)
  restoreKnown(job, leases, acceptedRuns)
  for (const { lease, row: kept } of leases) {
    if (kept.state === 'returned') restoreVotes(lease, kept.outputs ?? readBlob(ports, kept), kept.outputs === null)
  }
  for (const { first, count } of uncovered(0, row.units, [...job.accepted, ...covered])) job.pending.add(first, count)
  return job
}

/** A lease that is out over units that are accepted is a device being tried with them. */
function restoreKnown(
  job: Job,
  leases: readonly Restored[],
  acceptedRuns: readonly Omit<AcceptedRow, 'outputs'>[],
): void {
  for (const { lease } of leases) {
    if (lease.runs.size > 0) continue
    const answer = acceptedRuns.find(run => run.firstUnit === lease.first && run.unitCount === lease.count)
    if (lease.state !== 'out' || answer === undefined || answer.solo !== null) {
      job.leases.delete(lease.id)
      continue
    }
    const run = openKnown(job, {
      first: lease.first,
      count: lease.count,
      digest: toHex(answer.digest),
      fuel: answer.fuel,
      wrongness: WRONGNESS_MAX,
      spoken: new Set([lease.owner]),
      voices: 1,
      against: [],
    })
    run.leases.add(lease)
    lease.runs.add(run)
    job.reservedMicro += promiseMicro(job, run.count)
  }
}

/** What the device was paid for a run that rests on its word, again from the fuel of the run. */
function restoreSolo(fleet: Fleet, job: Job, run: Omit<AcceptedRow, 'outputs'>): void {
  // Whoever trusts single answers keeps them while the job runs.
  if (!run.solo || isTrusting(job)) return
  const member = fleet.member(run.solo)
  const { firstUnit: first, unitCount: count, fuel } = run
  const solo = addSolo(job, run.solo, { first, count }, { fuel, failedUnits: 0 }, costOfRun(job.row, fuel))
  // As sure as we are of it now; how sure we were is not kept.
  solo.expectedWrongUnits += run.unitCount * (1 - (member ? fleet.credibility(member) : 0))
}

/** Which failed units rest on one device's word is only in their outputs, so these are read where units have failed at all. */
function restoreFailed(ports: RestorePorts, job: Job): void {
  for (const { solo, digest, outputs, unitCount } of ports.store.acceptedOutputs(job.row.id)) {
    const work = solo === null ? undefined : job.solo.get(solo)
    if (work === undefined) continue
    work.failedUnits += checkOutputs(outputs ?? ports.readBlob(toHex(digest)), unitCount).failed
  }
}

function readBlob(ports: RestorePorts, { digest }: LeaseRow): Uint8Array {
  assert(digest, 'a returned lease has a digest')
  return ports.readBlob(toHex(digest))
}

/** A lease of before, with its row. */
export interface Restored {
  lease: Lease
  row: LeaseRow
}

/** A lease as it was, with a fresh term; null when its device does not belong to the region any more. */
export function restoreLease(fleet: Fleet, job: Job, row: LeaseRow, monotonicMs: number): Restored | null {
  const member = fleet.member(row.device)
  if (member?.row.standing !== 'joined') return null
  const lease: Lease = {
    id: row.id,
    job,
    device: row.device,
    owner: member.row.owner,
    first: row.firstUnit,
    count: row.unitCount,
    runs: new Set(),
    issuedMs: monotonicMs,
    deadlineMs: monotonicMs + row.leaseMs,
    estimateMs: 0,
    busyMs: 0,
    queuedMs: 0,
    fetchBytes: 0,
    speculative: row.speculative,
    state: row.state === 'out' ? 'out' : 'returned',
    lost: false,
    ...(row.digest === null ? {} : { digest: toHex(row.digest) }),
  }
  job.leases.set(lease.id, lease)
  return { lease, row }
}

/** Open runs are the stretches between the edges of open leases, less what is accepted. What they promise is reserved. */
export function restoreRuns(job: Job, leases: readonly Restored[]): Run[] {
  const edges = new Set<number>()
  for (const { lease } of leases) edges.add(lease.first).add(lease.first + lease.count)
  for (const range of job.accepted) edges.add(range.first).add(range.first + range.count)
  const cuts = [...edges].sort((a, b) => a - b)
  const accepted = [...job.accepted]
  const runs: Run[] = []
  let next = 0
  for (let i = 0; i + 1 < cuts.length; i++) {
    const first = cuts[i] as number
    const end = cuts[i + 1] as number
    while (next < accepted.length && (accepted[next]?.first ?? 0) + (accepted[next]?.count ?? 0) <= first) next++
    const isAccepted = (accepted[next]?.first ?? Number.POSITIVE_INFINITY) <= first
    const holders = isAccepted
      ? []
      : leases.filter(({ lease }) => lease.first <= first && end <= lease.first + lease.count)
    if (holders.length === 0) continue
    const run = openRun(job, first, end - first)
    runs.push(run)
    for (const { lease } of holders) {
      run.leases.add(lease)
      lease.runs.add(run)
    }
  }
  for (const { lease } of leases) job.reservedMicro += promiseMicro(job, undecidedUnits(lease))
  return runs
}

/** Casts the votes of an answer that waits. */
export function restoreVotes(lease: Lease, outputs: Uint8Array, isBlob: boolean): void {
  const { failed, fuel } = checkOutputs(outputs, lease.count)
  const digest = createHash('sha256').update(outputs).digest('hex')
  const answer = { lease, outputs, digest, failedUnits: failed, fuel, isBlob }
  for (const run of lease.runs) castVote(run, answer, lease)
}

/** The stretches of units from `from` up to `end` that none of the ranges holds. */
export function uncovered(from: number, end: number, ranges: readonly UnitRange[]): UnitRange[] {
  const gaps: UnitRange[] = []
  let at = from
  for (const { first, count } of [...ranges].sort((a, b) => a.first - b.first)) {
    if (first > at) gaps.push({ first: at, count: first - at })
    at = first + count
  }
  if (end > at) gaps.push({ first: at, count: end - at })
  return gaps
}

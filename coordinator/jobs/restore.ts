/**
 * Rebuilds a job's working state from its rows after a restart: what is accepted stays, leases that are out stay out with
 * a fresh term, answers that wait for agreement wait again.
 */
import { createHash } from 'node:crypto'
import { assert, ConfigError, checkOutputs, toHex } from '../../protocol/index.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { AcceptedRow, LeaseRow, Store } from '../store/rows.ts'
import { createJob, type Job, type Lease, type PreparedJob, type Run, soloOf, undecidedUnits } from './job.ts'
import { promiseMicro } from './reservation.ts'
import { castVote, openRun } from './runs.ts'
import { sharesOf } from './settle.ts'

export interface RestorePorts {
  store: Pick<Store, 'acceptedRuns' | 'openLeases' | 'job'>
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
  for (const accepted of ports.store.acceptedRuns(row.id)) {
    job.accepted.add(accepted.firstUnit, accepted.unitCount)
    restoreSolo(ports.policy, job, accepted)
  }
  const leases = ports.store.openLeases(row.id).flatMap(lease => restoreLease(ports, job, lease, monotonicMs) ?? [])
  const covered = restoreRuns(job, leases)
  for (const { lease } of leases) job.reservedMicro += promiseMicro(job, undecidedUnits(lease))
  for (const { lease, row: kept } of leases) if (kept.state === 'returned') restoreVotes(ports, lease, kept)
  addPending(job, covered)
  return job
}

/** What the device was paid for a run that rests on its word, again from the fuel of the run. */
function restoreSolo(policy: RegionPolicy, job: Job, run: Omit<AcceptedRow, 'outputs'>): void {
  if (!run.solo) return
  const { deviceMicro, feeMicro } = sharesOf(policy, run.fuel, job.row.gigafuelPriceMicro)
  const solo = soloOf(job, run.solo)
  solo.units.add(run.firstUnit, run.unitCount)
  solo.fuel += BigInt(run.fuel)
  solo.deviceMicro += deviceMicro
  solo.feeMicro += feeMicro
}

interface Restored {
  lease: Lease
  row: LeaseRow
}

function restoreLease(ports: RestorePorts, job: Job, row: LeaseRow, monotonicMs: number): Restored | null {
  const member = ports.fleet.member(row.device)
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
    speculative: row.speculative,
    state: row.state === 'out' ? 'out' : 'returned',
    lost: false,
  }
  job.leases.set(lease.id, lease)
  return { lease, row }
}

/** Open runs are the stretches between the edges of open leases, less what is accepted. */
function restoreRuns(job: Job, leases: readonly Restored[]): Run[] {
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
  return runs
}

function restoreVotes(ports: RestorePorts, lease: Lease, row: LeaseRow): void {
  assert(row.digest, 'a returned lease has a digest')
  const outputs = row.outputs ?? ports.readBlob(toHex(row.digest))
  const { failed, fuel } = checkOutputs(outputs, lease.count)
  const answer = {
    lease,
    outputs,
    digest: createHash('sha256').update(outputs).digest('hex'),
    failedUnits: failed,
    fuel,
    isBlob: row.outputs === null,
  }
  for (const run of lease.runs) castVote(run, answer, lease)
}

/** Whatever is neither accepted nor in an open run. */
function addPending(job: Job, runs: readonly Run[]): void {
  const taken = [...job.accepted, ...runs].sort((a, b) => a.first - b.first)
  let at = 0
  for (const { first, count } of taken) {
    job.pending.add(at, first - at)
    at = first + count
  }
  job.pending.add(at, job.row.units - at)
}

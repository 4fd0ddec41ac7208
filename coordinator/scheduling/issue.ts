/** Hands a run to a device: the lease, its deadline, what it reserves, its row and its message. */
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import { needsMore } from '../jobs/decide.ts'
import type { Desk, Job, Lease } from '../jobs/job.ts'
import { leaseBytes } from '../jobs/lease-bytes.ts'
import { promiseMicro } from '../jobs/reservation.ts'
import type { Chosen } from './choose-run.ts'
import { estimateMs } from './lease-size.ts'
import { encodePlacement } from './placement.ts'

/** A lease may take so many times its estimate before it is given up. */
const TIMEOUT_FACTOR = 5
/** A run whose leases run out gets up to 16 times as long: what was expected of it was wrong. */
const DOUBLINGS_MAX = 4

/** When it is: wall time for rows, monotonic time for deadlines. */
export interface Moment {
  readonly wallMs: number
  readonly monotonicMs: number
}

/** @param compared - devices that were compared for it */
export function issue(
  desk: Desk,
  job: Job,
  member: Member,
  { run, kind }: Chosen,
  compared: number,
  now: Moment,
  batch: Batch,
): void {
  const { id: device, owner } = member.row
  const { prepared } = job
  const load = desk.loads.of(device)
  const queuedMs = load.estimateMs
  const runMs = estimateMs(desk, job, member, run.count)
  const isFirst = !desk.rates.knows(device, prepared.module)
  const fetchBytes = leaseBytes(prepared, run.first, run.count).inputBytes + (isFirst ? prepared.moduleBytes : 0)
  const moveMs = desk.lines.moveMs(device, fetchBytes)
  const expectedMs = runMs > 0 ? runMs + queuedMs : run.count * prepared.spec.task.unitTimeoutMs
  const patience = 2 ** Math.min(run.expired, DOUBLINGS_MAX)
  const leaseMs = Math.ceil(patience * Math.max(desk.policy.leaseTimeoutMinMs, TIMEOUT_FACTOR * (expectedMs + moveMs)))
  const isReplica = run.votes.length + run.leases.size > 0
  const speculative = kind === 'copy'
  const lease: Lease = {
    id: desk.nextLeaseId++,
    job,
    device,
    owner,
    first: run.first,
    count: run.count,
    runs: new Set([run]),
    issuedMs: now.monotonicMs,
    deadlineMs: now.monotonicMs + leaseMs,
    // How much of a check a device has in hand is bounded by leases.
    estimateMs: job.check ? 0 : runMs,
    // Its input travels while what came before it runs, so the slower of the two counts.
    busyMs: Math.max(runMs, moveMs),
    queuedMs,
    fetchBytes: load.leases.size === 0 ? fetchBytes : 0,
    speculative,
    state: 'out',
    lost: false,
  }
  run.leases.add(lease)
  job.hedges.delete(run)
  job.leases.set(lease.id, lease)
  job.reservedMicro += promiseMicro(job, run.count)
  desk.loads.add(lease)
  desk.turns.charge(job, Math.max(1, lease.busyMs))
  member.lastModule = prepared.module
  member.lastLeaseId = lease.id
  job.row.leases++
  if (speculative) job.row.speculativeLeases++
  else if (isReplica || kind === 'known') job.row.replicaLeases++
  desk.dirty.add(job)
  if (needsMore(desk, job, run)) job.needy.add(run)
  else job.needy.delete(run)
  batch.write({
    table: 'lease',
    row: {
      id: lease.id,
      job: job.row.id,
      device,
      firstUnit: run.first,
      unitCount: run.count,
      state: 'out',
      issuedAtMs: now.wallMs,
      leaseMs,
      speculative,
      placement: encodePlacement({ kind, compared, queuedMs, runMs, moveMs }),
      digest: null,
      outputs: null,
    },
  })
  batch.emit({
    kind: 'grant',
    device,
    job: job.row.id,
    leaseId: lease.id,
    firstUnit: run.first,
    unitCount: run.count,
    leaseMs,
  })
}

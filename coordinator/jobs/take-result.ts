/** What one lease that came back does: its speed is learnt, its answer is voted with, and its runs are looked at. */
import { type DeviceId, fromHex, toHex } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { noteTurnaround, plausibleElapsedMs } from '../scheduling/index.ts'
import { accusation } from './accusation.ts'
import { noteAnswers } from './capacity-check.ts'
import type { Now, ResultOutcome, ReturnedLease } from './inputs.ts'
import type { Desk, Lease, Vote } from './job.ts'
import { castVote, dropLease, loseLease, review } from './runs.ts'

export function takeResult(desk: Desk, device: DeviceId, item: ReturnedLease, now: Now, batch: Batch): ResultOutcome {
  const { result, outputs, failedUnits, fuel, isBlob } = item
  const lease = desk.loads.of(device).leases.get(result.leaseId)
  if (!lease) return 'late'
  const { job } = lease
  desk.dirty.add(job)
  if (result.outcome === 'none' || !result.digest || !outputs) {
    desk.fleet.countLostLease(device, now.monotonicMs)
    // A device that has said it takes no work says nothing about the job by giving back what it held.
    const takesWork = desk.fleet.member(device)?.presence?.creditLeases !== 0
    if (takesWork) job.gaveBack.set(device, (job.gaveBack.get(device) ?? 0) + 1)
    loseLease(desk, lease, 'failed', now.wallMs, batch)
    return result.outcome === 'none' ? 'gave_back' : 'malformed'
  }
  desk.fleet.countAnswer(device)
  job.gaveBack.clear()
  desk.loads.remove(lease)
  lease.state = 'returned'
  const digest = toHex(result.digest)
  lease.digest = digest
  learn(desk, lease, result.elapsedMs, outputs.length, now.monotonicMs)
  if (job.check) {
    if (failedUnits > 0 || fuel !== lease.count * job.prepared.spec.task.unitFuelMax) {
      refuteCheck(desk, lease, now, batch)
      return 'used'
    }
    noteAnswers(job.check, lease, outputs, now.monotonicMs, desk.random)
  }
  const answer: Vote = { lease, outputs, digest, failedUnits, fuel, isBlob }
  const runs = [...lease.runs]
  for (const run of runs) castVote(run, answer, lease)
  for (const run of runs) if (job.runs.has(run)) review(desk, job, run, now.wallMs, batch)
  if (lease.runs.size > 0 || (job.retrial && !lease.lost)) {
    const kept = isBlob ? null : outputs
    batch.write({ table: 'lease-state', id: lease.id, state: 'returned', digest: fromHex(digest), outputs: kept })
  }
  return 'used'
}

/** Every unit of a check burns all it may and ends well: who says otherwise is caught, and nothing of it is paid. */
function refuteCheck(desk: Desk, lease: Lease, now: Now, batch: Batch): void {
  const runs = [...lease.runs]
  lease.lost = true
  dropLease(desk, lease, 'rejected', batch)
  desk.liars.set(lease.device, accusation(lease.job.row.id, lease, lease.id))
  for (const run of runs) review(desk, lease.job, run, now.wallMs, batch)
}

/** Learns from a lease how fast its device and its line are. */
function learn(desk: Desk, lease: Lease, claimedMs: number, outputBytes: number, monotonicMs: number): void {
  const { job, device, count, issuedMs, queuedMs, fetchBytes } = lease
  const turnaroundMs = monotonicMs - issuedMs
  const elapsedMs = plausibleElapsedMs(claimedMs, turnaroundMs, queuedMs)
  desk.rates.learn(device, job.prepared.module, count, elapsedMs, outputBytes)
  desk.lines.learn(device, fetchBytes, turnaroundMs - claimedMs)
  noteTurnaround(job, turnaroundMs)
}

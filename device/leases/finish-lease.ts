import { fromHex, type LeaseResult, LIMITS, METERING_VERSION, messageOf, sha256Hex } from '../../protocol/index.ts'
import { type Blobs, hashOf } from '../blobs/index.ts'
import type { RunResult } from '../work/runner.ts'
import type { HeldLease } from './lease.ts'

/** Whether the outputs travel as a blob instead of in the result frame. */
export function travelsAsBlob(run: RunResult): boolean {
  return run.outputs.length > LIMITS.resultOutputsInlineBytesMax
}

/**
 * The result of a run whose outputs are put up as a blob first.
 * @throws {TransportError} when the region does not take the blob; {@link TaskError} `cancelled`
 */
export async function uploadLease(
  lease: HeldLease,
  run: RunResult,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<LeaseResult> {
  const hash = sha256Hex(hashOf(run.outputs))
  await blobs.put(hash, run.outputs, signal)
  return leaseDone(lease, run, fromHex(hash), null)
}

/** The result of a run whose outputs are small enough to be in it. */
export function finishLease(lease: HeldLease, run: RunResult): LeaseResult {
  return leaseDone(lease, run, fromHex(hashOf(run.outputs)), run.outputs)
}

function leaseDone(
  { grant: { leaseId } }: HeldLease,
  run: RunResult,
  digest: Uint8Array,
  outputs: Uint8Array | null,
): LeaseResult {
  const elapsedMs = Math.max(0, Math.round(run.elapsedMs))
  return { leaseId, outcome: 'done', digest, outputs, elapsedMs, detail: '', metering: METERING_VERSION }
}

/** No result, which says nothing about the units; only why this device has none. */
export function leaseWithoutResult(lease: HeldLease, thrown: unknown, elapsedMs: number): LeaseResult {
  return leaseNone(lease, messageOf(thrown), elapsedMs)
}

/** No result, because this device does not count by the rules that the lease asks for. Its hello said so. */
export function leaseOfOtherRules(lease: HeldLease): LeaseResult {
  const detail = `The lease is metered by version ${lease.task.metering} of the rules; this device runs version ${METERING_VERSION}.`
  return leaseNone(lease, detail, 0)
}

/** No result, because the owner's rules or the machine's state keep this device from work now. */
export function leaseWhilePaused(lease: HeldLease, reason: string): LeaseResult {
  return leaseNone(lease, `This device takes no work now: ${reason}.`, 0)
}

function leaseNone({ grant: { leaseId } }: HeldLease, detail: string, elapsedMs: number): LeaseResult {
  const elapsed = Math.max(0, Math.round(elapsedMs))
  const nothing = { outcome: 'none', digest: null, outputs: null } as const
  return { leaseId, ...nothing, elapsedMs: elapsed, detail, metering: METERING_VERSION }
}

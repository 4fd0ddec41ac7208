import { cutRun, type RunInput, sha256Hex, toHex } from '../../protocol/index.ts'
import type { Blobs } from '../blobs/index.ts'
import type { RunRequest } from '../work/runner.ts'
import type { HeldLease } from './lease.ts'
import type { ModuleShelf } from './module-shelf.ts'

/** What a lease's run needs from elsewhere. */
export interface Prepared {
  readonly moduleBytes: Uint8Array
  /** Null when the task's cut needs no input. */
  readonly input: Uint8Array | null
}

/** The gathering of what a lease's run needs. */
export interface Preparation {
  /** Rejected with {@link TaskError} `no_blob` or `cancelled`. Nobody need listen. */
  readonly prepared: Promise<Prepared>
  /** What was gathered, once it is there. */
  ready: Prepared | null
  readonly abort: AbortController
}

/** Begins to gather what a lease's run needs: its module and its input. */
export function prepareLease({ grant, task }: HeldLease, modules: ModuleShelf, blobs: Blobs): Preparation {
  const abort = new AbortController()
  const { signal } = abort
  const { input } = grant
  const content = input?.kind === 'range' ? blobs.fetch(partOf(input), signal) : (input?.bytes ?? null)
  const prepared = Promise.all([modules.get(task, signal), content]).then(([moduleBytes, bytes]) => {
    preparation.ready = { moduleBytes, input: bytes }
    return preparation.ready
  })
  const preparation: Preparation = { prepared, ready: null, abort }
  // Whoever runs the lease hears of it; a lease that is called off before has nobody to tell.
  prepared.catch(() => {})
  return preparation
}

/** What a lease's run needs when nothing has to be fetched for it, otherwise null. */
export function preparedAtHand(lease: HeldLease, modules: ModuleShelf): Prepared | null {
  const ready = lease.preparation?.ready ?? null
  const { input } = lease.grant
  if (ready !== null || input?.kind === 'range') return ready
  const moduleBytes = modules.peek(lease.task)
  return moduleBytes === null ? null : { moduleBytes, input: input?.bytes ?? null }
}

/**
 * The run of one lease.
 * @throws {TaskError} `bad_input` when the input does not cut into the lease's units
 */
export function runRequest({ grant, task }: HeldLease, { moduleBytes, input }: Prepared): RunRequest {
  return {
    jobId: task.job,
    module: task.module,
    moduleBytes,
    abi: task.abi,
    memoryPagesMax: task.memoryPagesMax,
    unitFuelMax: task.unitFuelMax,
    unitTimeoutMs: task.unitTimeoutMs,
    args: task.args,
    inputs: cutRun(task.cut, grant.firstUnit, grant.unitCount, input),
    firstUnit: grant.firstUnit,
  }
}

function partOf({ blob, offset, length, digest }: Extract<RunInput, { kind: 'range' }>) {
  return { blob, digest: sha256Hex(toHex(digest)), offset, length }
}

import type { Clock } from '../../protocol/clock.ts'
import { assert } from '../../protocol/errors.ts'
import { type JobId, jobIdBytes, type Sha256Hex } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Abi } from '../../protocol/messages/index.ts'
import { PAGE_BYTES } from '../../protocol/metering/index.ts'
import type { Log } from '../log.ts'
import { cancelled } from './failures.ts'
import { loadRequest } from './load-request.ts'
import { sandboxArguments } from './sandbox-command.ts'
import { type PooledSandbox, SandboxPool } from './sandbox-pool.ts'

/** One lease's work, complete: the module, and the input of each unit. */
export interface RunRequest {
  readonly jobId: JobId
  /** SHA-256 of `moduleBytes`, already checked by the caller. */
  readonly module: Sha256Hex
  /** The developer's module as submitted. */
  readonly moduleBytes: Uint8Array
  readonly abi: Abi
  /** Pages of 64 KiB. */
  readonly memoryPagesMax: number
  /** Wall-clock backstop of each unit. */
  readonly unitTimeoutMs: number
  readonly args: readonly string[]
  /** One input a unit, in order. */
  readonly inputs: readonly Uint8Array[]
  /** Number of the first unit within its job. */
  readonly firstUnit: number
}

/** What a lease's units gave. */
export interface RunResult {
  /** The outputs of all units, as `encodeOutputs` writes them. */
  readonly outputs: Uint8Array
  /** Time the units took, without waiting for a sandbox. */
  readonly elapsedMs: number
}

/** Runs task modules away from this process. */
export interface Runner {
  /**
   * Runs every unit of a lease.
   * @throws {TaskError} when there is no result: `bad_module`, `bad_input`, `bad_output`, `timeout`, `sandbox_died` or `cancelled`
   */
  run(request: RunRequest, signal?: AbortSignal): Promise<RunResult>
  /** Kills every sandbox; running work is rejected with `cancelled`. */
  close(): Promise<void>
}

/** What a runner needs from outside. */
export interface RunnerComponents {
  readonly clock: Clock
  /** Hears of every sandbox process: `sandbox_started`, and `sandbox_ended`, as a warning when it was not meant to. */
  readonly log?: Log
}

/** Settings of a runner; defaults stand for what is left out. */
export interface RunnerInit {
  /** The built `device/sandbox/main.js`, or its TypeScript source. */
  readonly sandboxPath: string
  /** The Node executable. Default: the one that runs this process. */
  readonly nodePath?: string
  /** Leases that run at the same time, 1..{@link LIMITS}.slotsMax. Default 1. */
  readonly slots?: number
  /** Resident memory past which a sandbox is killed, whatever its task may use. Default 768. */
  readonly memoryCeilingMiB?: number
  /** How long compiling a module may take. Default 10 000. */
  readonly loadTimeoutMs?: number
  /** Without work for this long, sandbox processes are ended. Default 60 000. */
  readonly idleMs?: number
}

/** Room for Node itself, the compiled code, and a lease's inputs and outputs, besides the task's own memory. */
const OVERHEAD_MIB = 256
const MIB = 1_048_576

/**
 * A {@link Runner} with sandbox processes of its own. No process runs before the first lease.
 * @throws {ConfigError} `not_found` when there is no sandbox at `sandboxPath`
 */
export function createRunner(components: RunnerComponents, init: RunnerInit): Runner {
  const pool = new SandboxPool(components, {
    nodePath: init.nodePath ?? process.execPath,
    nodeArguments: sandboxArguments(init.sandboxPath),
    slots: init.slots ?? 1,
    loadTimeoutMs: init.loadTimeoutMs ?? 10_000,
    idleMs: init.idleMs ?? 60_000,
  })
  const ceilingBytes = (init.memoryCeilingMiB ?? LIMITS.memoryMiBMax + OVERHEAD_MIB) * MIB
  return {
    async run(request, signal) {
      assert(request.inputs.length > 0, 'a lease has units')
      const key = `${request.module} ${request.abi} ${request.memoryPagesMax}`
      const sandbox = await pool.take(key, signal)
      const cancel = () => sandbox.process.kill(cancelled())
      signal?.addEventListener('abort', cancel)
      if (signal?.aborted) cancel()
      try {
        await loadOnce(sandbox, key, request)
        const taskBytes = request.memoryPagesMax * PAGE_BYTES + OVERHEAD_MIB * MIB
        return await sandbox.process.run(
          {
            kind: 'run',
            job: jobIdBytes(request.jobId),
            firstUnit: request.firstUnit,
            args: request.args,
            inputs: request.inputs,
          },
          { unitTimeoutMs: request.unitTimeoutMs, memoryCeilingBytes: Math.min(ceilingBytes, taskBytes) },
        )
      } finally {
        signal?.removeEventListener('abort', cancel)
        pool.give(sandbox)
      }
    },
    close: () => pool.close(),
  }
}

/** A process takes its module with the first lease; from then on it is that module's. */
async function loadOnce(sandbox: PooledSandbox, key: string, request: RunRequest): Promise<void> {
  if (sandbox.key !== null) return
  const load = loadRequest(request)
  sandbox.key = key
  await sandbox.process.load(load)
}

import type { Clock } from '../../protocol/clock.ts'
import { assert } from '../../protocol/errors.ts'
import { type JobId, jobIdBytes, type Sha256Hex } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Abi } from '../../protocol/messages/index.ts'
import { METERING_VERSION, PAGE_BYTES } from '../../protocol/metering/index.ts'
import type { Log } from '../log.ts'
import { cancelled } from './failures.ts'
import { findKernelTools, type KernelTools } from './find-kernel-tools.ts'
import { kernelToolsWork } from './kernel-tools.ts'
import { sandboxCommand } from './sandbox-command.ts'
import { SandboxPool, type SandboxWish } from './sandbox-pool.ts'
import type { SandboxProcess } from './sandbox-process.ts'

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
  /** Fuel that each unit may burn, 1..{@link LIMITS}.unitFuelMax. */
  readonly unitFuelMax: number
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

/** What a developer wants to see of one unit. Only the outputs are what a lease would give. */
export interface Inspection extends RunResult {
  /** The last 4 KiB that the unit wrote to standard error. */
  readonly stderr: Uint8Array
  /** Fuel charged inside each function, without what it called; by function index, imported functions first. */
  readonly profile: readonly { readonly index: number; readonly fuel: number }[]
  /** After a trap, the functions that were active, by index and innermost first. */
  readonly trace: readonly number[]
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

/** A {@link Runner} that also shows developers what their units do. */
export interface SandboxRunner extends Runner {
  /**
   * Runs one unit as a lease would, with the same outcome and fuel.
   * @param request - with one input
   * @param options.profile - also counts the fuel of each function
   * @throws {TaskError} as {@link Runner.run}
   */
  inspect(request: RunRequest, options?: { readonly profile?: boolean }, signal?: AbortSignal): Promise<Inspection>
}

/** What a runner needs from outside. */
export interface RunnerComponents {
  readonly clock: Clock
  /** Hears of every sandbox process: `sandbox_started`, and `sandbox_ended`, as a warning when it was not meant to. */
  readonly log?: Log
}

/** Settings of a runner; defaults stand for what is left out. */
export interface RunnerInit {
  /** The built `device/sandbox/main.cjs`, or its TypeScript source. */
  readonly sandboxPath: string
  /** The Node executable. Default: the one that runs this process. */
  readonly nodePath?: string
  /** Leases that run at the same time, 1..{@link LIMITS}.slotsMax. Default 1. */
  readonly slots?: number
  /**
   * Memory that a sandbox may have besides what an idle one has, whatever its task may use. Default: room for the largest task,
   * {@link LIMITS}.memoryMiBMax + 256.
   */
  readonly memoryCeilingMiB?: number
  /** How long checking, metering and compiling a module may take. Default 10 000. */
  readonly loadTimeoutMs?: number
  /** Without work for this long, sandbox processes are ended. Default 60 000. */
  readonly idleMs?: number
  /** What the kernel is asked with for a sandbox's bounds; null asks it for nothing. Default: this machine's, where they work. */
  readonly tools?: KernelTools | null
}

/** Room for the compiled code, what compiling it takes, and a lease's inputs and outputs, besides the task's own memory. */
const OVERHEAD_MIB = 448
const MIB = 1_048_576

/**
 * A {@link Runner} with sandbox processes of its own. No process runs before the first lease.
 * @throws {ConfigError} `not_found` when there is no sandbox at `sandboxPath`
 */
export function createRunner(components: RunnerComponents, init: RunnerInit): SandboxRunner {
  const tools = init.tools === undefined ? workingTools(components.log) : init.tools
  const nodePath = init.nodePath ?? process.execPath
  const ceilingBytes = (init.memoryCeilingMiB ?? LIMITS.memoryMiBMax + OVERHEAD_MIB) * MIB
  const pool = new SandboxPool(components, {
    command: sandboxCommand({ nodePath, entry: init.sandboxPath, tools }),
    tools,
    slots: init.slots ?? 1,
    loadTimeoutMs: init.loadTimeoutMs ?? 10_000,
    idleMs: init.idleMs ?? 60_000,
  })
  /** Does something in a process that has the request's module, and no other job's. */
  async function within<T>(
    request: RunRequest,
    signal: AbortSignal | undefined,
    act: (process: SandboxProcess) => Promise<T>,
  ): Promise<T> {
    assert(request.inputs.length > 0, 'a lease has units')
    const wish = wishOf(request, ceilingBytes)
    const sandbox = await pool.take(wish, signal)
    const cancel = () => sandbox.process.kill(cancelled())
    signal?.addEventListener('abort', cancel)
    if (signal?.aborted) cancel()
    try {
      if (sandbox.module === null) {
        sandbox.module = wish.module
        await sandbox.process.load(wish.load, wish.allowanceBytes)
      } else {
        await sandbox.process.ready()
      }
      pool.loaded(wish)
      return await act(sandbox.process)
    } finally {
      signal?.removeEventListener('abort', cancel)
      pool.give(sandbox)
    }
  }
  return {
    run: (request, signal) =>
      within(request, signal, process =>
        process.run({ kind: 'run', ...unitsOf(request), inputs: request.inputs }, request.unitTimeoutMs),
      ),
    inspect: (request, { profile = false } = {}, signal) =>
      within(request, signal, process => {
        const [input] = request.inputs
        assert(input !== undefined && request.inputs.length === 1, 'one unit is inspected at a time')
        return process.inspect({ kind: 'inspect', ...unitsOf(request), input, profile }, request.unitTimeoutMs)
      }),
    close: () => pool.close(),
  }
}

function wishOf({ jobId, module, moduleBytes, abi, memoryPagesMax }: RunRequest, ceilingBytes: number): SandboxWish {
  return {
    job: jobId,
    module: `${module} ${abi} ${memoryPagesMax}`,
    load: { kind: 'load', module: moduleBytes, abi, memoryPagesMax, metering: METERING_VERSION },
    allowanceBytes: Math.min(ceilingBytes, memoryPagesMax * PAGE_BYTES + OVERHEAD_MIB * MIB),
  }
}

function unitsOf({ jobId, firstUnit, args, unitFuelMax }: RunRequest) {
  return { job: jobIdBytes(jobId), firstUnit, args, unitFuelMax }
}

/** The machine's tools, tried once. */
function workingTools(log: Log | undefined): KernelTools | null {
  const tools = findKernelTools()
  if (tools !== null && kernelToolsWork(tools)) return tools
  const advice = 'Without util-linux no kernel limit holds a sandbox: install its setpriv and prlimit.'
  log?.({ level: 'warn', event: 'sandbox_without_kernel_limits', found: tools !== null, advice })
  return null
}

/** A runner with its real sandbox processes, watched from outside while hostile modules run in it. */
import { createHash } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createRunner, type RunRequest, type SandboxRunner } from '../../device/work/index.ts'
import { TaskError, type TaskFailure } from '../../protocol/errors.ts'
import { jobId, sha256Hex } from '../../protocol/ids.ts'
import { decodeOutputs, type UnitOutcome } from '../../protocol/messages/index.ts'
import { systemClock } from '../../protocol/node/clock.ts'
import { eventually } from '../support/eventually.ts'
import { type Hostile, MEMORY_PAGES, UNIT_FUEL, UNIT_TIMEOUT_MS } from './entry.ts'

/** What became of a lease. */
export type Observed =
  | { readonly kind: 'units'; readonly outcomes: readonly UnitOutcome[] }
  | { readonly kind: 'failure'; readonly failure: TaskFailure; readonly message: string }

/** How it was for the device. */
export interface Observation {
  readonly observed: Observed
  readonly elapsedMs: number
  /** Longest time that the device's own process did nothing else. */
  readonly blockedMs: number
}

/** A dead process is gone within this time, on however busy a machine. */
const GONE_MS = 2_000
const LOAD_TIMEOUT_MS = 120_000

/** The lease of a hostile module. */
export function leaseOfHostile(entry: Hostile, moduleBytes: Uint8Array): RunRequest {
  const units = entry.expect.kind === 'units' ? entry.expect.units.length : 1
  return {
    jobId: jobId('abcdefghijklmnop'),
    module: sha256Hex(createHash('sha256').update(moduleBytes).digest('hex')),
    moduleBytes,
    abi: entry.abi ?? 'wasi',
    memoryPagesMax: entry.memoryPagesMax ?? MEMORY_PAGES,
    unitTimeoutMs: entry.unitTimeoutMs ?? UNIT_TIMEOUT_MS,
    unitFuelMax: entry.unitFuelMax ?? UNIT_FUEL,
    args: [],
    inputs: entry.inputs ?? new Array<Uint8Array>(units).fill(new Uint8Array(0)),
    firstUnit: 0,
  }
}

/** One runner, and what is known of its processes. */
export class Lane {
  readonly #runner: SandboxRunner
  /** Processes that were started and not yet seen to be gone. */
  readonly #pids = new Set<number>()
  /** Those of them that were said to have ended, and why. */
  readonly #ended = new Map<number, unknown>()
  #last: Promise<unknown> = Promise.resolve()

  /** @param sandboxPath - the built sandbox, or its source */
  constructor(sandboxPath: string) {
    this.#runner = createRunner(
      {
        clock: systemClock,
        log: event => {
          if (typeof event.pid !== 'number') return
          if (event.event === 'sandbox_started') this.#pids.add(event.pid)
          if (event.event === 'sandbox_ended') this.#ended.set(event.pid, event.failure)
        },
      },
      // On a busy machine the largest modules take long to compile; how long is another test's matter.
      { sandboxPath, loadTimeoutMs: LOAD_TIMEOUT_MS },
    )
  }

  /** Does something with the runner while nobody else does. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act)
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Runs a lease; only what is no TaskError is thrown. */
  async observe(request: RunRequest): Promise<Observation> {
    const delay = monitorEventLoopDelay({ resolution: 10 })
    delay.enable()
    const startMs = performance.now()
    const observed = await this.#run(request)
    const elapsedMs = performance.now() - startMs
    // A turn of the loop, so that what held it up until now is counted.
    await new Promise(resolve => setImmediate(resolve))
    delay.disable()
    return { observed, elapsedMs, blockedMs: delay.max / 1e6 }
  }

  /** The first unit of a lease as its developer would look at it: outcome, and the fuel that the profile accounts for. */
  async inspect(request: RunRequest): Promise<{ outcome: UnitOutcome | undefined; profiledFuel: number }> {
    const { outputs, profile } = await this.#runner.inspect(
      { ...request, inputs: request.inputs.slice(0, 1) },
      { profile: true },
    )
    const [outcome] = decodeOutputs(outputs, 1)
    return { outcome, profiledFuel: profile.reduce((total, { fuel }) => total + fuel, 0) }
  }

  async #run(request: RunRequest): Promise<Observed> {
    try {
      const { outputs } = await this.#runner.run(request)
      return { kind: 'units', outcomes: decodeOutputs(outputs, request.inputs.length) }
    } catch (thrown) {
      if (!(thrown instanceof TaskError)) throw thrown
      return { kind: 'failure', failure: thrown.info, message: thrown.message }
    }
  }

  /** Waits until every process that was ended is gone. Returns why, for those that did not just make room for another. */
  async buried(): Promise<unknown[]> {
    const reasons = [...this.#ended.values()].filter(reason => reason !== 'cancelled')
    for (const pid of this.#ended.keys()) {
      await eventually(`process ${pid} is gone`, () => !isAlive(pid), GONE_MS)
      this.#ended.delete(pid)
      this.#pids.delete(pid)
    }
    return reasons
  }

  /** Ends all processes, and returns those that are still there. */
  async close(): Promise<number[]> {
    await this.#runner.close()
    return [...this.#pids].filter(isAlive)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

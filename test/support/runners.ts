/** Real runners for tests: leases in, outcomes out. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import {
  createRunner,
  type Runner,
  type RunnerComponents,
  type RunnerInit,
  type RunRequest,
} from '../../device/work/index.ts'
import { jobId, sha256Hex } from '../../protocol/ids.ts'
import { decodeOutputs, type UnitOutcome } from '../../protocol/messages/index.ts'
import { inspectModule } from '../../protocol/metering/index.ts'
import { systemClock } from '../../protocol/node/clock.ts'

/** The package's folder. */
export const ROOT = join(import.meta.dirname, '..', '..')
/** The sandbox in TypeScript. */
export const SANDBOX_SOURCE = join(ROOT, 'device', 'sandbox', 'main.ts')
export const UNIT_TIMEOUT_MS = 5_000

/** A maker of runners that are closed after each test of the file that calls this. */
export function testRunners(): (init?: Partial<RunnerInit>, components?: Partial<RunnerComponents>) => Runner {
  const made: Runner[] = []
  afterEach(async () => {
    await Promise.all(made.splice(0).map(runner => runner.close()))
  })
  return (init = {}, components = {}) => {
    const runner = createRunner({ clock: systemClock, ...components }, { sandboxPath: SANDBOX_SOURCE, ...init })
    made.push(runner)
    return runner
  }
}

/** A lease of one unit for each input. */
export function leaseOf(
  moduleBytes: Uint8Array,
  inputs: readonly string[] = [''],
  more: Partial<RunRequest> = {},
): RunRequest {
  return {
    jobId: jobId('abcdefghijklmnop'),
    module: sha256Hex(createHash('sha256').update(moduleBytes).digest('hex')),
    moduleBytes,
    abi: inspectModule(moduleBytes).abi,
    memoryPagesMax: 32,
    unitTimeoutMs: UNIT_TIMEOUT_MS,
    args: [],
    inputs: inputs.map(input => new TextEncoder().encode(input)),
    firstUnit: 0,
    ...more,
  }
}

/** The outcomes of a lease's units. */
export async function outcomesOf(runner: Runner, request: RunRequest): Promise<UnitOutcome[]> {
  const { outputs } = await runner.run(request)
  return decodeOutputs(outputs, request.inputs.length)
}

/** An output as text; another outcome as it is. */
export function textOf(outcome: UnitOutcome): string | UnitOutcome {
  return outcome.kind === 'ok' ? new TextDecoder().decode(outcome.bytes) : outcome
}

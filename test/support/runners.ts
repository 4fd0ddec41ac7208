/** Real runners for tests: leases in, outcomes out. */
import { join } from 'node:path'
import { afterEach } from 'vitest'
import {
  createRunner,
  type RunnerComponents,
  type RunnerInit,
  type RunRequest,
  type SandboxRunner,
} from '../../device/work/index.ts'
import { decodeOutputs, type UnitOutcome } from '../../protocol/messages/index.ts'
import { systemClock } from '../../protocol/node/clock.ts'

export { leaseOf, UNIT_FUEL, UNIT_TIMEOUT_MS } from './module-leases.ts'

/** The package's folder. */
export const ROOT = join(import.meta.dirname, '..', '..')
/** The sandbox in TypeScript. */
export const SANDBOX_SOURCE = join(ROOT, 'device', 'sandbox', 'main.ts')

/** A maker of runners that are closed after each test of the file that calls this. */
export function testRunners(): (init?: Partial<RunnerInit>, components?: Partial<RunnerComponents>) => SandboxRunner {
  const made: SandboxRunner[] = []
  afterEach(async () => {
    await Promise.all(made.splice(0).map(runner => runner.close()))
  })
  return (init = {}, components = {}) => {
    const runner = createRunner({ clock: systemClock, ...components }, { sandboxPath: SANDBOX_SOURCE, ...init })
    made.push(runner)
    return runner
  }
}

/** The outcomes of a lease's units. */
export async function outcomesOf(runner: Pick<SandboxRunner, 'run'>, request: RunRequest): Promise<UnitOutcome[]> {
  const { outputs } = await runner.run(request)
  return decodeOutputs(outputs, request.inputs.length)
}

/** An output as text; another outcome as it is. */
export function textOf(outcome: UnitOutcome): string | UnitOutcome {
  return outcome.kind === 'ok' ? new TextDecoder().decode(outcome.bytes) : outcome
}

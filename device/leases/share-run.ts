import { assert, cutOutputs } from '../../protocol/index.ts'
import type { RunResult } from '../work/runner.ts'
import type { HeldLease } from './lease.ts'

/** One lease's part of a run. */
export interface LeaseShare {
  readonly lease: HeldLease
  readonly run: RunResult
}

/**
 * What each lease has of a run: its own outputs, byte for byte what it would have alone, and its part of the time by its part of the
 * units. The parts are whole milliseconds and their sum is the whole.
 */
export function shareRun(leases: readonly HeldLease[], run: RunResult): LeaseShare[] {
  const [only] = leases
  if (only !== undefined && leases.length === 1) return [{ lease: only, run }]
  const counts = leases.map(({ grant }) => grant.unitCount)
  const pieces = cutOutputs(run.outputs, counts)
  const units = unitsOf(leases)
  let passed = 0
  let shared = 0
  return leases.map((lease, index) => {
    const outputs = pieces[index]
    assert(outputs !== undefined, 'outputs are cut into one piece a lease')
    passed += lease.grant.unitCount
    const elapsedMs = Math.round((run.elapsedMs * passed) / units) - shared
    shared += elapsedMs
    return { lease, run: { outputs, elapsedMs } }
  })
}

/** Units of all leases together. */
export function unitsOf(leases: readonly HeldLease[]): number {
  return leases.reduce((sum, { grant }) => sum + grant.unitCount, 0)
}

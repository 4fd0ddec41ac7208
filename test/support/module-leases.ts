/** Leases of modules that a test has in hand. */
import { createHash } from 'node:crypto'
import type { RunRequest } from '../../device/work/index.ts'
import { jobId, sha256Hex } from '../../protocol/ids.ts'
import { inspectModule } from '../../protocol/metering/index.ts'

/** Long enough for every unit of the tests, however busy the machine. */
export const UNIT_TIMEOUT_MS = 20_000
/** Enough for every unit of the tests that is meant to end by itself. */
export const UNIT_FUEL = 1_000_000_000

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
    unitFuelMax: UNIT_FUEL,
    unitTimeoutMs: UNIT_TIMEOUT_MS,
    args: [],
    inputs: inputs.map(input => new TextEncoder().encode(input)),
    firstUnit: 0,
    ...more,
  }
}

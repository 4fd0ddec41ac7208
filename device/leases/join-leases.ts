/**
 * Which waiting leases run together. A run costs a message to the sandbox and one back, which for a lease of one small unit is
 * most of the work; the region cannot grant fewer, longer leases where the submitter asked for short ones.
 */
import type { LeaseTask } from '../../protocol/index.ts'
import type { RunRequest } from '../work/runner.ts'
import type { HeldLease } from './lease.ts'
import type { ModuleShelf } from './module-shelf.ts'
import { preparedAtHand, runRequest } from './prepare-lease.ts'

/** Units of a joined run: past this a run's own cost is no longer felt. */
const UNITS_MAX = 256
/** Input of a joined run, so that the sandbox is handed little at a time. */
const INPUT_BYTES_MAX = 1_048_576
/** Time a joined run may be expected to take: results come this much later than they might, and are called off this much later. */
const EXPECTED_MS_MAX = 20

/** How far leases may be joined. */
export interface JoinBounds {
  /** Expected time of a unit, or null when nobody knows: then a lease runs alone. */
  readonly unitMs: number | null
  /** Leases that a run may take, so that every free slot gets some. */
  readonly leasesMax: number
  /** Monotonic time now. */
  readonly nowMs: number
}

/**
 * Takes from the front of `waiting` the leases that run together with `first`: units of the same task that follow each other without
 * a gap, all with their inputs at hand. Never waits for anything.
 * @returns `first` and what was taken, in order
 */
export function joinLeases(
  first: HeldLease,
  waiting: HeldLease[],
  modules: ModuleShelf,
  bounds: JoinBounds,
): readonly HeldLease[] {
  const { unitMs, leasesMax, nowMs } = bounds
  const joined = [first]
  if (unitMs === null || first.alone || preparedAtHand(first, modules) === null) return joined
  const unitsMax = Math.min(UNITS_MAX, EXPECTED_MS_MAX / unitMs)
  let last = first
  let units = first.grant.unitCount
  let bytes = inputBytes(first)
  for (const lease of waiting) {
    units += lease.grant.unitCount
    bytes += inputBytes(lease)
    const fits = joined.length < leasesMax && units <= unitsMax && bytes <= INPUT_BYTES_MAX
    if (!fits || lease.alone || lease.deadlineMs <= nowMs || !follows(last, lease)) break
    if (preparedAtHand(lease, modules) === null) break
    joined.push(lease)
    last = lease
  }
  waiting.splice(0, joined.length - 1)
  return joined
}

/**
 * The run of leases that {@link joinLeases} put together.
 * @throws {TaskError} `bad_input` when an input does not cut into its lease's units
 */
export function joinedRequest(leases: readonly HeldLease[], modules: ModuleShelf): RunRequest | null {
  let joined: RunRequest | null = null
  const inputs: Uint8Array[] = []
  for (const lease of leases) {
    const prepared = preparedAtHand(lease, modules)
    if (prepared === null) return null
    const request = runRequest(lease, prepared)
    joined ??= { ...request, inputs }
    for (const input of request.inputs) inputs.push(input)
  }
  return joined
}

function inputBytes({ grant: { input } }: HeldLease): number {
  if (input === null) return 0
  return input.kind === 'inline' ? input.bytes.length : input.length
}

function follows(last: HeldLease, next: HeldLease): boolean {
  return last.grant.firstUnit + last.grant.unitCount === next.grant.firstUnit && runAlike(last.task, next.task)
}

/** Whether two tasks run the same code in the same way on the same job's units. The cut may differ: each lease is cut by its own. */
function runAlike(one: LeaseTask, other: LeaseTask): boolean {
  if (one === other) return true
  return (
    one.job === other.job &&
    one.module === other.module &&
    one.abi === other.abi &&
    one.memoryPagesMax === other.memoryPagesMax &&
    one.unitTimeoutMs === other.unitTimeoutMs &&
    one.unitFuelMax === other.unitFuelMax &&
    one.args.length === other.args.length &&
    one.args.every((arg, index) => arg === other.args[index])
  )
}

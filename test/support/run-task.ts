/** Runs a module's units in this process, as a sandbox would. */
import { Task, type UnitInspection } from '../../device/sandbox/task.ts'
import { TaskModule } from '../../device/sandbox/task-module.ts'
import type { UnitOutcome } from '../../protocol/messages/index.ts'
import { inspectModule } from '../../protocol/metering/index.ts'

export const JOB_BYTES = new Uint8Array(10)
/** Enough for every unit of the tests that is meant to end by itself. */
export const UNIT_FUEL = 1_000_000_000

const NOTHING = new Uint8Array(0)

/** The module as a sandbox holds it; with `fresh`, every unit gets a new instance whatever the module is like. */
export function taskOf(bytes: Uint8Array, memoryPagesMax = 16, { fresh = false } = {}): Task {
  return new Task(new TaskModule(bytes, { abi: inspectModule(bytes).abi, memoryPagesMax }), { fresh })
}

/** The outcome of one unit of a task. */
export function runUnit(
  task: Task,
  input: Uint8Array = NOTHING,
  args: Uint8Array[] = [],
  number = 0,
  fuelMax = UNIT_FUEL,
): UnitOutcome {
  return task.run({ job: JOB_BYTES, number, args, input }, fuelMax)
}

/** A unit as its developer sees it. */
export function inspectUnit(
  task: Task,
  input: Uint8Array = NOTHING,
  options: { readonly profile?: boolean; readonly fuelMax?: number } = {},
): UnitInspection {
  return task.inspect({ job: JOB_BYTES, number: 0, args: [], input }, options.fuelMax ?? UNIT_FUEL, options)
}

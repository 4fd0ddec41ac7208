/** Runs a module's units in this process, as a sandbox would. */
import { Task } from '../../device/sandbox/task.ts'
import { UnitRandom } from '../../device/sandbox/unit-random.ts'
import type { UnitOutcome } from '../../protocol/messages/index.ts'
import { inspectModule, prepareModule } from '../../protocol/metering/index.ts'

export const JOB_BYTES = new Uint8Array(10)

/** The module as a sandbox holds it; with `fresh`, every unit gets a new instance whatever the module is like. */
export function taskOf(bytes: Uint8Array, memoryPagesMax = 16, { fresh = false } = {}): Task {
  const { abi, memory } = inspectModule(bytes)
  const maximumPages = Math.min(memory.maximumPages ?? memoryPagesMax, memoryPagesMax)
  const { bytes: module, resettable } = prepareModule(bytes, { memoryPagesMax })
  const { initialPages } = memory
  return new Task({ kind: 'load', module, abi, initialPages, maximumPages, resettable: resettable && !fresh })
}

/** The outcome of one unit of a task. */
export function runUnit(
  task: Task,
  input: Uint8Array = new Uint8Array(0),
  args: Uint8Array[] = [],
  unit = 0,
): UnitOutcome {
  return task.run(args, input, new UnitRandom(JOB_BYTES, unit))
}

/** Runs one unit of a script here, by the very code that a device's sandbox runs it with: the same output, the same fuel. */
import { programArguments } from '../../device/sandbox/program-arguments.ts'
import { Task } from '../../device/sandbox/task.ts'
import { TaskModule } from '../../device/sandbox/task-module.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { assert } from '../../protocol/errors.ts'
import { BlobIndexer } from '../../protocol/jobs/blob-index.ts'
import { cutRun } from '../../protocol/jobs/cut-run.ts'
import { refuse } from '../../protocol/jobs/read.ts'
import type { JobSpec } from '../../protocol/jobs/spec.ts'
import { cutOf, planSplit, type SplitPlan } from '../../protocol/jobs/split.ts'
import type { UnitOutcome } from '../../protocol/messages/index.ts'
import { PAGE_BYTES } from '../../protocol/metering/index.ts'
import { composeScript } from '../../protocol/script/index.ts'

/** What came of a unit that was tried. */
export interface TriedUnit {
  readonly unit: number
  readonly units: number
  readonly outcome: UnitOutcome['kind']
  /** Such as `exit 1` or `stack exhausted`; empty for `ok`. */
  readonly reason: string
  /** Equal on every device. */
  readonly fuel: number
  /** The beginning of the output as text. */
  readonly output: string
  readonly outputBytes: number
  /** The last of what the script wrote to its console. */
  readonly console: string
  /** Bytes of the input, and its beginning as text. */
  readonly inputBytes: number
  readonly input: string
}

const TEXT_BYTES_MAX = 4_096
const PAGES_PER_MIB = 1_048_576 / PAGE_BYTES
/** The id that a unit outside of any job runs under. */
const NO_JOB = new Uint8Array(10)

/**
 * Compiles a script, runs one unit of a job with it and tells all about it.
 * @param unit - 0 or more; the last one where there are fewer
 * @throws {TaskError} `bad_script`
 * @throws {ConfigError} `bad_job` when the input cannot be split here, since it is a blob that only the region has
 */
export function tryUnit(engine: Uint8Array, script: string, spec: JobSpec, unit: number): TriedUnit {
  const module = composeScript(engine, utf8(script))
  const { plan, blob } = planOf(spec)
  const number = Math.min(unit, plan.units - 1)
  const input = inputOf(plan, blob, number)
  const task = new Task(
    new TaskModule(module, { abi: 'reactor', memoryPagesMax: spec.task.memoryMiB * PAGES_PER_MIB }),
    {
      // Setting an instance back, for the next unit, is for Node alone.
      fresh: true,
    },
  )
  const { outcome, stderr } = task.inspect(
    { job: NO_JOB, number, args: programArguments(spec.task.args), input },
    spec.task.unitFuelMax,
  )
  const output = outcome.kind === 'ok' ? outcome.bytes : new Uint8Array()
  return {
    unit: number,
    units: plan.units,
    outcome: outcome.kind,
    reason: reasonOf(outcome),
    fuel: outcome.fuel,
    output: textOf(output),
    outputBytes: output.length,
    console: textOf(stderr),
    inputBytes: input.length,
    input: textOf(input),
  }
}

function planOf({ split }: JobSpec): { readonly plan: SplitPlan; readonly blob: Uint8Array | null } {
  if (split.kind !== 'blob') return { plan: planSplit(split), blob: null }
  if (!('bytes' in split.source))
    refuse('split.source', 'is a blob that only the region has: a unit of it cannot be tried here')
  const indexer = new BlobIndexer(cutOf(split))
  indexer.push(split.source.bytes)
  return { plan: planSplit(split, indexer.finish()), blob: split.source.bytes }
}

function inputOf(plan: SplitPlan, blob: Uint8Array | null, unit: number): Uint8Array {
  const given = plan.runInput(unit, 1)
  const bytes =
    given === null
      ? null
      : given.kind === 'inline'
        ? given.bytes
        : (blob?.subarray(given.offset, given.offset + given.length) ?? null)
  const [input] = cutRun(plan.cut, unit, 1, bytes)
  assert(input !== undefined, 'a run of one unit has one input')
  return input
}

function reasonOf(outcome: UnitOutcome): string {
  switch (outcome.kind) {
    case 'ok':
      return ''
    case 'trap':
      return outcome.trap.replaceAll('_', ' ')
    case 'exit':
      return `exit code ${outcome.code}`
    case 'out_of_fuel':
      return 'out of fuel'
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, TEXT_BYTES_MAX))
}

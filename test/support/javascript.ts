/** JavaScript tasks, run in this process as a sandbox would. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { programArguments } from '../../device/sandbox/program-arguments.ts'
import type { Task } from '../../device/sandbox/task.ts'
import { utf8 } from '../../protocol/bytes.ts'
import type { Abi, UnitOutcome } from '../../protocol/messages/index.ts'
import { composeScript } from '../../protocol/script/index.ts'
import { JOB_BYTES, taskOf, UNIT_FUEL } from './run-task.ts'

/** What scripts are composed with, as `npm run build` leaves it. */
export const JAVASCRIPT_ENGINE = new Uint8Array(
  readFileSync(join(import.meta.dirname, '../../dist/protocol/javascript-engine.wasm')),
)

/** What a JavaScript task speaks. */
export const SCRIPT_ABI: Abi = 'reactor'

/** 16 MiB, unless a test says otherwise. */
const MEMORY_PAGES_MAX = 256

export interface ScriptUnit {
  readonly input?: string | Uint8Array
  readonly args?: readonly string[]
  readonly number?: number
  readonly fuelMax?: number
}

/** What became of a unit, and what it said. */
export interface ScriptRun {
  readonly outcome: UnitOutcome
  /** The output as text, U+FFFD for what is not UTF-8; null when there is none. */
  readonly text: string | null
  readonly stderr: string
}

export function scriptTask(source: string, memoryPagesMax = MEMORY_PAGES_MAX): Task {
  return taskOf(composeScript(JAVASCRIPT_ENGINE, utf8(source)), memoryPagesMax)
}

const lossyText = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** Runs one unit of a script. */
export function runScript(script: string | Task, unit: ScriptUnit = {}): ScriptRun {
  const task = typeof script === 'string' ? scriptTask(script) : script
  const { input = '', args = [], number = 0, fuelMax = UNIT_FUEL } = unit
  const { outcome, stderr } = task.inspect(
    { job: JOB_BYTES, number, args: programArguments(args), input: typeof input === 'string' ? utf8(input) : input },
    fuelMax,
  )
  return { outcome, text: outcome.kind === 'ok' ? lossyText(outcome.bytes) : null, stderr: lossyText(stderr) }
}

/** Answers with the value of its first argument, an expression in which `input` and `context` stand for what a script is given. */
const EVALUATOR = `export default (input, context) =>
  new Function('input', 'context', \`return (\${context.args[0]})\`)(input, context)`

let evaluator: Task | null = null

/** Runs one unit of a script `export default (input, context) => <expression>`; much faster than {@link runScript} for many of them. */
export function evaluate(expression: string, unit: ScriptUnit = {}): ScriptRun {
  evaluator ??= scriptTask(EVALUATOR)
  return runScript(evaluator, { ...unit, args: [expression, ...(unit.args ?? [])] })
}

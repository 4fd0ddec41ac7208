/** Runs one unit in the sandbox of devices and tells its developer all about it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { RegionPolicy } from '../coordinator/config.ts'
import type { Inspection, RunRequest } from '../device/work/index.ts'
import {
  assert,
  decodeOutputs,
  formatCredits,
  fromUtf8,
  fuelPrice,
  jobIdFromBytes,
  sha256Hex,
  toBase64,
  type UnitOutcome,
} from '../protocol/index.ts'
import { describeFunction, functionNames, PAGE_BYTES } from '../protocol/metering/index.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { sandboxPath } from './sandbox-path.ts'
import { readTaskModule, type TaskModule } from './task-module.ts'
import { demangle } from './terminal/demangle.ts'
import { formatBytes, formatCount, formatDuration } from './terminal/format.ts'
import { type Column, tableLines } from './terminal/table.ts'

/** What was typed. */
export interface TaskRunOptions {
  readonly input: string | undefined
  readonly args: string | undefined
  readonly unit: number
  readonly memory: number
  readonly 'fuel-max': number
  readonly timeout: number
  readonly profile: boolean
}

/** One function's part of the fuel. */
interface ProfileRow {
  readonly function: number
  readonly name: string
  readonly fuel: number
}

/** What a region asks for a gigafuel when nothing else is set. */
const GIGAFUEL_PRICE_MICRO = RegionPolicy().gigafuelPriceMicro
/** The id that a unit outside of any job runs under. */
const NO_JOB = new Uint8Array(10)
const PROFILE_ROWS_SHOWN = 15
const PAGES_PER_MIB = 1_048_576 / PAGE_BYTES

/** @throws {TaskError} when the module is refused, or the unit has no result: a timeout, a lost sandbox */
export async function runTask({
  options,
  args: [name = ''],
  io,
  out,
}: {
  readonly options: TaskRunOptions
  readonly args: readonly string[]
  readonly io: Io
  readonly out: Output
}): Promise<ExitCode> {
  const task = await readTaskModule(io.cwd, name)
  const input = await readInput(options.input, io, out)
  const inspection = await inspect(task, input, options, io)
  const [outcome] = decodeOutputs(inspection.outputs, 1)
  assert(outcome !== undefined, 'one unit has one outcome')
  const profile = profileOf(task, inspection)
  if (out.json) out.result(asJson(task, outcome, inspection, profile, options), () => [])
  else tell(task, outcome, inspection, profile, options, { io, out })
  return outcome.kind === 'ok' ? EXIT.ok : EXIT.jobFailed
}

async function readInput(file: string | undefined, io: Io, out: Output): Promise<Uint8Array> {
  if (file !== undefined) return new Uint8Array(await readFile(resolve(io.cwd, file)))
  if (io.stdin.isTTY) out.note('Reading the input of the unit from the keyboard, up to Ctrl-D.')
  return io.stdin.read()
}

async function inspect(task: TaskModule, input: Uint8Array, options: TaskRunOptions, io: Io): Promise<Inspection> {
  const { createRunner } = await import('../device/work/index.ts')
  const runner = createRunner({ clock: io.clock }, { sandboxPath: sandboxPath(io.entry) })
  const request: RunRequest = {
    jobId: jobIdFromBytes(NO_JOB),
    module: sha256Hex(createHash('sha256').update(task.bytes).digest('hex')),
    moduleBytes: task.bytes,
    abi: task.info.abi,
    memoryPagesMax: options.memory * PAGES_PER_MIB,
    unitFuelMax: options['fuel-max'],
    unitTimeoutMs: options.timeout,
    args: (options.args ?? '').split(' ').filter(word => word !== ''),
    inputs: [input],
    firstUnit: options.unit,
  }
  try {
    return await runner.inspect(request, { profile: options.profile }, io.stop)
  } finally {
    await runner.close()
  }
}

function profileOf(task: TaskModule, { profile }: Inspection): ProfileRow[] {
  const names = functionNames(task.bytes)
  return profile
    .map(({ index, fuel }) => ({ function: index, name: demangle(names.get(index) ?? ''), fuel }))
    .sort((a, b) => b.fuel - a.fuel)
}

/** The functions that were active at a trap, innermost first; those that metering added have no meaning to the developer. */
function traceOf({ bytes, info }: TaskModule, { trace }: Inspection): string[] {
  const names = new Map([...functionNames(bytes)].map(([index, name]) => [index, demangle(name)]))
  const functions = info.imports.length + info.functions
  return trace.filter(index => index < functions).map(index => describeFunction(index, names))
}

/** How a unit ended, in words. */
function ending(outcome: UnitOutcome): string {
  switch (outcome.kind) {
    case 'ok':
      return `gave ${formatBytes(outcome.bytes.length)} of output`
    case 'trap':
      return `trapped (${outcome.trap.replaceAll('_', ' ')})`
    case 'exit':
      return `exited with code ${outcome.code}`
    case 'out_of_fuel':
      return 'ran out of fuel'
  }
}

function tell(
  task: TaskModule,
  outcome: UnitOutcome,
  inspection: Inspection,
  profile: readonly ProfileRow[],
  options: TaskRunOptions,
  { io, out }: { readonly io: Io; readonly out: Output },
): void {
  const { stderr, elapsedMs } = inspection
  if (outcome.kind === 'ok') io.stdout.write(outcome.bytes)
  if (outcome.kind === 'ok' && io.stdout.isTTY && outcome.bytes.at(-1) !== 0x0a) io.stdout.write('\n')
  if (stderr.length > 0) for (const line of new TextDecoder().decode(stderr).trimEnd().split('\n')) out.note(line)
  const limit = options['fuel-max']
  const share = ((100 * outcome.fuel) / limit).toFixed(2)
  out.note(`Unit ${options.unit} ${ending(outcome)} after ${formatDuration(elapsedMs)}.`)
  for (const line of traceOf(task, inspection)) out.note(`  in ${line}`)
  if (outcome.kind === 'out_of_fuel') out.note('Raise --fuel-max here, and task.unitFuelMax in the job.')
  out.note(`Fuel ${formatCount(outcome.fuel)}, ${share} % of the limit of ${formatCount(limit)}.`)
  const price = `${formatCredits(GIGAFUEL_PRICE_MICRO)} cr a gigafuel`
  out.note(`At ${price} it costs ${formatCredits(fuelPrice(outcome.fuel, GIGAFUEL_PRICE_MICRO))} cr on each device.`)
  if (!options.profile) return
  const rows = profile.slice(0, PROFILE_ROWS_SHOWN)
  for (const line of tableLines(rows, profileColumns(outcome.fuel), io.stderr, out.style)) out.note(line)
  const rest = profile.length - rows.length
  if (rest > 0) out.note(`and ${formatCount(rest)} more functions; --json lists them all.`)
}

function profileColumns(fuel: number): readonly Column<ProfileRow>[] {
  return [
    { title: 'FUEL', align: 'right', value: row => formatCount(row.fuel) },
    { title: 'SHARE', align: 'right', value: row => `${((100 * row.fuel) / Math.max(1, fuel)).toFixed(1)} %` },
    {
      title: 'FUNCTION',
      value: row => describeFunction(row.function, new Map(row.name === '' ? [] : [[row.function, row.name]])),
      shrinks: true,
    },
  ]
}

function asJson(
  task: TaskModule,
  outcome: UnitOutcome,
  inspection: Inspection,
  profile: readonly ProfileRow[],
  options: TaskRunOptions,
): object {
  return {
    outcome: outcome.kind,
    ...(outcome.kind === 'trap' ? { trap: outcome.trap } : {}),
    ...(outcome.kind === 'exit' ? { code: outcome.code } : {}),
    fuel: outcome.fuel,
    unitFuelMax: options['fuel-max'],
    elapsedMs: inspection.elapsedMs,
    ...(outcome.kind === 'trap' ? { trace: traceOf(task, inspection) } : {}),
    ...(outcome.kind === 'ok' ? { output: textOrBase64(outcome.bytes) } : {}),
    stderr: new TextDecoder().decode(inspection.stderr),
    ...(options.profile ? { profile } : {}),
  }
}

function textOrBase64(bytes: Uint8Array): { text: string } | { base64: string } {
  try {
    return { text: fromUtf8(bytes) }
  } catch {
    return { base64: toBase64(bytes) }
  }
}

/** What a submitter asks for: the checked specification of a job. */
import { LIMITS } from '../limits.ts'
import { type AggregateSpec, parseAggregate } from './aggregate-spec.ts'
import {
  type JsonObject,
  readAmount,
  readInteger,
  readList,
  readNumber,
  readObject,
  readOneOf,
  readText,
  refuse,
} from './read.ts'
import { readSource, type Source, type StoredSource } from './source.ts'
import { parseSplit, type SplitSpec } from './split-spec.ts'

/** What one unit is given, and what it may use. */
export interface TaskSettings {
  /** Program arguments after the program's name, the same for all units. */
  readonly args: readonly string[]
  /** Memory of one running unit: 1..{@link LIMITS}.memoryMiBMax, default 64. */
  readonly memoryMiB: number
  /** Time one unit may take on a device before the device gives up: 1..{@link LIMITS}.unitTimeoutMsMax, default 10 s. */
  readonly unitTimeoutMs: number
  /**
   * Fuel one unit may burn: 1..{@link LIMITS}.unitFuelMax, default one gigafuel, about a second of a Raspberry Pi. Its price is
   * what the region sets aside for a unit until the unit's own fuel is known.
   */
  readonly unitFuelMax: number
}

/** The task every unit runs: a WebAssembly module, or a JavaScript file that the region makes one of. */
export type TaskSpec = TaskSettings & ({ readonly module: Source } | { readonly script: Source })

/** A task that is a module. */
export interface ModuleTaskSpec<From = Source> extends TaskSettings {
  readonly module: From
}

/** `quorum`: devices agree until a result's credibility reaches theta. `trust`: the first result counts. */
export type VerifySpec = { readonly kind: 'quorum'; readonly theta: number } | { readonly kind: 'trust' }

/** A job as it was submitted; {@link StoredJobSpec} once its inline bytes have become blobs. */
export interface JobSpec<From = Source, Task = TaskSpec> {
  readonly name?: string
  readonly task: Task
  readonly split: SplitSpec<From>
  readonly aggregate: AggregateSpec
  readonly verify: VerifySpec
  /** What a unit that traps, exits with a code or runs out of fuel does to its job. */
  readonly onUnitError: 'fail' | 'skip'
  /** The most the whole job may cost. */
  readonly budgetMicro?: bigint
  /** The most that 10^9 fuel may cost; the region's price when absent. */
  readonly gigafuelPriceMaxMicro?: bigint
  /** Longest lease; adapted to each device when absent. */
  readonly leaseUnitsMax?: number
  /** From acceptance. */
  readonly deadlineMs?: number
  /** 0 (last) to 9 (first), default 5. */
  readonly priority: number
}

/** A job whose module and input are named by their SHA-256. */
export type StoredJobSpec = JobSpec<StoredSource, ModuleTaskSpec<StoredSource>>

const JOB_FIELDS = [
  'name',
  'task',
  'split',
  'aggregate',
  'verify',
  'onUnitError',
  'budgetMicro',
  'gigafuelPriceMaxMicro',
  'leaseUnitsMax',
  'deadlineMs',
  'priority',
] as const

/**
 * Checks a submission, which is untyped JSON, and fills in the defaults. Nothing unknown is accepted.
 * @throws {ConfigError} `bad_job` with the path of the first wrong field, what it must be and what it is
 */
export function parseJobSpec(value: unknown): JobSpec {
  const job = readObject(value, '', JOB_FIELDS)
  return {
    ...(job.name === undefined ? {} : { name: readName(job.name) }),
    task: parseTask(job.task),
    split: parseSplit(job.split),
    aggregate: parseAggregate(job.aggregate),
    verify: parseVerify(job.verify),
    onUnitError: job.onUnitError === undefined ? 'fail' : readOneOf(job.onUnitError, 'onUnitError', ['fail', 'skip']),
    ...readTerms(job),
    priority: job.priority === undefined ? 5 : readInteger(job.priority, 'priority', 0, LIMITS.priorityMax),
  }
}

function readName(value: unknown): string {
  const name = readText(value, 'name', 1, LIMITS.nameLengthMax)
  if (/\p{Cc}/u.test(name)) refuse('name', 'must not hold control characters')
  return name
}

function readTerms(
  job: JsonObject,
): Pick<JobSpec, 'budgetMicro' | 'gigafuelPriceMaxMicro' | 'leaseUnitsMax' | 'deadlineMs'> {
  const { budgetMicro, gigafuelPriceMaxMicro: priceMax, leaseUnitsMax, deadlineMs } = job
  const amountMax = LIMITS.amountMicroMax
  return {
    ...(budgetMicro === undefined ? {} : { budgetMicro: readAmount(budgetMicro, 'budgetMicro', amountMax) }),
    ...(priceMax === undefined
      ? {}
      : { gigafuelPriceMaxMicro: readAmount(priceMax, 'gigafuelPriceMaxMicro', amountMax) }),
    ...(leaseUnitsMax === undefined
      ? {}
      : { leaseUnitsMax: readInteger(leaseUnitsMax, 'leaseUnitsMax', 1, LIMITS.unitsPerLeaseMax) }),
    ...(deadlineMs === undefined ? {} : { deadlineMs: readInteger(deadlineMs, 'deadlineMs', 1, LIMITS.deadlineMsMax) }),
  }
}

function parseTask(value: unknown): TaskSpec {
  const task = readObject(value, 'task', ['module', 'script', 'args', 'memoryMiB', 'unitTimeoutMs', 'unitFuelMax'])
  const { memoryMiB, unitTimeoutMs, unitFuelMax } = task
  const timeoutMax = LIMITS.unitTimeoutMsMax
  return {
    ...readCode(task),
    args: task.args === undefined ? [] : readArgs(task.args),
    memoryMiB: memoryMiB === undefined ? 64 : readInteger(memoryMiB, 'task.memoryMiB', 1, LIMITS.memoryMiBMax),
    unitTimeoutMs:
      unitTimeoutMs === undefined ? 10_000 : readInteger(unitTimeoutMs, 'task.unitTimeoutMs', 1, timeoutMax),
    unitFuelMax:
      unitFuelMax === undefined ? 1_000_000_000 : readInteger(unitFuelMax, 'task.unitFuelMax', 1, LIMITS.unitFuelMax),
  }
}

function readCode({ module, script }: JsonObject): { readonly module: Source } | { readonly script: Source } {
  if (script === undefined) {
    return { module: readSource(module, 'task.module', { bytesMax: LIMITS.moduleBytesMax, text: false }) }
  }
  if (module !== undefined) refuse('task.script', 'stands in place of task.module: leave one of them out')
  return { script: readSource(script, 'task.script', { bytesMax: LIMITS.scriptBytesMax, text: true }) }
}

function readArgs(value: unknown): string[] {
  return readList(value, 'task.args', 0, LIMITS.taskArgsMax).map((arg, index) => {
    const path = `task.args[${index}]`
    const text = readText(arg, path, 0, LIMITS.taskArgBytesMax)
    // WASI hands arguments over as C strings.
    if (text.includes('\0')) refuse(path, 'must not hold a zero character')
    // Texts of the wire never begin with one, since decoders drop or keep it at will.
    if (text.startsWith('\uFEFF')) refuse(path, 'must not begin with a byte order mark')
    return text
  })
}

function parseVerify(value: unknown): VerifySpec {
  if (value === 'trust') return { kind: 'trust' }
  if (value === undefined) return { kind: 'quorum', theta: 0.999 }
  if (typeof value !== 'object') refuse('verify', `must be "trust" or an object such as {"theta": 0.999}`)
  const { theta } = readObject(value, 'verify', ['theta'])
  const wanted = theta === undefined ? 0.999 : theta
  return { kind: 'quorum', theta: readNumber(wanted, 'verify.theta', LIMITS.thetaMin, LIMITS.thetaMax) }
}

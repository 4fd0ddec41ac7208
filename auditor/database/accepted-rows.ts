/** The accepted runs of a job against the payments for them, and what their answers add up to. */
import { checkOutputs, decodeOutputs, equalBytes, type UnitOutcome } from '../../protocol/index.ts'
import type { OpenJob } from '../replay/jobs.ts'
import type { PaidRun } from '../replay/runs.ts'
import { Bill, type BillSums } from './bill.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import type { RowScene } from './row-scene.ts'

const ACCEPTED =
  'SELECT first_unit, unit_count, digest, outputs, solo, fuel FROM accepted WHERE job = ? ORDER BY first_unit'

/** What the accepted runs of a job come to. */
export interface AcceptedSums {
  /** Every unit of the job is in one of them. */
  readonly covers: boolean
  /** Units without an output; answers that are kept as blobs are not looked into. */
  readonly failedUnits: number
  /** Null when an answer is kept as a blob or is not what it should be, or the runs do not cover the job. */
  readonly bill: BillSums | null
}

/**
 * Compares the rows while the replay knows what was paid. A run that burned nothing costs nothing, so no payment tells of it.
 * @param no - the job's number
 * @param isDone - its answer was given, so that there is a bill
 */
export function compareAccepted(
  scene: RowScene,
  job: OpenJob,
  no: bigint,
  entry: number | null,
  isDone: boolean,
): AcceptedSums {
  const { db, problems } = scene
  const bill = isDone ? new Bill() : null
  let [next, failedUnits, matched] = [0, 0, 0]
  let [covers, isInline] = [true, true]
  for (const row of db.each(ACCEPTED, no)) {
    const [first, count] = [Number(row.first_unit), Number(row.unit_count)]
    const name = `The accepted run ${first}+${count} of job ${job.id}`
    if (first < next || count < 1 || first + count > job.work.units) {
      problems.add('row.accepted', entry, `${name} lies across another one, or outside the job.`)
    }
    if (first !== next) covers = false
    next = first + count
    if (matchRun(scene, job, name, entry, row)) matched++
    const outcomes = readOutputs(scene, name, entry, row, bill !== null)
    if (outcomes === null) isInline = false
    failedUnits += outcomes?.failed ?? 0
    if (isInline && covers) for (const [i, outcome] of (outcomes?.units ?? []).entries()) bill?.add(first + i, outcome)
  }
  if (matched < job.runs.size) nameMissing(scene, job, no, entry)
  covers &&= next === job.work.units
  return { covers, failedUnits, bill: isInline && covers ? (bill?.finish() ?? null) : null }
}

function matchRun({ problems }: RowScene, job: OpenJob, name: string, entry: number | null, row: Row): boolean {
  const run = job.runs.find(Number(row.first_unit))
  if (run === undefined) {
    if (row.fuel !== 0n) problems.add('row.accepted', entry, `${name} is in the database, and nobody was paid for it.`)
    return false
  }
  const expected = {
    unit_count: BigInt(run.count),
    digest: digestOf(run),
    fuel: BigInt(run.fuel),
    // Of jobs that trust single answers it was not kept before.
    ...(job.trusting && row.solo === null ? {} : { solo: run.devices.length > 1 ? null : (run.devices[0] ?? null) }),
  }
  compareRow(problems, 'row.accepted', name, entry, expected, row)
  return true
}

const digestOf = ({ digest }: PaidRun): Uint8Array => new Uint8Array(Buffer.from(digest, 'latin1'))

/** Names the first paid run that is not there. */
function nameMissing({ db, problems }: RowScene, job: OpenJob, no: bigint, entry: number | null): void {
  const find = db.asking('SELECT 1 AS one FROM accepted WHERE job = ? AND first_unit = ?')
  for (const { first, count } of job.runs.all()) {
    if (find(no, first) !== undefined) continue
    const what = `Units ${first}+${count} of job ${job.id}`
    problems.add('row.accepted', entry, `${what} were paid for, and are not among the accepted runs.`)
    return
  }
}

/** What the units of a run came to; `units` is empty when only the sums were asked for. */
interface Answer {
  readonly failed: number
  readonly fuel: number
  readonly units: readonly UnitOutcome[]
}

/** The answer of a run, when it is in its row and is what its digest says; `units` only when they are asked for. */
function readOutputs(
  { hash, problems }: RowScene,
  name: string,
  entry: number | null,
  { outputs, digest, unit_count, fuel }: Row,
  units: boolean,
): Answer | null {
  if (!(outputs instanceof Uint8Array) || !(digest instanceof Uint8Array)) return null
  if (!equalBytes(hash(outputs), digest)) {
    problems.add('row.outputs', entry, `${name} keeps an answer that is not the one of its digest.`)
    return null
  }
  try {
    const answer = readAnswer(outputs, Number(unit_count), units)
    if (BigInt(answer.fuel) === fuel) return answer
    problems.add('row.outputs', entry, `${name} burned ${fuel}, and its answer says ${answer.fuel}.`)
    return null
  } catch {
    problems.add('row.outputs', entry, `${name} keeps an answer that cannot be read.`)
    return null
  }
}

/** @throws {ProtocolError} unless these are the outputs of so many units */
function readAnswer(outputs: Uint8Array, count: number, units: boolean): Answer {
  if (!units) return { ...checkOutputs(outputs, count), units: [] }
  const outcomes = decodeOutputs(outputs, count)
  let [failed, fuel] = [0, 0]
  for (const outcome of outcomes) {
    if (outcome.kind !== 'ok') failed++
    fuel += outcome.fuel
  }
  return { failed, fuel, units: outcomes }
}

/** The rows of jobs against their terms, payments and ends. */
import { equalBytes, fuelPrice, type JobEndEntry, type JobEntry, toHex, utf8 } from '../../protocol/index.ts'
import type { OpenJob } from '../replay/jobs.ts'
import { type AcceptedSums, compareAccepted } from './accepted-rows.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import type { RowScene } from './row-scene.ts'

const TERMS =
  'SELECT j.submitter, j.units, j.gigafuel_price_micro, j.fee_basis_points, j.budget_micro, j.created_at_ms, s.spec ' +
  'FROM job j LEFT JOIN job_spec s ON s.job = j.no WHERE j.id = ?'
const STATE =
  'SELECT no, state, reason, finished_at_ms, paid_micro, fee_micro, replica_micro, rounded_nano, fuel, failed_units, result_sha256, result_bytes, ' +
  'unit_fuel_least, unit_fuel_greatest, bill_sha256, bill_bytes FROM job WHERE id = ?'
/** As it is kept: in hexadecimal digits. */
const SHA256 = /^[0-9a-f]{64}$/
const OPEN_STATES = ['running', 'aggregating']

/** Compares jobs while their log is replayed. */
export class JobRows {
  private readonly scene: RowScene

  constructor(scene: RowScene) {
    this.scene = scene
  }

  /** The terms of a job have been told. */
  begin(entry: JobEntry, index: number): void {
    const { db, hash, problems } = this.scene
    const expected = {
      submitter: entry.submitter,
      units: BigInt(entry.units),
      gigafuel_price_micro: entry.gigafuelPriceMicro,
      fee_basis_points: BigInt(entry.feeBasisPoints),
      budget_micro: entry.budgetMicro,
      created_at_ms: BigInt(entry.atMs),
    }
    const row = db.get(TERMS, entry.job)
    compareRow(problems, 'row.job', `The job ${entry.job}`, index, expected, row)
    if (row === undefined) return
    if (typeof row.spec === 'string' && equalBytes(hash(utf8(row.spec)), entry.spec)) return
    problems.add('row.spec', index, `The specification of job ${entry.job} is not the one of the log.`)
  }

  /** A job is about to end. */
  end(entry: JobEndEntry, index: number): void {
    const job = this.scene.replay.jobs.find(entry.job)
    if (job !== undefined) this.compare(job, entry, index)
  }

  finish(): void {
    const { db, replay, problems } = this.scene
    for (const job of replay.jobs.allOpen()) this.compare(job, null, null)
    const beganMs = BigInt(replay.genesis?.atMs ?? 0)
    for (const { id, created_at_ms } of db.each('SELECT id, created_at_ms FROM job')) {
      if (replay.jobs.termsOf(String(id)) !== undefined) continue
      if (replay.startsFromBalances && (created_at_ms as bigint) <= beganMs) continue
      problems.add('row.job', null, `The job ${id} is in the database and not in the log.`)
    }
  }

  private compare(job: OpenJob, end: JobEndEntry | null, index: number | null): void {
    const row = this.scene.db.get(STATE, job.id)
    if (row === undefined) return
    const { problems } = this.scene
    const isDone = end?.state === 'done'
    const sums = compareAccepted(this.scene, job, row.no as bigint, index, isDone)
    const name = `The job ${job.id}`
    const { fuel, replicaMicro } = paidFor(job)
    const expected: Row = {
      state: end?.state ?? (OPEN_STATES.includes(String(row.state)) ? String(row.state) : OPEN_STATES.join(' or ')),
      finished_at_ms: end === null ? null : BigInt(end.atMs),
      paid_micro: job.paidMicro,
      fee_micro: end === null ? job.feeMicro : job.takenMicro,
      replica_micro: replicaMicro,
      rounded_nano: job.roundedNano,
      fuel,
      result_sha256: end === null || end.result === null ? null : toHex(end.result),
      // Only what went wrong has a reason, and the log does not tell it.
      ...(end === null || isDone ? { reason: '' } : {}),
      ...(isDone ? {} : { result_bytes: null }),
    }
    compareRow(problems, 'row.job', name, index, expected, row)
    this.compareBill(name, index, row, sums, isDone)
  }

  private compareBill(name: string, index: number | null, row: Row, sums: AcceptedSums, isDone: boolean): void {
    const { problems } = this.scene
    const { covers, failedUnits, bill } = sums
    if (isDone && !covers) problems.add('row.accepted', index, `${name} is done, and not all its units are accepted.`)
    // A unit may also have failed because of what its output says.
    if ((row.failed_units as bigint) < BigInt(failedUnits)) {
      problems.add('row.bill', index, `${name} has ${row.failed_units} failed units, and its answers ${failedUnits}.`)
    }
    if (isDone && bill === null) {
      // What is counted in blobs is not known here, only that there is a bill or none.
      const { unit_fuel_least, unit_fuel_greatest, bill_sha256, bill_bytes } = row
      const isNamed = typeof bill_sha256 === 'string' && SHA256.test(bill_sha256)
      const numbers = [unit_fuel_least, unit_fuel_greatest, bill_bytes]
      if (numbers.some(value => (value !== null) !== isNamed) || (!isNamed && bill_sha256 !== null)) {
        problems.add('row.bill', index, `${name} has a part of a bill.`)
      }
      return
    }
    const expected = {
      unit_fuel_least: bill?.least ?? null,
      unit_fuel_greatest: bill?.greatest ?? null,
      bill_sha256: bill?.sha256 ?? null,
      bill_bytes: bill?.bytes ?? null,
    }
    compareRow(problems, 'row.bill', name, index, expected, row)
  }
}

/** What the paid runs of a job burned, each once, and what the answers beyond the first of each cost. */
function paidFor({ runs, work }: OpenJob): { fuel: bigint; replicaMicro: bigint } {
  let [fuel, replicaMicro] = [0n, 0n]
  for (const run of runs.all()) {
    fuel += BigInt(run.fuel)
    const replicas = run.devices.length - 1
    if (replicas > 0) replicaMicro += fuelPrice(run.fuel, work.gigafuelPriceMicro) * BigInt(replicas)
  }
  return { fuel, replicaMicro }
}

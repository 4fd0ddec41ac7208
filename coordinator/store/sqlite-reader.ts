import type { StatementSync } from 'node:sqlite'
import { type DeviceId, type JobId, type Sha256Hex, sha256Hex } from '../../protocol/index.ts'
import type {
  AcceptedRow,
  AccountRow,
  ClaimRow,
  DeviceRow,
  ExclusionRow,
  ExclusionsFilter,
  JobRow,
  JobsFilter,
  LeaseRow,
  OwnerRow,
  PassedOverRow,
  SubmitterRow,
  TransferRow,
} from './rows.ts'
import type { Columns } from './sqlite-columns.ts'
import {
  acceptedRow,
  acceptedRun,
  accountRow,
  claimRow,
  deviceRow,
  exclusionRow,
  jobRow,
  leaseRow,
  ownerRow,
  passedOverRow,
  submitterRow,
  transferRow,
} from './sqlite-rows.ts'
import type { Statements } from './statements.ts'

/** Rows fetched at once by the iterators, which therefore hold no read transaction between rows. */
const PAGE_ROWS = 64
const TRANSFERS_PAGE_ROWS = 1_000

const LEASE_META =
  'l.id, j.id AS job_id, d.id AS device_id, l.first_unit, l.unit_count, l.state, l.issued_at_ms, l.lease_ms, l.speculative, l.placement, l.digest'
const LEASE_FROM = 'FROM lease l JOIN job j ON j.no = l.job JOIN device d ON d.no = l.device'
const LEASE_OF_JOB = 'l.job = (SELECT no FROM job WHERE id = ?)'
const TRANSFERS =
  'SELECT t.*, a.id AS debit_id, b.id AS credit_id FROM transfer t ' +
  'JOIN account a ON a.no = t.debit JOIN account b ON b.no = t.credit'
const JOBS = 'SELECT j.*, s.spec FROM job j JOIN job_spec s ON s.job = j.no'
const ACCEPTED_AFTER =
  'FROM accepted WHERE job = (SELECT no FROM job WHERE id = ?) AND first_unit > ? ORDER BY first_unit'

/** The read half of the store. */
export class SqliteReader {
  private readonly statements: Statements

  constructor(statements: Statements) {
    this.statements = statements
  }

  meta(key: string): string | null {
    const row = this.plain('SELECT value FROM meta WHERE key = ?').get(key)
    return row === undefined ? null : String(row.value)
  }

  claims(): ClaimRow[] {
    return this.plain('SELECT * FROM claim ORDER BY id').all().map(claimRow)
  }

  devices(): DeviceRow[] {
    return this.exact('SELECT * FROM device ORDER BY no').all().map(deviceRow)
  }

  submitters(): SubmitterRow[] {
    return this.plain('SELECT * FROM submitter ORDER BY name').all().map(submitterRow)
  }

  owners(): OwnerRow[] {
    return this.plain('SELECT * FROM owner ORDER BY name').all().map(ownerRow)
  }

  jobs(filter: JobsFilter = {}): JobRow[] {
    const { states, submitter, endedSinceMs, limit } = filter
    const conditions: string[] = []
    const values: (string | number)[] = []
    if (states) {
      conditions.push(`j.state IN (${states.map(() => '?').join(', ')})`)
      values.push(...states)
    }
    if (submitter !== undefined) {
      conditions.push('j.submitter = ?')
      values.push(submitter)
    }
    if (endedSinceMs !== undefined) {
      conditions.push('(j.finished_at_ms IS NULL OR j.finished_at_ms >= ?)')
      values.push(endedSinceMs)
    }
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
    const sql = `${JOBS}${where} ORDER BY j.no DESC LIMIT ?`
    return this.exact(sql)
      .all(...values, limit ?? -1)
      .map(jobRow)
  }

  job(id: JobId): JobRow | null {
    const row = this.exact(`${JOBS} WHERE j.id = ?`).get(id)
    return row === undefined ? null : jobRow(row)
  }

  jobsDone(): { jobs: number; units: number } {
    const row = this.plain("SELECT count(*) AS jobs, total(units) AS units FROM job WHERE state = 'done'").get()
    return { jobs: Number(row?.jobs), units: Number(row?.units) }
  }

  answerBlobs(): Sha256Hex[] {
    const rows = this.plain('SELECT result_sha256, bill_sha256 FROM job WHERE result_sha256 IS NOT NULL').all()
    const names = rows.flatMap(row => [row.result_sha256, row.bill_sha256])
    return names.filter(name => name !== null).map(name => sha256Hex(String(name)))
  }

  openLeases(job: JobId): LeaseRow[] {
    const sql = `SELECT ${LEASE_META}, l.outputs ${LEASE_FROM} WHERE j.id = ? AND l.state IN ('out', 'returned') ORDER BY l.id`
    return this.plain(sql).all(job).map(leaseRow)
  }

  lease(id: number): LeaseRow | null {
    const row = this.plain(`SELECT ${LEASE_META}, NULL AS outputs ${LEASE_FROM} WHERE l.id = ?`).get(id)
    return row === undefined ? null : leaseRow(row)
  }

  leasesOfDevice(device: DeviceId, limit: number): LeaseRow[] {
    return this.newestLeases('l.device = (SELECT no FROM device WHERE id = ?)', [device], limit)
  }

  leasesOfJob(job: JobId, limit: number): LeaseRow[] {
    return this.newestLeases(LEASE_OF_JOB, [job], limit)
  }

  leasesHeld(job: JobId, devices: readonly DeviceId[]): LeaseRow[] {
    const held = `${LEASE_OF_JOB} AND l.device IN (SELECT no FROM device WHERE id IN (SELECT value FROM json_each(?)))`
    return this.newestLeases(held, [job, JSON.stringify(devices)])
  }

  leasesOver(job: JobId, firstUnit: number, unitCount: number): LeaseRow[] {
    const over = `${LEASE_OF_JOB} AND l.first_unit < ? AND l.first_unit + l.unit_count > ?`
    return this.newestLeases(over, [job, firstUnit + unitCount, firstUnit])
  }

  leaseOutputs(id: number): Uint8Array | null {
    const outputs = this.plain('SELECT outputs FROM lease WHERE id = ?').get(id)?.outputs
    return outputs instanceof Uint8Array ? outputs : null
  }

  exclusions({ job, device, limit }: ExclusionsFilter = {}): ExclusionRow[] {
    const sql = `SELECT j.id AS job_id, d.id AS device_id, e.reason, e.at_ms FROM exclusion e
      JOIN job j ON j.no = e.job JOIN device d ON d.no = e.device
      WHERE (?1 IS NULL OR j.id = ?1) AND (?2 IS NULL OR d.id = ?2) ORDER BY e.at_ms DESC, d.id, j.id LIMIT ?3`
    return this.plain(sql)
      .all(job ?? null, device ?? null, limit ?? -1)
      .map(exclusionRow)
  }

  passedOver(scope: string): PassedOverRow[] {
    return this.plain('SELECT * FROM passed_over WHERE scope = ? ORDER BY times DESC, kind')
      .all(scope)
      .map(passedOverRow)
  }

  leaseIdMax(): number {
    return Number(this.plain('SELECT coalesce(max(id), 0) AS id FROM lease').get()?.id)
  }

  acceptedRuns(job: JobId): Omit<AcceptedRow, 'outputs'>[] {
    const rows = this.plain(`SELECT first_unit, unit_count, digest, solo, fuel ${ACCEPTED_AFTER}`).all(job, -1)
    return rows.map(row => acceptedRun(job, row))
  }

  acceptedRunsOver(job: JobId, firstUnit: number, unitCount: number): Omit<AcceptedRow, 'outputs'>[] {
    const over = 'job = (SELECT no FROM job WHERE id = ?) AND first_unit < ? AND first_unit + unit_count > ?'
    const sql = `SELECT first_unit, unit_count, digest, solo, fuel FROM accepted WHERE ${over} ORDER BY first_unit`
    return this.plain(sql)
      .all(job, firstUnit + unitCount, firstUnit)
      .map(row => acceptedRun(job, row))
  }

  acceptedRun(job: JobId, firstUnit: number): Omit<AcceptedRow, 'outputs'> | null {
    const sql =
      'SELECT first_unit, unit_count, digest, solo, fuel FROM accepted WHERE job = (SELECT no FROM job WHERE id = ?) AND first_unit = ?'
    const row = this.plain(sql).get(job, firstUnit)
    return row === undefined ? null : acceptedRun(job, row)
  }

  *acceptedOutputs(job: JobId, fromUnit = 0): Iterable<AcceptedRow> {
    const page = this.plain(`SELECT first_unit, unit_count, digest, solo, fuel, outputs ${ACCEPTED_AFTER} LIMIT ?`)
    let after = fromUnit - 1
    for (;;) {
      const rows = page.all(job, after, PAGE_ROWS).map(row => acceptedRow(job, row))
      yield* rows
      const last = rows.at(-1)
      if (last === undefined || rows.length < PAGE_ROWS) return
      after = last.firstUnit
    }
  }

  accounts(): AccountRow[] {
    return this.exact('SELECT * FROM account ORDER BY id').all().map(accountRow)
  }

  *transfers(): Iterable<TransferRow> {
    const page = this.exact(`${TRANSFERS} WHERE t.no > ? ORDER BY t.no LIMIT ?`)
    let after: Columns[string] = 0
    for (;;) {
      const rows: Columns[] = page.all(after, TRANSFERS_PAGE_ROWS)
      for (const row of rows) yield transferRow(row)
      const last = rows.at(-1)?.no
      if (last === undefined || rows.length < TRANSFERS_PAGE_ROWS) return
      after = last
    }
  }

  transfersFor(account: string, limit: number): TransferRow[] {
    const numbered = this.plain('SELECT no FROM account WHERE id = ?').get(account)?.no
    if (numbered === undefined) return []
    const sql = `${TRANSFERS} WHERE t.debit = ?1 OR t.credit = ?1 ORDER BY t.no DESC LIMIT ?2`
    return this.exact(sql).all(numbered, limit).map(transferRow)
  }

  transfer(id: string): TransferRow | null {
    const row = this.exact(`${TRANSFERS} WHERE t.id = ?`).get(id)
    return row === undefined ? null : transferRow(row)
  }

  transferFor(purpose: string): TransferRow | null {
    const row = this.exact(`${TRANSFERS} WHERE t.purpose = ?`).get(purpose)
    return row === undefined ? null : transferRow(row)
  }

  transferCount(): number {
    // Transfers are only ever added, so their numbers have no gaps.
    return Number(this.plain('SELECT coalesce(max(no), 0) AS n FROM transfer').get()?.n)
  }

  /** @param limit - all of them when left out */
  private newestLeases(condition: string, values: readonly (string | number)[], limit = -1): LeaseRow[] {
    const sql = `SELECT ${LEASE_META}, NULL AS outputs ${LEASE_FROM} WHERE ${condition} ORDER BY l.id DESC LIMIT ?`
    return this.plain(sql)
      .all(...values, limit)
      .map(leaseRow)
  }

  private plain(sql: string): StatementSync {
    return this.statements.plain(sql)
  }

  private exact(sql: string): StatementSync {
    return this.statements.exact(sql)
  }
}

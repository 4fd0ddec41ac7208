/** The rows of leases against the payments that name them, and against each other. */
import { checkOutputs, equalBytes, type TransferEntry } from '../../protocol/index.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import { expectNone, type RowScene } from './row-scene.ts'

const PAY = /^pay\/([a-z2-7]+)\/(\d{1,16})\/(\d{1,8})\+(\d{1,8})$/
const LEASE =
  'SELECT j.id AS job, d.id AS device, l.first_unit, l.unit_count, l.state, l.digest FROM lease l ' +
  'LEFT JOIN job j ON j.no = l.job LEFT JOIN device d ON d.no = l.device WHERE l.id = ?'

/** States of a lease of which something may have been paid. The rest of it may be given up when its job ends. */
const PAID_STATES = ['accepted', 'rejected', 'returned', 'cancelled']

const UNFIT =
  'SELECT l.id FROM lease l LEFT JOIN job j ON j.no = l.job WHERE ' +
  "l.state NOT IN ('out', 'returned', 'accepted', 'rejected', 'expired', 'cancelled', 'failed') " +
  'OR l.first_unit < 0 OR l.unit_count < 1 OR l.first_unit + l.unit_count > j.units ' +
  'OR l.lease_ms < 1 OR l.speculative NOT IN (0, 1) OR l.issued_at_ms < j.created_at_ms ' +
  "OR (l.digest IS NULL AND l.state IN ('returned', 'accepted')) OR (l.digest IS NOT NULL AND l.state IN ('out', 'expired', 'failed')) " +
  "OR length(l.digest) <> 32 OR (l.outputs IS NOT NULL AND l.state <> 'returned')"
const GAPS =
  'SELECT id FROM (SELECT id, coalesce(lag(id) OVER (ORDER BY id), 0) AS before FROM lease) WHERE id <> before + 1'
const LINGERING =
  "SELECT l.id, j.id AS job FROM lease l JOIN job j ON j.no = l.job WHERE l.state IN ('out', 'returned') " +
  // A job that a restart gave up leaves its leases as they were.
  "AND j.state IN ('done', 'cancelled') " +
  "AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.job = j.no AND d.state = 'open')"
const RETURNED = "SELECT id, unit_count, digest, outputs FROM lease WHERE state = 'returned' AND outputs IS NOT NULL"
const COUNTS =
  'SELECT j.no, j.id, j.leases, j.speculative_leases, j.replica_leases, coalesce(c.leases, 0) AS found, ' +
  'coalesce(c.speculative, 0) AS speculative, (SELECT min(opened_at_ms) FROM dispute d WHERE d.job = j.no) AS disputed_ms ' +
  'FROM job j LEFT JOIN (SELECT job, count(*) AS leases, sum(speculative) AS speculative FROM lease GROUP BY job) c ON c.job = j.no'
const BEFORE =
  'SELECT count(*) AS leases, coalesce(sum(speculative), 0) AS speculative FROM lease WHERE job = ? AND issued_at_ms < ?'

/** Compares leases while their log is replayed. */
export class LeaseRows {
  /** Units that each device was paid for. */
  readonly paidUnits = new Map<string, bigint>()
  private readonly scene: RowScene
  private readonly find: (id: bigint) => Row | undefined

  constructor(scene: RowScene) {
    this.scene = scene
    this.find = scene.db.asking(LEASE)
  }

  /** Somebody is paid for a run, or a part of one, that it had as a lease. */
  payment({ purpose, credit, basis }: TransferEntry, index: number): void {
    const match = PAY.exec(purpose)
    if (match === null || basis?.kind !== 'run') return
    const { problems } = this.scene
    const [, job = '', id = '', first = '', count = ''] = match
    const device = credit.slice(credit.indexOf(':') + 1)
    this.paidUnits.set(device, (this.paidUnits.get(device) ?? 0n) + BigInt(count))
    const name = `The lease ${id}`
    const row = this.find(BigInt(id))
    const isWhole = row?.first_unit === BigInt(first) && row.unit_count === BigInt(count)
    const expected = { job, device, ...(isWhole ? { digest: basis.digest } : {}) }
    compareRow(problems, 'row.lease', name, index, expected, row)
    if (row === undefined) return
    if (!PAID_STATES.includes(String(row.state))) {
      problems.add('row.lease', index, `${name} is '${row.state}' in the database, and was paid by the log.`)
    }
    if (!isWhole && row.digest instanceof Uint8Array && equalBytes(row.digest, basis.digest)) {
      problems.add('row.lease', index, `${name} gave the answer that was paid for other units than its own.`)
    }
    const [from, units] = [row.first_unit as bigint, row.unit_count as bigint]
    if (BigInt(first) >= from && BigInt(first) + BigInt(count) <= from + units) return
    problems.add('row.lease', index, `${name} is of the units ${from}+${units}, and ${first}+${count} were paid.`)
  }

  finish(): void {
    const { scene } = this
    // Leases of before the log were kept in other ways.
    if (scene.replay.startsFromBalances) return
    expectNone(scene, 'row.lease', UNFIT, ({ id }) => `The lease ${id} is in no state that a lease can be in.`)
    expectNone(scene, 'row.lease', GAPS, ({ id }) => `The lease with the number before ${id} is not there.`)
    expectNone(scene, 'row.lease', LINGERING, ({ id, job }) => `The lease ${id} is open, and job ${job} is over.`)
    for (const row of scene.db.each(RETURNED)) this.compareAnswer(row)
    for (const row of scene.db.each(COUNTS)) this.compareCounts(row)
  }

  private compareAnswer({ id, unit_count, digest, outputs }: Row): void {
    const { hash, problems } = this.scene
    if (!(outputs instanceof Uint8Array) || !(digest instanceof Uint8Array)) return
    if (!equalBytes(hash(outputs), digest)) {
      problems.add('row.outputs', null, `The lease ${id} keeps an answer that is not the one of its digest.`)
      return
    }
    try {
      checkOutputs(outputs, Number(unit_count))
    } catch {
      problems.add('row.outputs', null, `The lease ${id} keeps an answer that is not one of its ${unit_count} units.`)
    }
  }

  /** Second looks have leases of their own, which do not count as the job's. */
  private compareCounts(row: Row): void {
    const { db, problems } = this.scene
    const { no, id, found, speculative, disputed_ms } = row
    const most = { leases: found as bigint, speculative: speculative as bigint }
    const own = disputed_ms === null ? most : db.get(BEFORE, no as bigint, disputed_ms as bigint)
    const least = { leases: own?.leases as bigint, speculative: own?.speculative as bigint }
    const [leases, hedges] = [row.leases as bigint, row.speculative_leases as bigint]
    if (leases < least.leases || leases > most.leases) {
      const found = `${least.leases} to ${most.leases}`
      problems.add('row.count', null, `Job ${id} says that it had ${leases} leases, and there are ${found}.`)
    }
    if (hedges < least.speculative || hedges > most.speculative) {
      const found = `${least.speculative} to ${most.speculative}`
      problems.add('row.count', null, `Job ${id} says that ${hedges} of its leases were speculative, and ${found} are.`)
    }
    const replicas = row.replica_leases as bigint
    if (replicas >= 0n && replicas + hedges <= leases) return
    problems.add('row.count', null, `Job ${id} says that ${replicas} of its ${leases} leases were replicas.`)
  }
}

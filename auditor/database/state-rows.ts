/** The rows that say how things stand, against what the log leads to. */
import { clipText, LIMITS } from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { Replay } from '../replay/replay.ts'
import type { RuleCode } from '../rules.ts'
import { compareRow } from './compare.ts'
import type { Database, Row } from './open.ts'

/** One table: how its rows are read and named, and what the log says of each. */
interface Table {
  readonly rule: RuleCode
  /** Gives each row a `name` that is the key in `expected`. */
  readonly sql: string
  /** What a row is, before its name. */
  readonly what: string
  readonly expected: ReadonlyMap<string, Row>
  /** Rows that may be missing. */
  readonly optional?: ReadonlySet<string>
}

const HOLDS =
  'SELECT h.purpose AS name, h.kind, a.id AS debit, b.id AS credit, h.left_micro, h.posts, h.at_ms, h.timeout_ms ' +
  'FROM hold h LEFT JOIN account a ON a.no = h.debit LEFT JOIN account b ON b.no = h.credit'
const RECEIPTS = 'SELECT d.id AS name, r.* FROM receipt r LEFT JOIN device d ON d.no = r.device'
const BINDINGS = "SELECT d.id || '/' || b.seq AS name, b.* FROM binding b LEFT JOIN device d ON d.no = b.device"
const DISPUTES =
  'SELECT d.id AS name, d.*, c.id AS campaign_id, s.id AS sensor_id, l.job AS lease_job FROM dispute d ' +
  'LEFT JOIN lease l ON l.id = d.lease LEFT JOIN campaign c ON c.no = d.campaign LEFT JOIN sensor s ON s.no = d.sensor'

/** Compares the rows of all these tables. */
export function compareState(db: Database, replay: Replay, problems: Problems): void {
  for (const table of tablesOf(replay)) compareTable(db, table, problems)
}

function compareTable(db: Database, { rule, sql, what, expected, optional }: Table, problems: Problems): void {
  const missing = new Map(expected)
  for (const row of db.all(sql)) {
    const name = String(row.name)
    const wanted = missing.get(name)
    missing.delete(name)
    if (wanted === undefined) problems.add(rule, null, `${what} ${name} is in the database and not in the log.`)
    else compareRow(problems, rule, `${what} ${name}`, null, wanted, readable(rule, row))
  }
  for (const name of missing.keys()) {
    if (!optional?.has(name)) problems.add(rule, null, `${what} ${name} is in the log and not in the database.`)
  }
}

function tablesOf(replay: Replay): Table[] {
  const prices = replay.prices.all()
  const unmoved = [...prices].flatMap(([what, { moved }]) => (moved || what === 'gigafuel' ? [] : [what]))
  return [
    { rule: 'row.account', sql: 'SELECT id AS name, * FROM account', what: 'The account', expected: accounts(replay) },
    { rule: 'row.hold', sql: HOLDS, what: 'The pending transfer', expected: holds(replay) },
    { rule: 'row.receipt', sql: RECEIPTS, what: 'The newest receipt of', expected: receipts(replay) },
    {
      rule: 'row.epoch',
      sql: "SELECT epoch AS name, * FROM epoch WHERE state <> 'open'",
      what: 'Epoch',
      expected: epochs(replay),
    },
    {
      rule: 'row.price',
      sql: 'SELECT what AS name, * FROM price',
      what: 'The price of',
      expected: new Map(
        [...prices].map(([what, price]) => [what, { price_micro: price.priceMicro, epoch: BigInt(price.epoch) }]),
      ),
      optional: new Set(unmoved),
    },
    { rule: 'row.binding', sql: BINDINGS, what: 'The bound address', expected: bindings(replay) },
    { rule: 'row.dispute', sql: DISPUTES, what: 'The dispute', expected: disputes(replay) },
    { rule: 'row.device', sql: 'SELECT id AS name, * FROM device', what: 'The device', expected: devices(replay) },
  ]
}

function accounts({ scene, remainders }: Replay): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const account of scene.accounts.all()) {
    // Business without a budget has an escrow that nothing was ever booked on.
    if (!account.isBooked && !account.fromBefore) continue
    rows.set(account.id, {
      debits_micro: account.debitsMicro,
      credits_micro: account.creditsMicro,
      debits_pending_micro: account.debitsPendingMicro,
      credits_pending_micro: account.creditsPendingMicro,
      remainder: account.form === 'holdback' ? remainders.of(account.subject) : 0n,
    })
  }
  return rows
}

function holds(replay: Replay): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const { purpose, kind, debit, credit, leftMicro, posts, atMs, timeoutMs } of replay.holds.all()) {
    const times = { at_ms: BigInt(atMs), timeout_ms: BigInt(timeoutMs) }
    rows.set(purpose, { kind, debit, credit, left_micro: leftMicro, posts: BigInt(posts), ...times })
  }
  return rows
}

function receipts(replay: Replay): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const [device, { entry, index }] of replay.receipts.all()) {
    rows.set(device, {
      seq: BigInt(entry.seq),
      entry: BigInt(index),
      earned_micro: entry.earnedMicro,
      lost_micro: entry.lostMicro,
      released_micro: entry.releasedMicro,
      paid_out_micro: entry.paidOutMicro,
    })
  }
  return rows
}

function epochs(replay: Replay): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const entry of replay.payouts.all()) {
    rows.set(`${entry.epoch}`, {
      method: entry.method,
      closed_at_ms: BigInt(entry.atMs),
      root: entry.root,
      payees: BigInt(entry.payees),
      epoch_micro: entry.epochMicro,
      total_micro: entry.totalMicro,
      state: 'known',
    })
  }
  return rows
}

function bindings(replay: Replay): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const { entry, seq } of replay.bindings.all()) {
    const times = { bound_at_ms: BigInt(entry.atMs), effective_at_ms: BigInt(entry.effectiveAtMs) }
    rows.set(`${entry.device}/${seq}`, { address: entry.address, ...times })
  }
  return rows
}

function disputes(replay: Replay): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const [id, { entry, end }] of replay.disputes.all()) {
    rows.set(id, {
      account: entry.account,
      deposit_micro: entry.depositMicro,
      subject: entry.subject,
      opened_at_ms: BigInt(entry.atMs),
      state: end?.outcome ?? 'open',
      detail: end?.detail ?? '',
      ended_at_ms: end === null ? null : BigInt(end.atMs),
    })
  }
  return rows
}

function devices(replay: Replay): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const [id, { publicKey, owner, standing, standingReason }] of replay.devices.all()) {
    rows.set(id, { public_key: publicKey, owner, standing, standing_reason: standingReason })
  }
  return rows
}

const EPOCH_STATES = ['closed', 'signed', 'paid', 'void']

/** A row with what the log says otherwise written as the log says it. */
function readable(rule: RuleCode, row: Row): Row {
  const clipped = (column: string) => clipText(String(row[column]), LIMITS.reasonBytesMax)
  if (rule === 'row.device') return { ...row, standing_reason: clipped('standing_reason') }
  // Where an epoch stands is told by no entry, but only some words are possible.
  if (rule === 'row.epoch')
    return { ...row, state: EPOCH_STATES.includes(String(row.state)) ? 'known' : (row.state ?? null) }
  return rule === 'row.dispute' ? { ...row, detail: clipped('detail'), subject: subjectOf(row) } : row
}

function subjectOf({ lease, job, lease_job, campaign_id, window_ms, sensor_id }: Row): string {
  if (lease === null) return `verdict/${campaign_id}/${window_ms}/${sensor_id}${job === null ? '' : ' and a job'}`
  const isAlone = job === lease_job && campaign_id === null && window_ms === null && sensor_id === null
  return `lease/${lease}${isAlone ? '' : ' and something else'}`
}

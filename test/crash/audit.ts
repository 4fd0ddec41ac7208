/** What must be true of the coordinator's database whenever its process is gone, and more once all jobs are over. */
import { type Books, type Pay, readBooks } from './books.ts'
import type { History } from './history.ts'
import type { Row, Snapshot } from './snapshot.ts'
import type { Acknowledged } from './submitter.ts'
import type { WireTap } from './wire-tap.ts'

/** What others saw the coordinator promise, and what it said before. */
export interface Evidence {
  readonly tap: WireTap
  readonly history: History
  readonly acknowledged: readonly Acknowledged[]
}

export interface AuditFigures {
  readonly jobs: number
  readonly leases: number
  readonly runs: number
  readonly transfers: number
  readonly met: Met
}

/** What is under way. */
export interface Met {
  readonly jobsRunning: number
  /** All units are in, the answer is not. */
  readonly jobsAggregating: number
  readonly leasesOut: number
  /** Answers that wait for others to agree. */
  readonly leasesReturned: number
}

const FEE_BASIS_POINTS = 500n
const BASIS_POINTS = 10_000n
const FUEL_PER_GIGAFUEL = 1_000_000_000n
const JOBS = 'SELECT * FROM job ORDER BY no'
const LEASES = `
  SELECT l.id, j.id AS job, d.id AS device, l.first_unit, l.unit_count, l.state FROM lease l
  JOIN job j ON j.no = l.job JOIN device d ON d.no = l.device`
const RUNS = `
  SELECT j.id AS job, a.first_unit, a.unit_count, a.fuel FROM accepted a JOIN job j ON j.no = a.job ORDER BY j.no, a.first_unit`

/**
 * Looks everything over and reports what is wrong, in words.
 * @param over - whether all jobs must have ended
 */
export function audit(db: Snapshot, evidence: Evidence, over: boolean, problems: string[]): AuditFigures {
  const found: string[] = []
  const books = readBooks(db, found)
  const jobs = db.all(JOBS)
  const leases = new Map(db.all(LEASES).map(row => [String(row.id), row]))
  const runs = groupBy(db.all(RUNS), 'job')
  const pays = groupBy(books.pays, 'job')
  const leasesOf = groupBy([...leases.values()], 'job')
  for (const job of jobs) {
    const id = String(job.id)
    const mine = runs.get(id) ?? []
    const paid = pays.get(id) ?? []
    checkCover(job, mine, over, found)
    checkFuel(job, mine, found)
    checkPays(job, mine, paid, leases, found)
    checkJobBooks(job, paid, books, found)
    checkLeases(job, leasesOf.get(id) ?? [], paid, over, found)
  }
  checkAcknowledgedJobs(jobs, evidence, over, found)
  checkAcknowledgedResults(leases, evidence, found)
  evidence.history.checkLeases(leases.values(), found)
  evidence.history.checkTransfers([...books.amounts.keys()], found)
  for (const row of db.all(`SELECT id FROM device WHERE standing <> 'joined'`))
    found.push(`The honest device ${row.id} lost its standing.`)
  problems.push(...found)
  return {
    jobs: jobs.length,
    leases: leases.size,
    runs: [...runs.values()].reduce((sum, rows) => sum + rows.length, 0),
    transfers: books.transfers,
    met: {
      jobsRunning: count(jobs, 'running'),
      jobsAggregating: count(jobs, 'aggregating'),
      leasesOut: count([...leases.values()], 'out'),
      leasesReturned: count([...leases.values()], 'returned'),
    },
  }
}

const count = (rows: readonly Row[], state: string): number => rows.filter(row => row.state === state).length

/** Accepted runs never overlap, and cover a finished job exactly. */
function checkCover(job: Row, runs: readonly Row[], over: boolean, found: string[]): void {
  let next = 0n
  let covered = 0n
  for (const run of runs) {
    const first = run.first_unit as bigint
    const count = run.unit_count as bigint
    if (first < next) found.push(`Job ${job.id}: unit ${first} is accepted twice.`)
    next = first + count
    covered += count
  }
  if (next > (job.units as bigint)) found.push(`Job ${job.id}: accepted runs go beyond its ${job.units} units.`)
  const complete = job.state === 'aggregating' || job.state === 'done'
  if (complete && covered !== job.units)
    found.push(`Job ${job.id} is ${job.state} with ${covered} of ${job.units} units accepted.`)
  if (over && job.state !== 'done') found.push(`Job ${job.id} is ${job.state} at the end: ${job.reason}`)
}

/** A job has burned what its accepted runs have, and tells so in its bill when it is done. */
function checkFuel(job: Row, runs: readonly Row[], found: string[]): void {
  const fuel = runs.reduce((sum, run) => sum + (run.fuel as bigint), 0n)
  if (job.fuel !== fuel) found.push(`Job ${job.id} counts ${job.fuel} fuel and its runs have ${fuel}.`)
  if (runs.some(run => run.fuel === 0n)) found.push(`Job ${job.id} has a run that burned nothing.`)
  if (job.state === 'done' && job.bill_sha256 === null) found.push(`Job ${job.id} is done and has no bill.`)
}

/** Each accepted run is paid, each payment is for an accepted run, to the device of the lease, at the price, once. */
function checkPays(
  job: Row,
  runs: readonly Row[],
  pays: readonly Pay[],
  leases: ReadonlyMap<string, Row>,
  found: string[],
): void {
  const paidRuns = new Map<string, number>()
  const accepted = new Map(runs.map(run => [`${run.first_unit}+${run.unit_count}`, run.fuel as bigint]))
  for (const pay of pays) {
    const lease = leases.get(pay.lease)
    const [first = 0n, count = 0n] = pay.run.split('+').map(BigInt)
    paidRuns.set(pay.run, (paidRuns.get(pay.run) ?? 0) + 1)
    if (!accepted.has(pay.run))
      found.push(`Job ${job.id}: lease ${pay.lease} was paid for ${pay.run}, which is not accepted.`)
    const fuel = accepted.get(pay.run) ?? 0n
    const leastMicro = deviceShareLeast(job, fuel)
    if (pay.amountMicro < leastMicro || pay.amountMicro > leastMicro + 1n)
      found.push(`Lease ${pay.lease} was paid ${pay.amountMicro} for ${count} units of ${fuel} fuel.`)
    if (lease === undefined || lease.job !== job.id)
      found.push(`A payment names lease ${pay.lease}, which job ${job.id} does not have.`)
    else if (pay.account !== `holdback:${lease.device}`) found.push(`Lease ${pay.lease} was paid to ${pay.account}.`)
    else if (
      first < (lease.first_unit as bigint) ||
      first + count > (lease.first_unit as bigint) + (lease.unit_count as bigint)
    )
      found.push(`Lease ${pay.lease} was paid for ${pay.run}, which it does not hold.`)
  }
  for (const run of accepted.keys())
    if (!paidRuns.has(run)) found.push(`Job ${job.id}: nobody was paid for the accepted run ${run}.`)
}

function checkJobBooks(job: Row, pays: readonly Pay[], books: Books, found: string[]): void {
  const paidMicro = pays.reduce((sum, pay) => sum + pay.amountMicro, 0n)
  const amount = (kind: string) => books.amounts.get(`${kind}/${job.id}`) ?? 0n
  const expect = (what: string, value: bigint, right: bigint) => {
    if (value !== right) found.push(`Job ${job.id}: ${what} is ${value} and should be ${right}.`)
  }
  expect('what it paid', job.paid_micro as bigint, paidMicro)
  expect('its escrow', amount('escrow'), job.budget_micro as bigint)
  const ended = job.finished_at_ms !== null
  const dustMicro = books.dust.get(`escrow:${job.id}`) ?? 0n
  expect('its fee transfer', amount('fee'), ended ? (job.fee_micro as bigint) - dustMicro : 0n)
  const restMicro = (job.budget_micro as bigint) - paidMicro - (job.fee_micro as bigint)
  expect('its refund', amount('refund'), ended ? restMicro : 0n)
  expect(
    'what is left in escrow',
    books.balances.get(`escrow:${job.id}`) ?? 0n,
    ended ? 0n : (job.budget_micro as bigint) - paidMicro,
  )
}

/** No lease outlives its job; an accepted one is paid in full; one that is lost or waiting is not paid for more than it gave. */
function checkLeases(job: Row, leases: readonly Row[], pays: readonly Pay[], over: boolean, found: string[]): void {
  const paidUnits = new Map<string, bigint>()
  for (const { lease, run } of pays) paidUnits.set(lease, (paidUnits.get(lease) ?? 0n) + BigInt(run.split('+')[1] ?? 0))
  if (BigInt(leases.length) !== job.leases)
    found.push(`Job ${job.id} counts ${job.leases} leases and has ${leases.length}.`)
  for (const { id, state, unit_count: count } of leases) {
    const paid = paidUnits.get(String(id)) ?? 0n
    if (state === 'accepted' && paid !== count)
      found.push(`The accepted lease ${id} was paid for ${paid} of ${count} units.`)
    if (state !== 'accepted' && state !== 'returned' && paid > 0n)
      found.push(`The ${state} lease ${id} was paid for ${paid} units.`)
    if (state === 'rejected') found.push(`Lease ${id} of an honest device was rejected.`)
    const open = state === 'out' || state === 'returned'
    if (open && (over || job.finished_at_ms !== null))
      found.push(`Lease ${id} is still ${state} though job ${job.id} is ${job.state}.`)
  }
}

/** What a submitter was told is there; no submission became two jobs; done with the cost that was told. */
function checkAcknowledgedJobs(jobs: readonly Row[], { acknowledged }: Evidence, over: boolean, found: string[]): void {
  const byId = new Map(jobs.map(job => [String(job.id), job]))
  const byRef = groupBy(jobs, 'ref')
  for (const [ref, same] of byRef) if (same.length > 1) found.push(`The submission ${ref} became ${same.length} jobs.`)
  for (const { id, ref, done, costMicro } of acknowledged) {
    const job = byId.get(id)
    if (job === undefined) found.push(`Job ${id} (${ref}) was acknowledged and is not there.`)
    else if (done && job.state !== 'done') found.push(`Job ${id} told its result and is ${job.state}.`)
    else if (done && (job.paid_micro as bigint) + (job.fee_micro as bigint) !== costMicro)
      found.push(`Job ${id} told a cost of ${costMicro}.`)
  }
  if (over && jobs.length !== acknowledged.length)
    found.push(`There are ${jobs.length} jobs, and ${acknowledged.length} were acknowledged.`)
}

/** An acknowledged result is on stable storage: its lease is not waiting for it any more. */
function checkAcknowledgedResults(leases: ReadonlyMap<string, Row>, { tap }: Evidence, found: string[]): void {
  for (const [device, frames] of tap.sent) {
    for (const [seq, frame] of frames) {
      if (!frame.acked) continue
      for (const id of frame.leases) {
        const lease = leases.get(`${id}`)
        if (lease === undefined)
          found.push(`Frame ${seq} of device ${device} was acknowledged and its lease ${id} is not there.`)
        else if (lease.device !== device) found.push(`Lease ${id} is not of device ${device}.`)
        else if (lease.state === 'out')
          found.push(`Frame ${seq} of device ${device} was acknowledged and its lease ${id} is still out.`)
      }
    }
  }
}

/** What a device keeps must include every result it has sent that nobody acknowledged. */
export function auditOutbox(
  db: Snapshot,
  device: string,
  sent: ReadonlyMap<number, { acked: boolean }> | undefined,
  problems: string[],
): void {
  const kept = new Set(db.all('SELECT seq FROM outbox').map(row => Number(row.seq)))
  for (const [seq, { acked }] of sent ?? []) {
    if (!acked && !kept.has(seq))
      problems.push(`Device ${device} forgot its result ${seq}, which was never acknowledged.`)
  }
}

/**
 * What an answer gives its device at least: the price of its fuel less the region's fee, rounded down, and a micro-credit of what is not free.
 * What is rounded away is carried to a later payment, which may so be a micro-credit more.
 */
function deviceShareLeast(job: Row, fuel: bigint): bigint {
  const nano = (job.gigafuel_price_micro as bigint) * fuel
  const share = (nano * (BASIS_POINTS - FEE_BASIS_POINTS)) / (FUEL_PER_GIGAFUEL * BASIS_POINTS)
  return share === 0n && nano > 0n ? 1n : share
}

function groupBy<Item extends object, Key extends keyof Item>(items: readonly Item[], key: Key): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const name = String(item[key])
    const group = groups.get(name)
    if (group) group.push(item)
    else groups.set(name, [item])
  }
  return groups
}

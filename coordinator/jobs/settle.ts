/** What work costs and who gets it: escrow at the start, holdback for each accepted run, fee and refund at the end. */
import { createHash } from 'node:crypto'
import { assert, fromHex, type LogEntry, utf8 } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import { type Escrow, emptyEscrow, fillEscrow } from '../ledger/escrow.ts'
import { type Cost, costOf, NANO, payDevice, shareOf, takeShare } from '../ledger/holdback.ts'
import { escrowAccount, holdbackAccount, SLASHED } from '../ledger/ledger.ts'
import type { JobRow } from '../store/rows.ts'
import type { Desk, Job, Run, SoloWork, Vote } from './job.ts'

const escrowOf = ({ id, submitter }: JobRow): Escrow => ({ account: escrowAccount(id), subject: id, submitter })

/** Moves the budget into the job's escrow. `insufficient` when the submitter holds less. */
export function openEscrow(desk: Desk, job: Job, nowMs: number, batch: Batch): 'ok' | 'insufficient' {
  return fillEscrow(desk.ledger, escrowOf(job.row), job.row.budgetMicro, termsEntry(job, nowMs), nowMs, batch)
}

/** What the public log says of a job's terms. */
function termsEntry({ row, prepared }: Job, nowMs: number): LogEntry {
  const { id: job, submitter, units, gigafuelPriceMicro, feeBasisPoints, budgetMicro } = row
  return {
    type: 'job',
    atMs: Math.round(nowMs),
    job,
    submitter,
    module: fromHex(prepared.module),
    spec: createHash('sha256').update(utf8(prepared.specJson)).digest(),
    units,
    gigafuelPriceMicro,
    feeBasisPoints,
    budgetMicro,
    trusting: prepared.spec.verify.kind === 'trust',
  }
}

/** On what terms a job was accepted. */
type Terms = Pick<JobRow, 'feeBasisPoints' | 'gigafuelPriceMicro'>

/** What an answer to a run costs that burned so much fuel. */
export const costOfRun = ({ feeBasisPoints, gigafuelPriceMicro }: Terms, fuel: number): Cost =>
  costOf(BigInt(fuel) * gigafuelPriceMicro, feeBasisPoints)

/**
 * Pays a device for a run it answered rightly, by the fuel of its answer; the rest of the price is kept back until the end.
 * @see spec/clauses.md [PAY-3.1]
 */
export function payRun(
  desk: Desk,
  job: Job,
  run: Run,
  { lease, fuel, digest }: Vote,
  member: Member,
  nowMs: number,
  batch: Batch,
): Cost {
  const cost = costOfRun(job.row, fuel)
  const deviceMicro = takeShare(desk.ledger, member.row.id, cost)
  const purpose = `pay/${job.row.id}/${lease.id}/${run.first}+${run.count}`
  const basis = { kind: 'run', digest: fromHex(digest), fuel } as const
  const payment = { escrow: job.escrow, amountMicro: deviceMicro, purpose, basis }
  payDevice(desk, member, payment, nowMs, batch)
  job.row.paidMicro += deviceMicro
  job.row.feeMicro += cost.priceMicro - deviceMicro
  job.row.roundedNano += cost.roundedNano
  return cost
}

/**
 * Takes the region's part and gives the rest of the escrow back, with what rounding has added in whole micro-credits. Once per job, when its
 * row says how it ended.
 * @see spec/clauses.md [PAY-10.4]
 */
export function closeEscrow(desk: Desk, row: JobRow, nowMs: number, batch: Batch): void {
  const { id: job, state, resultSha256 } = row
  assert(state === 'done' || state === 'failed' || state === 'cancelled', 'an escrow is closed when its job is over')
  const result = state === 'done' && resultSha256 !== null ? fromHex(resultSha256) : null
  const end = { type: 'job-end', atMs: Math.round(nowMs), job, state, result } as const
  row.feeMicro -= min(row.roundedNano / NANO, row.feeMicro)
  emptyEscrow(desk.ledger, escrowOf(row), row.feeMicro, end, nowMs, batch)
}

/**
 * Takes the holdback of a caught device. What it was paid for units of running jobs that are looked at again goes back to
 * their escrows; the rest goes to the slashed pool.
 */
export function slash(desk: Desk, member: Member, redo: ReadonlyMap<Job, SoloWork>, nowMs: number, batch: Batch): void {
  const holdback = holdbackAccount(member.row.id)
  const stamp = `${member.row.id}/${member.row.unitsRejected}/${nowMs}`
  for (const [job, solo] of redo) {
    const backMicro = shareOf(solo)
    const amountMicro = min(backMicro, desk.ledger.balanceMicro(holdback))
    const back = { kind: 'slash', debit: holdback, credit: escrowAccount(job.row.id), amountMicro } as const
    desk.ledger.transfer({ ...back, purpose: `slash/${stamp}/${job.row.id}` }, nowMs, batch)
    job.row.paidMicro -= amountMicro
    job.row.feeMicro -= min(solo.priceMicro - backMicro, job.row.feeMicro)
    job.row.roundedNano -= min(solo.roundedNano, job.row.roundedNano)
    desk.dirty.add(job)
  }
  const rest = {
    kind: 'slash',
    debit: holdback,
    credit: SLASHED,
    amountMicro: desk.ledger.balanceMicro(holdback),
  } as const
  desk.ledger.transfer({ ...rest, purpose: `slash/${stamp}` }, nowMs, batch)
  member.row.heldYoungMicro = 0n
  member.row.heldOldMicro = 0n
  desk.fleet.touch(member)
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)

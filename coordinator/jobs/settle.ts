/** What work costs and who gets it: escrow at the start, holdback for each accepted run, fee and refund at the end. */
import { assert, fuelPrice, splitLargestRemainder } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Member } from '../fleet/fleet.ts'
import { availableAccount, escrowAccount, FEE, holdbackAccount, SLASHED, submitterAccount } from '../ledger/ledger.ts'
import type { JobRow } from '../store/rows.ts'
import type { Desk, Job, Run, SoloWork, Vote } from './job.ts'

const BASIS_POINTS = 10_000n

/** Moves the budget into the job's escrow. `insufficient` when the submitter holds less. */
export function openEscrow(desk: Desk, job: Job, nowMs: number, batch: Batch): 'ok' | 'insufficient' {
  const { id, submitter, budgetMicro } = job.row
  const request = {
    kind: 'escrow',
    debit: submitterAccount(submitter),
    credit: escrowAccount(id),
    amountMicro: budgetMicro,
    purpose: `escrow/${id}`,
  } as const
  return desk.ledger.transfer(request, nowMs, batch) === 'insufficient' ? 'insufficient' : 'ok'
}

/** How the price of a run is shared, in micro-credits. */
export interface Shares {
  deviceMicro: bigint
  feeMicro: bigint
}

/** The price of a run's fuel, parted into what its device gets and the region's fee. */
export function sharesOf(policy: RegionPolicy, fuel: number, gigafuelPriceMicro: bigint): Shares {
  const feeWeight = BigInt(policy.feeBasisPoints)
  const weights = [BASIS_POINTS - feeWeight, feeWeight]
  const [deviceMicro = 0n, feeMicro = 0n] = splitLargestRemainder(fuelPrice(fuel, gigafuelPriceMicro), weights)
  return { deviceMicro, feeMicro }
}

/**
 * Pays a device for a run it answered rightly, by the fuel of its answer; the region's fee is kept back until the end.
 * @see spec/clauses.md [PAY-3.1]
 */
export function payRun(
  desk: Desk,
  job: Job,
  run: Run,
  { lease, fuel }: Vote,
  member: Member,
  nowMs: number,
  batch: Batch,
): Shares {
  const shares = sharesOf(desk.policy, fuel, job.row.gigafuelPriceMicro)
  const { deviceMicro, feeMicro } = shares
  const purpose = `pay/${job.row.id}/${lease.id}/${run.first}+${run.count}`
  const pay = { kind: 'pay', debit: escrowAccount(job.row.id), credit: holdbackAccount(member.row.id) } as const
  const status = desk.ledger.transfer({ ...pay, amountMicro: deviceMicro, purpose }, nowMs, batch)
  assert(status !== 'insufficient', 'what leases may be paid for is set aside, so an escrow always holds their pay')
  job.row.paidMicro += deviceMicro
  job.row.feeMicro += feeMicro
  releaseHoldback(desk, member, nowMs, batch)
  if (member.row.heldYoungMicro + member.row.heldOldMicro === 0n) member.row.heldWindow = windowStart(desk, nowMs)
  member.row.heldYoungMicro += deviceMicro
  desk.fleet.touch(member)
  return shares
}

/** Takes the fee and gives the rest of the escrow back. Once per job. */
export function closeEscrow(desk: Desk, row: JobRow, nowMs: number, batch: Batch): void {
  const { id, submitter, feeMicro } = row
  const escrow = escrowAccount(id)
  desk.ledger.transfer(
    { kind: 'fee', debit: escrow, credit: FEE, amountMicro: feeMicro, purpose: `fee/${id}` },
    nowMs,
    batch,
  )
  const restMicro = desk.ledger.balanceMicro(escrow)
  const refund = { kind: 'refund', debit: escrow, credit: submitterAccount(submitter), amountMicro: restMicro } as const
  desk.ledger.transfer({ ...refund, purpose: `refund/${id}` }, nowMs, batch)
}

/**
 * Takes the holdback of a caught device. What it was paid for units of running jobs that are looked at again goes back to
 * their escrows; the rest goes to the slashed pool.
 */
export function slash(desk: Desk, member: Member, redo: ReadonlyMap<Job, SoloWork>, nowMs: number, batch: Batch): void {
  const holdback = holdbackAccount(member.row.id)
  const stamp = `${member.row.id}/${member.row.unitsRejected}/${nowMs}`
  for (const [job, { deviceMicro, feeMicro }] of redo) {
    const amountMicro = min(deviceMicro, desk.ledger.balanceMicro(holdback))
    const back = { kind: 'slash', debit: holdback, credit: escrowAccount(job.row.id), amountMicro } as const
    desk.ledger.transfer({ ...back, purpose: `slash/${stamp}/${job.row.id}` }, nowMs, batch)
    job.row.paidMicro -= amountMicro
    job.row.feeMicro -= min(feeMicro, job.row.feeMicro)
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

/** Releases what has been held through a whole window, for every device whose window has ended. */
export function releaseHoldbacks(desk: Desk, nowMs: number, batch: Batch): void {
  for (const member of desk.fleet.all()) releaseHoldback(desk, member, nowMs, batch)
}

/** Also comes before each payment, so that new earnings never count as those of a window that has ended unnoticed. */
function releaseHoldback(desk: Desk, member: Member, nowMs: number, batch: Batch): void {
  const start = windowStart(desk, nowMs)
  const { row } = member
  if (row.heldWindow >= start || row.heldYoungMicro + row.heldOldMicro === 0n) return
  const youngStays = start - row.heldWindow <= desk.policy.holdbackWindowMs
  const dueMicro = youngStays ? row.heldOldMicro : row.heldOldMicro + row.heldYoungMicro
  const release = { kind: 'release', debit: holdbackAccount(row.id), credit: availableAccount(row.id) } as const
  desk.ledger.transfer({ ...release, amountMicro: dueMicro, purpose: `release/${row.id}/${start}` }, nowMs, batch)
  row.heldOldMicro = youngStays ? row.heldYoungMicro : 0n
  row.heldYoungMicro = 0n
  row.heldWindow = start
  desk.fleet.touch(member)
}

const windowStart = (desk: Desk, nowMs: number): number => nowMs - (nowMs % desk.policy.holdbackWindowMs)

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)

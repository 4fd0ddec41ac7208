/** What work costs and who gets it: escrow at the start, holdback for each accepted run, fee and refund at the end. */
import { fuelPrice } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Member } from '../fleet/fleet.ts'
import { type Escrow, emptyEscrow, fillEscrow } from '../ledger/escrow.ts'
import { partPrice, payDevice, type Shares } from '../ledger/holdback.ts'
import { escrowAccount, holdbackAccount, SLASHED } from '../ledger/ledger.ts'
import type { JobRow } from '../store/rows.ts'
import type { Desk, Job, Run, SoloWork, Vote } from './job.ts'

const escrowOf = ({ id, submitter }: JobRow): Escrow => ({ account: escrowAccount(id), subject: id, submitter })

/** Moves the budget into the job's escrow. `insufficient` when the submitter holds less. */
export function openEscrow(desk: Desk, job: Job, nowMs: number, batch: Batch): 'ok' | 'insufficient' {
  return fillEscrow(desk.ledger, escrowOf(job.row), job.row.budgetMicro, nowMs, batch)
}

/** The price of a run's fuel, parted into what its device gets and the region's fee. */
export function sharesOf(policy: RegionPolicy, fuel: number, gigafuelPriceMicro: bigint): Shares {
  return partPrice(policy, fuelPrice(fuel, gigafuelPriceMicro))
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
  payDevice(desk, member, { escrow: escrowAccount(job.row.id), amountMicro: deviceMicro, purpose }, nowMs, batch)
  job.row.paidMicro += deviceMicro
  job.row.feeMicro += feeMicro
  return shares
}

/** Takes the fee and gives the rest of the escrow back. Once per job. */
export function closeEscrow(desk: Desk, row: JobRow, nowMs: number, batch: Batch): void {
  emptyEscrow(desk.ledger, escrowOf(row), row.feeMicro, nowMs, batch)
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

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)

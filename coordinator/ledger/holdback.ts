/** How earnings reach a device: a price is parted into pay and fee, pay waits in holdback for a whole window, and becomes available. */
import { assert, type Basis, splitLargestRemainder } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet, Member } from '../fleet/fleet.ts'
import { availableAccount, holdbackAccount, type Ledger } from './ledger.ts'

const BASIS_POINTS = 10_000n

/** What payments need of the region. */
export interface Books {
  readonly ledger: Ledger
  readonly fleet: Fleet
  readonly policy: RegionPolicy
}

/** How a price is shared, in micro-credits. */
export interface Shares {
  deviceMicro: bigint
  feeMicro: bigint
}

/** A price, parted into what a device gets and the region's fee. */
export function partPrice(feeBasisPoints: number, priceMicro: bigint): Shares {
  const feeWeight = BigInt(feeBasisPoints)
  const [deviceMicro = 0n, feeMicro = 0n] = splitLargestRemainder(priceMicro, [BASIS_POINTS - feeWeight, feeWeight])
  return { deviceMicro, feeMicro }
}

/** One payment out of an escrow that is known to hold it. */
export interface Payment {
  escrow: string
  amountMicro: bigint
  /** Names exactly what is paid for; never reused. */
  purpose: string
  /** The accepted work. */
  basis: Basis
}

/**
 * Pays a device into its holdback.
 * @see spec/clauses.md [PAY-2.1]
 */
export function payDevice(books: Books, member: Member, payment: Payment, nowMs: number, batch: Batch): void {
  const { escrow, ...what } = payment
  const pay = { kind: 'pay', debit: escrow, credit: holdbackAccount(member.row.id), ...what } as const
  const status = books.ledger.transfer(pay, nowMs, batch)
  assert(
    status === 'created' || status === 'nothing_to_move',
    'what may have to be paid is set aside and is paid once, so an escrow always holds it',
  )
  releaseHoldback(books, member, nowMs, batch)
  if (member.row.heldYoungMicro + member.row.heldOldMicro === 0n) member.row.heldWindow = windowStart(books, nowMs)
  member.row.heldYoungMicro += what.amountMicro
  books.fleet.touch(member)
}

/** Releases what has been held through a whole window, for every device whose window has ended. */
export function releaseHoldbacks(books: Books, nowMs: number, batch: Batch): void {
  for (const member of books.fleet.all()) releaseHoldback(books, member, nowMs, batch)
}

/** Also comes before each payment, so that new earnings never count as those of a window that has ended unnoticed. */
function releaseHoldback(books: Books, member: Member, nowMs: number, batch: Batch): void {
  const start = windowStart(books, nowMs)
  const { row } = member
  if (row.heldWindow >= start || row.heldYoungMicro + row.heldOldMicro === 0n) return
  const youngStays = start - row.heldWindow <= books.policy.holdbackWindowMs
  const dueMicro = youngStays ? row.heldOldMicro : row.heldOldMicro + row.heldYoungMicro
  const release = { kind: 'release', debit: holdbackAccount(row.id), credit: availableAccount(row.id) } as const
  books.ledger.transfer({ ...release, amountMicro: dueMicro, purpose: `release/${row.id}/${start}` }, nowMs, batch)
  row.heldOldMicro = youngStays ? row.heldYoungMicro : 0n
  row.heldYoungMicro = 0n
  row.heldWindow = start
  books.fleet.touch(member)
}

const windowStart = ({ policy }: Books, nowMs: number): number => nowMs - (nowMs % policy.holdbackWindowMs)

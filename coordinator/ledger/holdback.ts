/** How earnings reach a device: it is paid its share of a price, which waits in holdback for a whole window and becomes available. */
import { assert, type Basis, type DeviceId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet, Member } from '../fleet/fleet.ts'
import { availableAccount, holdbackAccount, type Ledger, PARTS_PER_MICRO } from './ledger.ts'

const BASIS_POINTS = 10_000n
/** Parts of a micro-credit in which the price of a unit of fuel is a whole number. */
export const NANO = 1_000_000_000n

/** What payments need of the region. */
export interface Books {
  readonly ledger: Ledger
  readonly fleet: Fleet
  readonly policy: RegionPolicy
}

/** What answers cost, and what of that is whose. */
export interface Cost {
  /** In whole micro-credits, rounded up. */
  readonly priceMicro: bigint
  /** What rounding up has added, in 10^-9 of a micro-credit. */
  readonly roundedNano: bigint
  /** What is the device's of the exact price, in parts of which `PARTS_PER_MICRO` are a micro-credit. */
  readonly deviceParts: bigint
}

const FREE: Cost = { priceMicro: 0n, roundedNano: 0n, deviceParts: 0n }

/**
 * What an answer costs: its exact price, and a micro-credit at least, which is the device's alone.
 * @param exactNano - the exact price in 10^-9 of a micro-credit: fuel times the price of 10^9 fuel
 * @see spec/clauses.md [PAY-10.1]
 */
export function costOf(exactNano: bigint, feeBasisPoints: number): Cost {
  if (exactNano === 0n) return FREE
  const nano = max(exactNano, NANO)
  const priceMicro = (nano + NANO - 1n) / NANO
  const deviceParts = max(nano * (BASIS_POINTS - BigInt(feeBasisPoints)), PARTS_PER_MICRO)
  return { priceMicro, roundedNano: priceMicro * NANO - nano, deviceParts }
}

/** What readings cost, whose price is whole. */
export const costOfReadings = (priceMicro: bigint, feeBasisPoints: number): Cost =>
  costOf(priceMicro * NANO, feeBasisPoints)

/** The whole micro-credits that a device is paid of a cost now. The rest of its share is carried to its next payment. */
export function takeShare(ledger: Ledger, device: DeviceId, { deviceParts }: Cost): bigint {
  return deviceParts === 0n ? 0n : ledger.carry(holdbackAccount(device), deviceParts)
}

/** A device's share of a cost that is settled by itself, rounded down to whole micro-credits. */
export const shareOf = ({ deviceParts }: Pick<Cost, 'deviceParts'>): bigint => deviceParts / PARTS_PER_MICRO

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

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

/**
 * Releases what has been held through a whole window, for every device whose window has ended. Devices are gone through once a window: what is
 * earned after that is held for longer.
 */
export function releaseHoldbacks(books: Books, nowMs: number, batch: Batch): void {
  const start = windowStart(books, nowMs)
  if (books.ledger.releasedWindowMs === start) return
  books.ledger.releasedWindowMs = start
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

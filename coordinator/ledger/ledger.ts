/**
 * The region's books: double entry, integer micro-credits, append-only transfers in two phases where money may have to come back.
 * Pure: it changes balances in memory, leaves the rows in the batch and says every transfer in the public log.
 */
import { hash } from 'node:crypto'
import {
  assert,
  type Basis,
  type CampaignId,
  type DeviceId,
  deviceId,
  type JobId,
  type SubmitterName,
  submitterName,
  type TransferPhase,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { AccountRow, HoldRow, TransferKind, TransferRow } from '../store/rows.ts'

export const TREASURY = 'treasury'
export const FEE = 'fee'
export const SLASHED = 'slashed'
/** What the remainders of all accounts come to, see {@link Ledger.carry}. */
export const DUST = 'dust'
/** Who hands in the region's own jobs, which are paid from its fees. No submitter has this name. */
export const REGION_SUBMITTER = submitterName('-region')
/** Where a submitter's budgets come from, and what is left of them goes back to. */
export const submitterAccount = (name: SubmitterName): string => (name === REGION_SUBMITTER ? FEE : `submitter:${name}`)
/** Of a job, a campaign or a dispute. */
export const escrowAccount = (business: JobId | CampaignId | string): string => `escrow:${business}`
export const holdbackAccount = (device: DeviceId): string => `holdback:${device}`
export const availableAccount = (device: DeviceId): string => `available:${device}`
/** What has been paid out to somebody, for ever. */
export const payoutAccount = (payee: string): string => `payout:${payee}`

/**
 * The id of the transfer that pays for `purpose`: the first 16 bytes of SHA-256 in hex, so the same purpose has the same id
 * and the store refuses to book it twice.
 */
export function transferId(purpose: string): string {
  return hash('sha256', purpose).slice(0, 32)
}

export interface TransferRequest {
  kind: TransferKind
  debit: string
  credit: string
  amountMicro: bigint
  /** Names exactly what is paid for; never reused. */
  purpose: string
  /** The accepted work behind a payment. */
  basis?: Basis
}

export interface HoldRequest extends Omit<TransferRequest, 'basis'> {
  /** After so long the money goes back by itself. */
  timeoutMs: number
}

/** Remainders are counted in parts of a micro-credit so small that a share in basis points of any price of fuel is a whole number of them. */
export const PARTS_PER_MICRO = 10n ** 13n

/** In order of precedence. */
export type TransferStatus = 'nothing_to_move' | 'exists_with_different_amount' | 'exists' | 'insufficient' | 'created'

/** In order of precedence. */
export type ResolveStatus = 'not_found' | 'nothing_to_move' | 'exceeds_pending' | 'resolved'

export class Ledger {
  private readonly accounts = new Map<string, AccountRow>()
  private readonly holds = new Map<string, HoldRow>()
  private readonly dirty = new Set<AccountRow>()
  private readonly touchedDevices = new Set<DeviceId>()
  /** Amounts of the transfers that are not committed yet, by purpose. */
  private readonly fresh = new Map<string, bigint>()
  private readonly booked: (purpose: string) => Pick<TransferRow, 'amountMicro'> | null
  private count: number
  /** Start of the holdback window by which everything that was due has been released; unknown after a start. */
  releasedWindowMs: number | null = null
  /** The remainders of all accounts. */
  private remainderParts = 0n

  /** @param booked - the committed transfer for a purpose */
  constructor(
    accounts: Iterable<AccountRow>,
    transferCount: number,
    holds: Iterable<HoldRow> = [],
    booked: (purpose: string) => Pick<TransferRow, 'amountMicro'> | null = () => null,
  ) {
    for (const row of accounts) {
      this.accounts.set(row.id, row)
      this.remainderParts += BigInt(row.remainder)
    }
    for (const row of holds) this.holds.set(row.purpose, row)
    this.count = transferCount
    this.booked = booked
  }

  /** Transfers booked since the region began. */
  get transferCount(): number {
    return this.count
  }

  /** Credits minus debits. Only the treasury's may be negative: it is what the region has issued. */
  balanceMicro(account: string): bigint {
    const row = this.accounts.get(account)
    return row ? row.creditsMicro - row.debitsMicro : 0n
  }

  /** What of the balance no pending transfer has set aside. */
  availableMicro(account: string): bigint {
    const row = this.accounts.get(account)
    return row ? row.creditsMicro - row.debitsMicro - row.debitsPendingMicro : 0n
  }

  /** All that ever went in and out of an account; pending transfers are no part of it. */
  turnoverMicro(account: string): { debitsMicro: bigint; creditsMicro: bigint } {
    const { debitsMicro = 0n, creditsMicro = 0n } = this.accounts.get(account) ?? {}
    return { debitsMicro, creditsMicro }
  }

  /** What the remainders of all accounts come to, rounded up: what `dust` is to hold. */
  get remaindersMicro(): bigint {
    return (this.remainderParts + PARTS_PER_MICRO - 1n) / PARTS_PER_MICRO
  }

  /**
   * Makes an account due a part of an amount, and keeps in mind what of it is no whole micro-credit.
   * @param parts - of which {@link PARTS_PER_MICRO} are a micro-credit, 0 or more
   * @returns the whole micro-credits that are due now; the caller moves them
   * @see spec/clauses.md [PAY-10.2]
   */
  carry(account: string, parts: bigint): bigint {
    assert(parts >= 0n, 'a part of an amount is not negative')
    const row = this.touch(account)
    const dueParts = BigInt(row.remainder) + parts
    const leftParts = dueParts % PARTS_PER_MICRO
    this.remainderParts += leftParts - BigInt(row.remainder)
    row.remainder = Number(leftParts)
    return dueParts / PARTS_PER_MICRO
  }

  /** What was moved for a purpose; 0 before anything was. */
  movedMicro(purpose: string): bigint {
    return this.fresh.get(purpose) ?? this.booked(purpose)?.amountMicro ?? 0n
  }

  /** A pending transfer that is not resolved, by its purpose. */
  holdOf(purpose: string): Readonly<HoldRow> | undefined {
    return this.holds.get(purpose)
  }

  /**
   * Moves money at once.
   * @returns `insufficient` when the debit account has less than the amount available. Nothing has changed unless `created`
   * @see spec/clauses.md [PAY-1.3] [PAY-1.4]
   */
  transfer(request: TransferRequest, atMs: number, batch: Batch): TransferStatus {
    const status = this.check(request)
    if (status !== 'created') return status
    const { kind, debit, credit, amountMicro, purpose, basis = null } = request
    this.touch(debit).debitsMicro += amountMicro
    this.touch(credit).creditsMicro += amountMicro
    const row = { kind, phase: 'single', debit, credit, amountMicro, purpose, pending: null, timeoutMs: null } as const
    this.book({ ...row, basis }, atMs, batch)
    return status
  }

  /** Sets money aside: it is neither the one account's to spend nor the other's to have until the transfer is resolved. */
  hold(request: HoldRequest, atMs: number, batch: Batch): TransferStatus {
    assert(Number.isSafeInteger(request.timeoutMs) && request.timeoutMs > 0, 'a pending transfer has an interval')
    const status = this.check(request)
    if (status !== 'created') return status
    const { kind, debit, credit, amountMicro, purpose, timeoutMs } = request
    this.touch(debit).debitsPendingMicro += amountMicro
    this.touch(credit).creditsPendingMicro += amountMicro
    const hold = { purpose, kind, debit, credit, leftMicro: amountMicro, posts: 0, atMs: Math.round(atMs), timeoutMs }
    this.holds.set(purpose, hold)
    batch.write({ table: 'hold', row: { ...hold } })
    const row = { kind, phase: 'pending', debit, credit, amountMicro, purpose, pending: null, timeoutMs } as const
    this.book({ ...row, basis: null }, atMs, batch)
    return status
  }

  /**
   * Moves a part of what a pending transfer has set aside. What is left stays set aside. `not_found` too once its interval has passed.
   * @see spec/clauses.md [PAY-4.2] [PAY-4.3]
   */
  post(pending: string, amountMicro: bigint, atMs: number, batch: Batch): ResolveStatus {
    const hold = this.holds.get(pending)
    if (!hold || isOver(hold, atMs)) return 'not_found'
    if (amountMicro === 0n) return 'nothing_to_move'
    assert(amountMicro > 0n, 'an amount is not negative')
    if (amountMicro > hold.leftMicro) return 'exceeds_pending'
    this.touch(hold.debit).debitsMicro += amountMicro
    this.touch(hold.credit).creditsMicro += amountMicro
    hold.posts++
    this.resolve(hold, 'post', `${pending}/post/${hold.posts}`, amountMicro, atMs, batch)
    return 'resolved'
  }

  /** Gives back what is left of a pending transfer. */
  void(pending: string, atMs: number, batch: Batch): ResolveStatus {
    const hold = this.holds.get(pending)
    if (!hold) return 'not_found'
    this.resolve(hold, 'void', `${pending}/void`, hold.leftMicro, atMs, batch)
    return 'resolved'
  }

  /** Gives back what is left of every pending transfer whose interval has passed. */
  expire(nowMs: number, batch: Batch): void {
    for (const hold of [...this.holds.values()]) {
      if (!isOver(hold, nowMs)) continue
      this.resolve(hold, 'expire', `${hold.purpose}/expire`, hold.leftMicro, nowMs, batch)
    }
  }

  /** Devices whose earnings have changed since the last call, up to the last flush. */
  takeTouchedDevices(): DeviceId[] {
    const devices = [...this.touchedDevices]
    this.touchedDevices.clear()
    return devices
  }

  /** Writes the balances that changed since the last flush, one row each however many transfers touched them. */
  flush(batch: Batch): void {
    for (const row of this.dirty) {
      batch.write({ table: 'account', row: { ...row } })
      const [kind, subject = ''] = row.id.split(':')
      if (kind === 'holdback' || kind === 'available') this.touchedDevices.add(deviceId(subject))
    }
    this.dirty.clear()
    this.fresh.clear()
  }

  private check({ debit, credit, amountMicro, purpose }: TransferRequest): TransferStatus {
    assert(amountMicro >= 0n, 'an amount is not negative')
    assert(debit !== credit, 'a transfer joins two accounts')
    if (amountMicro === 0n) return 'nothing_to_move'
    const known = this.fresh.get(purpose) ?? this.booked(purpose)?.amountMicro
    if (known !== undefined) return known === amountMicro ? 'exists' : 'exists_with_different_amount'
    if (debit !== TREASURY && this.availableMicro(debit) < amountMicro) return 'insufficient'
    return 'created'
  }

  private resolve(
    hold: HoldRow,
    phase: TransferPhase,
    purpose: string,
    amountMicro: bigint,
    atMs: number,
    batch: Batch,
  ): void {
    const { kind, debit, credit, purpose: pending } = hold
    this.touch(debit).debitsPendingMicro -= amountMicro
    this.touch(credit).creditsPendingMicro -= amountMicro
    hold.leftMicro -= amountMicro
    if (hold.leftMicro === 0n) {
      this.holds.delete(pending)
      batch.write({ table: 'hold-delete', purpose: pending })
    } else batch.write({ table: 'hold', row: { ...hold } })
    this.book({ kind, phase, debit, credit, amountMicro, purpose, pending, timeoutMs: null, basis: null }, atMs, batch)
  }

  private book(
    transfer: Omit<TransferRow, 'id' | 'atMs'> & { basis: Basis | null },
    wallMs: number,
    batch: Batch,
  ): void {
    const { basis, ...row } = transfer
    const atMs = Math.round(wallMs)
    this.count++
    this.fresh.set(row.purpose, row.amountMicro)
    batch.write({ table: 'transfer', row: { id: transferId(row.purpose), ...row, atMs } })
    batch.record({ type: 'transfer', ...row, atMs, basis })
  }

  private touch(id: string): AccountRow {
    let row = this.accounts.get(id)
    if (!row) {
      const sums = { debitsMicro: 0n, creditsMicro: 0n, debitsPendingMicro: 0n, creditsPendingMicro: 0n }
      row = { id, ...sums, remainder: 0 }
      this.accounts.set(id, row)
    }
    this.dirty.add(row)
    return row
  }
}

/** Whether its interval has passed: nothing of it may be posted then. */
const isOver = ({ atMs, timeoutMs }: HoldRow, nowMs: number): boolean => nowMs - atMs >= timeoutMs

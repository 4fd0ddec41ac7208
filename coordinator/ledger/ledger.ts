/**
 * The region's books: double entry, integer micro-credits, append-only transfers. Pure: it changes balances in memory and
 * leaves the rows in the batch.
 */
import { createHash } from 'node:crypto'
import { assert, type CampaignId, type DeviceId, type JobId, type SubmitterName } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { AccountRow, TransferKind } from '../store/rows.ts'

export const TREASURY = 'treasury'
export const FEE = 'fee'
export const SLASHED = 'slashed'
export const submitterAccount = (name: SubmitterName): string => `submitter:${name}`
/** Of a job or of a campaign. */
export const escrowAccount = (business: JobId | CampaignId): string => `escrow:${business}`
export const holdbackAccount = (device: DeviceId): string => `holdback:${device}`
export const availableAccount = (device: DeviceId): string => `available:${device}`

/**
 * The id of the transfer that pays for `purpose`: the first 16 bytes of SHA-256 in hex, so the same purpose has the same id
 * and the store refuses to book it twice.
 */
export function transferId(purpose: string): string {
  return createHash('sha256').update(purpose).digest('hex').slice(0, 32)
}

export interface TransferRequest {
  kind: TransferKind
  debit: string
  credit: string
  amountMicro: bigint
  /** Names exactly what is paid for; never reused. */
  purpose: string
}

/** In order of precedence. */
export type TransferStatus = 'nothing_to_move' | 'insufficient' | 'created'

export class Ledger {
  private readonly accounts = new Map<string, AccountRow>()
  private readonly dirty = new Set<AccountRow>()
  private count: number

  constructor(accounts: Iterable<AccountRow>, transferCount: number) {
    for (const row of accounts) this.accounts.set(row.id, row)
    this.count = transferCount
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

  /**
   * Books one transfer.
   * @returns `insufficient` when the debit account holds less than the amount; nothing has changed then
   */
  transfer(request: TransferRequest, atMs: number, batch: Batch): TransferStatus {
    const { kind, debit, credit, amountMicro, purpose } = request
    assert(amountMicro >= 0n, 'an amount is not negative')
    assert(debit !== credit, 'a transfer joins two accounts')
    if (amountMicro === 0n) return 'nothing_to_move'
    if (debit !== TREASURY && this.balanceMicro(debit) < amountMicro) return 'insufficient'
    this.touch(debit).debitsMicro += amountMicro
    this.touch(credit).creditsMicro += amountMicro
    this.count++
    batch.write({
      table: 'transfer',
      row: { id: transferId(purpose), kind, debit, credit, amountMicro, purpose, atMs },
    })
    return 'created'
  }

  /** Writes the balances that changed since the last flush, one row each however many transfers touched them. */
  flush(batch: Batch): void {
    for (const row of this.dirty) batch.write({ table: 'account', row: { ...row } })
    this.dirty.clear()
  }

  private touch(id: string): AccountRow {
    let row = this.accounts.get(id)
    if (!row) {
      row = { id, debitsMicro: 0n, creditsMicro: 0n }
      this.accounts.set(id, row)
    }
    this.dirty.add(row)
    return row
  }
}
